import Accounts
import DemandResponse
import HTTPTypes
import Hummingbird
import Measures
import MeterData
import Persistence

/// Imports of readings, and the jobs that do them.
enum ImportAPI {
    private static let options = [
        Operation.Parameter(name: "file", shape: .text(1...190), about: "Name of the file; 'file' without it."),
        Operation.Parameter(
            name: "meter", shape: .integer(1...Int64.max), about: "The meter of a table whose rows name none."),
        Operation.Parameter(
            name: "unit", shape: .word(ImportPlan.Unit.allCases.map(\.rawValue)), about: "In place of what is found."),
        Operation.Parameter(
            name: "zone", shape: .text(1...64), about: "IANA zone of times without offset, in place of what is found."),
        Operation.Parameter(
            name: "stampsEnd", shape: .boolean, about: "Whether times are the ends of their intervals."),
        Operation.Parameter(
            name: "skipBadRows", shape: .boolean, about: "Imports the good rows; otherwise all rows or none."),
    ]

    static let routes: [Route] = [
        .api(
            .get, "/imports", .needs(.seeOwn), "Imports of your meters, the newest first",
            Operation(tag: "Imports", query: Operation.paging, answer: .list("Import"))
        ) { visit in
            try visit.checkQuery(Operation.paging)
            let part = try await visit.portal.imports.imports(
                seenBy: try visit.viewer, PartRequest(after: try visit.cursor(), limit: visit.limit))
            return try visit.list(
                Resources.imported, part.rows,
                next: part.hasMore ? part.rows.last.map { "\($0.batch.id.rawValue)" } : nil)
        },
        .api(
            .post, "/imports", .needs(.editReadings), "Import a table of readings (CSV)",
            Operation(
                tag: "Imports", query: options, media: "text/csv", answer: .accepted("Job"),
                refusals: [.notFound, .conflict, .unprocessableContent], isCreation: true),
            bodyLimit: UploadStore.largest, begin),
        .api(
            .get, "/imports/{import}", .needs(.seeOwn), "An import", Operation(tag: "Imports", answer: .one("Import"))
        ) { visit in
            try visit.json(Resources.imported.json(try await ImportPages.find(visit)))
        },
        .api(
            .post, "/imports/{import}/undo", .needs(.editReadings), "Take an import back",
            Operation(tag: "Imports", answer: .one("Import"), refusals: [.conflict])
        ) { visit in
            _ = try await ImportPages.undo(visit)
            return try visit.json(Resources.imported.json(try await ImportPages.find(visit)))
        },
        .api(
            .get, "/jobs", .needs(.seeOwn), "Your jobs, the newest first",
            Operation(tag: "Jobs", query: Operation.paging, answer: .list("Job"))
        ) { visit in
            try visit.checkQuery(Operation.paging)
            let part = try await visit.portal.jobs.jobs(
                seenBy: try visit.viewer, PartRequest(after: try visit.cursor(), limit: visit.limit))
            return try visit.list(
                Resources.job, part.rows, next: part.hasMore ? part.rows.last.map { "\($0.id)" } : nil)
        },
        .api(.get, "/jobs/{job}", .needs(.seeOwn), "How far a job is", Operation(tag: "Jobs", answer: .one("Job"))) {
            visit in
            try visit.json(Resources.job.json(try await JobPages.find(visit)))
        },
    ]

    @Sendable private static func begin(_ visit: Visit) async throws -> Response {
        let type = visit.request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
        guard type == "text/csv" else {
            throw Problem(
                status: .unsupportedMediaType, kind: "media-type", title: "Only CSV", detail: "Send text/csv.")
        }
        try visit.checkQuery(options)
        var work = JobStore.ImportWork(
            unit: visit.query.optional("unit"), zone: visit.query.optional("zone"),
            stampsEnd: visit.query.optional("stampsEnd").map { $0 == "true" },
            skipsBadRows: visit.query.text("skipBadRows") == "true")
        if let zone = work.zone, (try? ZoneRules(database: zone)) == nil {
            throw Problem.badRequest("The query does not fit.", fields: ["zone": "is no IANA time zone"])
        }
        if work.unit?.isEmpty ?? false { work.unit = nil }
        let meter = try await ImportPages.meter(visit.query.text("meter"), visit)
        guard !visit.body.isEmpty else { throw Problem.badRequest("The body is empty.") }
        return try await visit.once(status: .accepted) { [work] in
            let id = try await ImportPages.keep(visit.body, named: visit.query.text("file"), meter: meter, visit)
            guard let upload = try await visit.portal.uploads.upload(id, of: try visit.viewer.account) else {
                throw Problem.notFound
            }
            let number = try await visit.portal.jobs.add(work, upload: upload, origin: visit.origin)
            let found = try await visit.portal.jobs.jobs(number, seenBy: try visit.viewer, PartRequest(limit: 1))
            guard let job = found.rows.first else { throw Problem.notFound }
            return (Resources.job.json(job), "/api/v1/jobs/\(number)")
        }
    }
}

extension Resources {
    static let imported = Resource<ImportQueries.Row>(
        name: "Import",
        members: [
            .init("id", .integer(1...Int64.max), "Number of the import.") { .integer($0.batch.id.rawValue) },
            .init("file", .text, "Name of the file.") { .text($0.batch.file) },
            .init("actor", .text, "Who imported it.") { .text($0.batch.actor.name) },
            .init("state", .word(["running", "done", "undone"]), "Where it stands.") { .text($0.batch.state.rawValue) },
            .init("startedAt", .instant, "When it was begun.") { .text($0.batch.startedAt.description) },
            .init("finishedAt", .orNull(.instant), "When it was done.") {
                .optional($0.batch.finishedAt) { .text($0.description) }
            },
            .init("values", .integer, "Values that were taken.") { .integer(Int64($0.batch.values)) },
            .init("refused", .integer, "Rows that were left out.") { .integer(Int64($0.batch.refused)) },
            .init(
                "problems",
                .list(
                    .object([
                        .init(name: "line", shape: .integer, about: "Of the file, from 1."),
                        .init(name: "reason", shape: .text, about: "Why it was left out."),
                    ]), 0...100), "The first of them."
            ) {
                .array($0.batch.problems.map { ["line": .integer(Int64($0.line)), "reason": .text($0.reason)] })
            },
            .init("meters", .list(.text, 0...100_000), "The meters whose readings it wrote, by name.") {
                .array($0.meters.map { .text($0) })
            },
            .init("undoneAt", .orNull(.instant), "When it was taken back.") {
                .optional($0.undoneAt) { .text($0.description) }
            },
        ])

    static let job = Resource<JobStore.Job>(
        name: "Job",
        members: [
            .init("id", .integer(1...Int64.max), "Number of the job.") { .integer($0.id) },
            .init("kind", .word(["import"]), "What is done.") { _ in "import" },
            .init("title", .text, "For people.") { .text($0.title) },
            .init("state", .word(JobStore.State.allCases.map(\.rawValue)), "Where it stands.") {
                .text($0.state.rawValue)
            },
            .init("done", .integer, "Bytes that were read.") { .integer($0.done) },
            .init("total", .integer, "Bytes in all.") { .integer($0.total) },
            .init("result", .text, "What came of it; empty until then.") { .text($0.result) },
            .init("import", .orNull(.integer), "The import that came of it.") {
                .optional($0.batch) { .integer($0.rawValue) }
            },
            .init("createdAt", .instant, "When it was asked for.") { .text($0.createdAt.description) },
            .init("finishedAt", .orNull(.instant), "When it ended.") {
                .optional($0.finishedAt) { .text($0.description) }
            },
        ])

    static let edit = Resource<Cleaning>(
        name: "Edit",
        members: [
            .init("id", .integer(1...Int64.max), "Number of the version that it made.") { .integer($0.id.rawValue) },
            .init("meter", .integer(1...Int64.max), "Number of the meter.") { .integer($0.meter.rawValue) },
            .init("from", .instant, "First moment that was looked at.") { .text($0.window.start.description) },
            .init("to", .instant, "First moment after.") { .text($0.window.end.description) },
            .init("actor", .text, "Who.") { .text($0.actor.name) },
            .init("reason", .text, "Why.") { .text($0.reason) },
            .init("isByHand", .boolean, "Whether a person gave the value; otherwise rules did.") {
                .boolean($0.rules == nil)
            },
            .init("intervals", .integer, "How many intervals it changed.") { .integer(Int64($0.edits)) },
            .init("madeAt", .instant, "When.") { .text($0.madeAt.description) },
            .init("undoneAt", .orNull(.instant), "When it was undone; null while it counts.") {
                .optional($0.undoneAt) { .text($0.description) }
            },
        ])
}
