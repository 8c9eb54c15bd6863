import Accounts
import Crypto
import DemandResponse
import HTTPTypes
import Hummingbird
import Measures
import MeterData
import Persistence

/// Files of readings: send one, see how it is read, import it, take it back.
enum ImportPages {
    static let routes: [Route] = [
        .page(.get, "/imports", .needs(.seeOwn), "List of imports, and the form that sends a file") { visit in
            try await list(visit)
        },
        .page(
            .post, "/imports", .needs(.editReadings), "Send a file of readings",
            bodyLimit: UploadStore.largest + (64 << 10), send),
        .page(
            .get, "/imports/uploads/{upload}", .needs(.editReadings), "How a file would be read, and its bad rows",
            preview),
        .page(.post, "/imports/uploads/{upload}", .needs(.editReadings), "Import the file", order),
        .page(.get, "/imports/{import}", .needs(.seeOwn), "An import with the rows that were left out", show),
        .page(.post, "/imports/{import}/undo", .needs(.editReadings), "Take an import back") { visit in
            let id = try await undo(visit)
            return .redirect(to: "/imports/\(id.rawValue)?done=undone")
        },
        .page(.get, "/jobs", .needs(.seeOwn), "List of jobs", JobPages.list),
        .page(.get, "/jobs/{job}", .needs(.seeOwn), "How far a job is", JobPages.show),
    ]

    // MARK: The list

    private static func list(_ visit: Visit, error: String? = nil) async throws -> Response {
        let viewer = try visit.viewer
        let part = try await visit.portal.imports.imports(
            seenBy: viewer, PartRequest(after: Int64(visit.query.text("after"))))
        let meters = try await visit.portal.meters.meters(seenBy: viewer, PartRequest(limit: 200))
        let chosen = visit.query.text("meter")
        var data: PageData = [
            "rows": part.rows.map(line), "isEmpty": part.rows.isEmpty, "mayImport": viewer.may(.editReadings),
            "meters": meters.rows.map { row in
                [
                    "id": row.meter.id.rawValue, "name": row.meter.description.name,
                    "isOn": chosen == "\(row.meter.id.rawValue)",
                ] as PageData
            },
            "limit": "\(UploadStore.largest >> 20) MiB",
        ]
        if let error { data["error"] = error }
        if part.hasMore, let last = part.rows.last { data["more"] = last.batch.id.rawValue }
        return try visit.portal.page("imports", "Imports", visit, data, status: error == nil ? .ok : .badRequest)
    }

    private static func line(_ row: ImportQueries.Row) -> PageData {
        let batch = row.batch
        let meters = row.meters.prefix(3).joined(separator: ", ")
        return [
            "id": batch.id.rawValue, "file": batch.file, "actor": batch.actor.name,
            "at": Written.time(batch.startedAt), "values": Written.number(Double(batch.values), 0),
            "refused": batch.refused, "hasRefused": batch.refused > 0, "state": batch.state.rawValue,
            "tone": batch.state == .done ? "live" : batch.state == .undone ? "off" : "plan",
            "meters": row.meters.count > 3 ? "\(meters) and \(row.meters.count - 3) more" : meters,
        ]
    }

    // MARK: Sending

    @Sendable private static func send(_ visit: Visit) async throws -> Response {
        let form = try visit.multipart
        let meter = try await meter(form.fields["meter"] ?? "", visit)
        guard let file = form.files["file"], !file.bytes.isEmpty else {
            return try await list(visit, error: "Choose a file.")
        }
        do {
            let id = try await keep(file.bytes, named: file.name, meter: meter, visit)
            return .redirect(to: "/imports/uploads/\(id)")
        } catch let error as Problem where error.status == .badRequest {
            return try await list(visit, error: error.detail)
        }
    }

    /// One of the sender's meters, or none.
    static func meter(_ text: String, _ visit: Visit) async throws -> MeterID? {
        guard !text.isEmpty else { return nil }
        guard let number = Int64(text), number > 0,
            let row = try await visit.portal.meters.meter(MeterID(number), seenBy: try visit.viewer)
        else { throw Problem.notFound }
        return row.meter.id
    }

    /// Keeps a file that can be read at all.
    static func keep(_ bytes: [UInt8], named name: String, meter: MeterID?, _ visit: Visit) async throws -> Int64 {
        guard bytes.count <= UploadStore.largest else { throw Problem.tooLarge }
        do {
            let sample = Array(bytes.prefix(TableSniffer.sampleBytes))
            _ = try TableSniffer.plan(sample, isWhole: sample.count == bytes.count)
        } catch {
            throw Problem.badRequest("\(error) \(error.hint).", fields: ["file": "\(error)"])
        }
        return try await visit.portal.uploads.keep(
            bytes, named: name.isEmpty ? "file" : name, digest: Array(SHA256.hash(data: bytes)), meter: meter,
            of: try visit.viewer.account, now: visit.now)
    }

    private static func upload(_ visit: Visit) async throws -> UploadStore.Upload {
        guard
            let upload = try await visit.portal.uploads.upload(
                try visit.number("upload"), of: try visit.viewer.account)
        else { throw Problem.notFound }
        return upload
    }

    // MARK: Looking before importing

    /// How the sender wants the file to be read.
    private static func work(_ form: Form) throws -> JobStore.ImportWork {
        var work = JobStore.ImportWork(skipsBadRows: form.isOn("skip"))
        if let unit = form.optional("unit") {
            guard ImportPlan.Unit(rawValue: unit) != nil else {
                throw Problem.badRequest("There is no unit '\(unit)'.")
            }
            work.unit = unit
        }
        if let zone = form.optional("zone") {
            guard (try? ZoneRules(database: zone)) != nil else {
                throw Problem.badRequest("'\(zone)' is no time zone such as Europe/Berlin.")
            }
            work.zone = zone
        }
        switch form.text("stamps") {
        case "start": work.stampsEnd = false
        case "end": work.stampsEnd = true
        default: break
        }
        return work
    }

    @Sendable private static func preview(_ visit: Visit) async throws -> Response {
        let upload = try await upload(visit)
        let work = try work(visit.query)
        let reading = UploadReading(upload: upload, work: work)
        let row: MeterQueries.Row? =
            if let meter = upload.meter {
                try await visit.portal.meters.meter(meter, seenBy: try visit.viewer)
            } else {
                nil
            }
        var data: PageData = [
            "id": upload.id, "file": upload.file, "size": "\(Written.number(Double(upload.content.count) / 1_024)) KiB",
            "meter": row?.meter.description.name ?? "", "zoneField": work.zone ?? "",
            "units": ImportPlan.Unit.allCases.map {
                ["unit": $0.rawValue, "isOn": $0.rawValue == work.unit] as PageData
            },
            "isStart": work.stampsEnd == false, "isEnd": work.stampsEnd == true, "unit": work.unit ?? "",
            "stamps": visit.query.text("stamps"),
        ]
        do {
            let plan = try reading.plan()
            let report = try await reading.run(visit.portal, try visit.viewer, isDryRun: true)
            let zone = try row.map { try ZoneRules(database: $0.meter.description.zone) } ?? .utc
            describe(plan, report, try reading.firstValues(20, meterZone: zone), &data)
        } catch {
            guard let objection = UploadReading.objection(error) else { throw error }
            data["objection"] = objection
        }
        return try visit.portal.page("import-preview", "Look at \(upload.file)", visit, data)
    }

    private static func describe(
        _ plan: ImportPlan, _ report: ImportReport, _ values: [ImportedValue], _ data: inout PageData
    ) {
        data["isRead"] = true
        data["delimiter"] = plan.delimiter == "\t" ? "tab" : plan.delimiter
        data["planUnit"] = plan.unit.rawValue
        data["step"] = Written.span(.seconds(plan.step))
        data["clock"] =
            switch plan.clock {
            case .stated: "as each time says"
            case .utc: "UTC"
            case .meter: "that of the meter's place"
            case .zone(let name): name
            }
        data["moment"] = plan.stampsEnd ? "the end of the interval" : "the beginning of the interval"
        data["notes"] = plan.notes
        data["values"] = Written.number(Double(report.values), 0)
        data["meterCount"] = report.meters.count
        data["from"] = Written.time(report.window?.start)
        data["to"] = Written.time(report.window?.end)
        data["missing"] = report.missing
        data["refused"] = report.refused
        data["hasRefused"] = report.refused > 0
        data["problems"] = report.problems.map { ["line": $0.line, "reason": $0.reason] as PageData }
        data["mayImport"] = report.values > 0
        data["rows"] = values.map { value in
            [
                "meter": value.meter, "start": Written.time(value.start), "span": Written.span(value.duration),
                "value": Written.number(value.value / 1_000, 3),
            ] as PageData
        }
    }

    @Sendable private static func order(_ visit: Visit) async throws -> Response {
        let upload = try await upload(visit)
        let job = try await visit.portal.jobs.add(
            try work(try visit.form), upload: upload, origin: visit.origin)
        return .redirect(to: "/jobs/\(job)")
    }

    // MARK: One import

    /// The import of the path, when the viewer may see it.
    static func find(_ visit: Visit) async throws -> ImportQueries.Row {
        let id = BatchID(try visit.number("import"))
        let part = try await visit.portal.imports.imports(id, seenBy: try visit.viewer, PartRequest(limit: 1))
        guard let row = part.rows.first else { throw Problem.notFound }
        return row
    }

    @Sendable private static func show(_ visit: Visit) async throws -> Response {
        let row = try await find(visit)
        var data = line(row)
        data["allMeters"] = row.meters.joined(separator: ", ")
        data["finished"] = Written.time(row.batch.finishedAt)
        data["problems"] = row.batch.problems.map { ["line": $0.line, "reason": $0.reason] as PageData }
        data["mayUndo"] = try visit.viewer.may(.editReadings) && row.batch.state != .undone
        data["isUndone"] = row.batch.state == .undone
        data["undoneAt"] = Written.time(row.undoneAt)
        data["undoneBy"] = row.undoneBy ?? ""
        return try visit.portal.page("import", "Import \(row.batch.id.rawValue)", visit, data)
    }

    static func undo(_ visit: Visit) async throws -> BatchID {
        let row = try await find(visit)
        let viewer = try visit.viewer
        do {
            try await ImportStore(visit.portal.parts.pool).undo(
                row.batch.id, by: Actor(viewer.email), from: visit.address)
        } catch let refusal as ImportRefusal {
            throw Problem.conflict("\(refusal)")
        }
        return row.batch.id
    }
}

/// Work that goes on after the answer.
enum JobPages {
    @Sendable static func list(_ visit: Visit) async throws -> Response {
        let part = try await visit.portal.jobs.jobs(
            seenBy: try visit.viewer, PartRequest(after: Int64(visit.query.text("after"))))
        var data: PageData = ["rows": part.rows.map { line($0) }, "isEmpty": part.rows.isEmpty]
        if part.hasMore, let last = part.rows.last { data["more"] = last.id }
        return try visit.portal.page("jobs", "Jobs", visit, data)
    }

    static func find(_ visit: Visit) async throws -> JobStore.Job {
        let part = try await visit.portal.jobs.jobs(
            try visit.number("job"), seenBy: try visit.viewer, PartRequest(limit: 1))
        guard let job = part.rows.first else { throw Problem.notFound }
        return job
    }

    private static func line(_ job: JobStore.Job) -> PageData {
        let tone =
            switch job.state {
            case .waiting, .running: "plan"
            case .done: "live"
            case .failed: "off"
            }
        return [
            "id": job.id, "title": job.title, "state": job.state.rawValue, "tone": tone, "email": job.email,
            "at": Written.time(job.createdAt), "finished": Written.time(job.finishedAt), "result": job.result,
            "share": job.total > 0 ? min(100, 100 * job.done / job.total) : 0,
        ]
    }

    @Sendable static func show(_ visit: Visit) async throws -> Response {
        let job = try await find(visit)
        var data = line(job)
        data["isOpen"] = job.finishedAt == nil
        if let batch = job.batch { data["batch"] = batch.rawValue }
        var response = try visit.portal.page("job", "Job \(job.id)", visit, data)
        // The state is looked at again, with scripts or without.
        if job.finishedAt == nil, let refresh = HTTPField.Name("Refresh") { response.headers[refresh] = "5" }
        return response
    }
}
