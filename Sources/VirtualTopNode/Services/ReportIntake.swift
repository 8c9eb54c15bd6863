import Measures
import OpenADR

/// Turns `oadrUpdateReport` into measurements in W and Wh. A report that breaks a rule leaves nothing behind; the others
/// of its message count.
struct ReportIntake {
    let ven: VENRecord
    let now: Instant
    let offers: [ReportOffer]
    let requests: [ReportRequestRecord]
    let outbox: [OutboxRow]

    func update(_ message: UpdateReport, makeID: () -> String) -> Decision {
        var changes: [TopNodeChange] = []
        var refusal: Refusal?
        var unwanted: [ReportRequestID] = []
        var known = Dictionary(uniqueKeysWithValues: requests.map { ($0.requestID, $0) })
        for report in message.reports {
            do throws(Refusal) {
                let request = try request(of: report, among: known)
                changes.append(.record(try measurements(report, request)))
                let after = advanced(request, &unwanted, &changes)
                if after != request { changes.append(.saveRequest(after)) }
                known[request.requestID] = after
            } catch {
                refusal = refusal ?? error
            }
        }
        let response = EiResponse(
            code: refusal?.code ?? .success, description: refusal?.explanation, requestID: message.requestID)
        let cancel =
            unwanted.isEmpty
            ? nil : CancelReport(requestID: RequestID(makeID()), reportRequestIDs: unwanted, venID: ven.venID)
        return Decision(
            answer: .updatedReport(UpdatedReport(response: response, cancel: cancel, venID: ven.venID)),
            changes: changes,
            references: cancel.map { [$0.requestID.rawValue] + unwanted.map(\.rawValue) } ?? [])
    }

    /// Where the request stands once its data has come. One that the VTN wants no more, and has not told the VEN so yet, is
    /// cancelled in the answer (rule 328); data that comes after that is cancelled by a message of its own (rule 335).
    private func advanced(
        _ request: ReportRequestRecord, _ unwanted: inout [ReportRequestID], _ changes: inout [TopNodeChange]
    ) -> ReportRequestRecord {
        var after = request
        let key = OutboxRow.Key(venID: ven.venID, kind: .cancelReport, subject: request.requestID.rawValue)
        switch request.state {
        case .cancelling where request.reportToFollow: break
        case .cancelling where outbox.contains { $0.key == key && $0.sendCount == 0 }:
            unwanted.append(request.requestID)
            changes.append(.removeRow(key))
        case .cancelling where !outbox.contains { $0.key == key }:
            guard !unwanted.contains(request.requestID) else { break }
            changes.append(.saveRow(OutboxRow(key: key, enqueuedAt: now)))
        case .finishing: after.state = .ended
        case .requested, .refused, .accepted:
            after.state = request.backDuration == .zero ? .ended : .accepted
        case .cancelling, .ended: break
        }
        return after
    }

    // MARK: What a report must be

    private func request(
        of report: DataReport, among known: [ReportRequestID: ReportRequestRecord]
    ) throws(Refusal) -> ReportRequestRecord {
        guard let request = known[report.requestID], request.state != .ended, !request.isForMetadata else {
            throw .unknown("reportRequestID")
        }
        guard request.specifierID == report.specifierID else { throw .unknown("reportSpecifierID") }
        guard report.name?.offered == nil else {
            throw Refusal(code: .complianceError, explanation: "data under the name of metadata")
        }
        // Green Button says itself when what was (rule 316).
        guard report.intervals.allSatisfy(\.greenButton.isEmpty) else { return request }
        let starts = report.intervals.filter { $0.start != nil }.count
        let durations = report.intervals.filter { $0.duration != nil }.count
        let count = report.intervals.count
        guard [0, count].contains(starts), [0, count].contains(durations) else {
            throw Refusal(code: .complianceError, explanation: "some intervals have a start or a duration, others none")
        }
        if starts == 0, count > 1 {
            guard report.start != nil, durations == count else {
                throw Refusal(code: .complianceError, explanation: "intervals without starts and durations")
            }
            let uids = report.intervals.map(\.uid)
            guard uids.allSatisfy({ $0 != nil }) else {
                throw Refusal(code: .complianceError, explanation: "intervals without starts and uids")
            }
            guard uids.enumerated().allSatisfy({ $0.offset == $0.element }) else {
                throw Refusal(code: .outOfSequence, explanation: "the uids are not 0, 1, 2, …")
            }
        }
        return request
    }

    private func measurements(_ report: DataReport, _ request: ReportRequestRecord) throws(Refusal) -> [Measurement] {
        guard let offer = offers.first(where: { $0.specifierID == report.specifierID }) else {
            throw .unknown("reportSpecifierID")
        }
        guard report.createdDateTime.isStorable else { throw .outOfRange }
        var measurements: [Measurement] = []
        var next = report.start
        for interval in report.intervals {
            for feed in interval.greenButton {
                measurements += try GreenButtonIntake(
                    ven: ven.venID, offer: offer, request: request, report: report, now: now
                ).measurements(feed)
            }
            guard !interval.payloads.isEmpty else { continue }
            guard let start = interval.start ?? next else {
                throw Refusal(code: .complianceError, explanation: "an interval without a start")
            }
            guard start.isStorable else { throw .outOfRange }
            for payload in interval.payloads {
                guard let point = offer.dataPoints.first(where: { $0.rID == payload.rID }),
                    request.dataPoints.contains(payload.rID)
                else { throw .unknown("rID") }
                measurements.append(
                    try measurement(payload, point, report, request, start: start, duration: interval.duration))
            }
            next = interval.duration.map { start + $0 }
        }
        return measurements
    }

    private func measurement(
        _ payload: ReportPayload, _ point: OfferedDataPoint, _ report: DataReport, _ request: ReportRequestRecord,
        start: Instant, duration: TimeSpan?
    ) throws(Refusal) -> Measurement {
        var quality = Measurement.Quality(payload.quality)
        if let confidence = payload.confidence, confidence < 50, quality == .ok { quality = .estimated }
        var span = duration.flatMap { $0 > .zero ? $0 : nil }
        // An energy belongs to a span; some VENs leave it out and mean the sampling step.
        if span == nil, case .wattHours = point.unit, request.granularity > .zero {
            span = request.granularity
            if quality == .ok { quality = .estimated }
        }
        return Measurement(
            venID: ven.venID, specifierID: report.specifierID, rID: payload.rID, resource: point.resource,
            start: start, duration: span,
            value: quality == .missing ? .missing : try value(of: payload, in: point.unit),
            quality: quality, confidence: payload.confidence, accuracy: try accuracy(of: payload, in: point.unit),
            reportedAt: report.createdDateTime, receivedAt: now)
    }

    private func value(of payload: ReportPayload, in unit: MeasurementUnit) throws(Refusal) -> Measurement.Value {
        switch payload.value {
        case .resourceStatus(let status):
            return .status(
                isOnline: status.isOnline, isManuallyOverridden: status.isManuallyOverridden,
                loadControl: status.loadControl)
        case .float(let number):
            guard number.isFinite, number.magnitude <= Self.largest else { throw .outOfRange }
            switch unit {
            case .watts(let scale): return .power(Watts(number * scale))
            case .wattHours(let scale): return .energy(WattHours(number * scale))
            case .other: return .number(number)
            }
        }
    }

    private func accuracy(of payload: ReportPayload, in unit: MeasurementUnit) throws(Refusal) -> Double? {
        guard let accuracy = payload.accuracy else { return nil }
        guard accuracy.isFinite, accuracy.magnitude <= Self.largest else { throw .outOfRange }
        return switch unit {
        case .watts(let scale), .wattHours(let scale): accuracy * scale
        case .other: accuracy
        }
    }

    /// Beyond any load on earth; what is larger is a fault of the sender.
    static let largest = 1e12
}
