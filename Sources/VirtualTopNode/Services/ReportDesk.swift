import Measures
import OpenADR

/// EiReport for one VEN: its offers, what it is asked for, and what it answers to that.
struct ReportDesk {
    let ven: VENRecord
    let configuration: TopNodeConfiguration
    let now: Instant
    let requests: [ReportRequestRecord]

    /// Metadata is complete, replaces what was known, and ends every request for data (rule 306). What the VTN wants
    /// of the new offers goes out in the answer.
    ///
    /// A message without an id is known by its content: the same offers again end nothing and get the same requests.
    func register(
        _ message: RegisterReport, known: [ReportOffer], outbox: [OutboxRow], makeID: () -> String
    ) throws(Refusal) -> Decision {
        let offers = try message.reports.map(offer)
        guard Set(offers.map(\.specifierID)).count == offers.count else {
            throw Refusal(code: .complianceError, explanation: "a reportSpecifierID occurs twice")
        }
        let answered = try metadataRequest(message.reportRequestID)
        if message.requestID.isEmpty, !offers.isEmpty, offers.sorted(by: Self.isBefore) == known {
            let open = requests.filter { !$0.isForMetadata && [.requested, .accepted].contains($0.state) }
            let answer = RegisteredReport(
                response: EiResponse(), requests: open.map(\.message), venID: ven.venID)
            return Decision(answer: .registeredReport(answer), changes: answered)
        }
        let wanted = offers.compactMap { request(for: $0, makeID: makeID) }
        let metadata = Set(requests.filter(\.isForMetadata).map(\.requestID.rawValue))
        let rows = outbox.filter {
            [.createReport, .cancelReport].contains($0.key.kind) && !metadata.contains($0.key.subject)
        }
        let answer = RegisteredReport(
            response: EiResponse(requestID: message.requestID), requests: wanted.map(\.message), venID: ven.venID)
        return Decision(
            answer: .registeredReport(answer),
            changes: requests.filter { !$0.isForMetadata }.ended() + answered + rows.map { .removeRow($0.key) } + [
                .replaceOffers(ven.venID, offers)
            ]
                + wanted.map { .saveRequest($0) },
            references: wanted.map(\.requestID.rawValue))
    }

    private static func isBefore(_ left: ReportOffer, _ right: ReportOffer) -> Bool {
        left.specifierID < right.specifierID
    }

    /// What metadata that was asked for does to its request: one that asked once is answered (rule 311).
    private func metadataRequest(_ id: ReportRequestID?) throws(Refusal) -> [TopNodeChange] {
        guard let id, !id.isEmpty, id != .metadata else { return [] }
        guard var request = requests.first(where: { $0.requestID == id && $0.isForMetadata }), request.state != .ended
        else { throw .unknown("reportRequestID") }
        request.state = request.backDuration == .zero ? .ended : .accepted
        let row = OutboxRow.Key(venID: ven.venID, kind: .createReport, subject: id.rawValue)
        return [.saveRequest(request), .removeRow(row)]
    }

    /// The VEN says which requests it follows; an error means that it refuses the others it was asked (rule 329).
    func created(_ message: CreatedReport, outbox: [OutboxRow]) throws(Refusal) -> Decision {
        let known = Set(requests.map(\.requestID))
        guard message.pending.allSatisfy(known.contains) else { throw .unknown("reportRequestID") }
        let unsent = Set(
            outbox.filter { $0.key.kind == .createReport && $0.sendCount == 0 }.map(\.key.subject))
        var changes: [TopNodeChange] = []
        for request in requests where !unsent.contains(request.requestID.rawValue) {
            var answered = request
            if message.pending.contains(request.requestID) {
                if request.state == .requested || request.state == .refused { answered.state = .accepted }
            } else if request.state == .requested {
                // One that asks once is not scheduled, and its data may still be on its way (rule 329).
                let isOnce = request.backDuration == .zero
                answered.state =
                    !message.response.code.isSuccess ? .refused : isOnce ? .accepted : .ended
            }
            guard answered != request else { continue }
            changes.append(.saveRequest(answered))
        }
        changes += outbox.filter { $0.key.kind == .createReport && $0.sendCount > 0 }.map { .removeRow($0.key) }
        return Decision(answer: acknowledgement(message.response), changes: changes)
    }

    /// The VEN ended what it was told to end; what it still lists it could not end (rule 336).
    func canceled(_ message: CanceledReport, outbox: [OutboxRow]) -> Decision {
        let sent = outbox.filter { $0.key.kind == .cancelReport && $0.sendCount > 0 }
        let changes: [TopNodeChange] = sent.flatMap { row -> [TopNodeChange] in
            guard var request = requests.first(where: { $0.requestID.rawValue == row.key.subject }) else {
                return [.removeRow(row.key)]
            }
            request.state =
                message.pending.contains(request.requestID)
                ? .accepted : request.reportToFollow && request.state == .cancelling ? .finishing : .ended
            return [.removeRow(row.key), .saveRequest(request)]
        }
        return Decision(answer: acknowledgement(message.response), changes: changes)
    }

    /// The VEN took note of the VTN's empty metadata; there is nothing that it could ask for.
    func registered(_ message: RegisteredReport, outbox: [OutboxRow]) throws(Refusal) -> Decision {
        guard message.requests.isEmpty else { throw .unknown("reportSpecifierID") }
        let rows = outbox.filter { $0.key.kind == .registerReport }
        return Decision(answer: acknowledgement(message.response), changes: rows.map { .removeRow($0.key) })
    }

    /// The VTN offers no reports; only its metadata can be asked for (rule 327).
    func create(_ message: CreateReport) throws(Refusal) -> Decision {
        guard message.requests.allSatisfy({ $0.specifier.specifierID == .metadata }) else {
            throw .unknown("reportSpecifierID")
        }
        let rows = message.requests.map { request in
            let key = OutboxRow.Key(
                venID: ven.venID, kind: .registerReport, subject: request.requestID.rawValue)
            return TopNodeChange.saveRow(OutboxRow(key: key, enqueuedAt: now))
        }
        let answer = CreatedReport(response: EiResponse(requestID: message.requestID), venID: ven.venID)
        return Decision(answer: .createdReport(answer), changes: rows)
    }

    func acknowledgement(_ response: EiResponse) -> Payload {
        .response(Response(response: EiResponse(requestID: response.requestID), venID: ven.venID))
    }

    private func offer(_ report: MetadataReport) throws(Refusal) -> ReportOffer {
        guard let name = report.name, !report.specifierID.isEmpty else {
            throw Refusal(code: .complianceError, explanation: "a report without a name or a reportSpecifierID")
        }
        guard Set(report.descriptions.map(\.rID)).count == report.descriptions.count else {
            throw Refusal(code: .complianceError, explanation: "an rID occurs twice in a report")
        }
        let points = report.descriptions.map { description in
            OfferedDataPoint(
                rID: description.rID, reportType: description.reportType, readingType: description.readingType,
                unit: MeasurementUnit(description.itemBase),
                resource: description.dataSource.resourceIDs.count == 1 ? description.dataSource.resourceIDs[0] : nil,
                aggregate: description.dataSource.resourceIDs.count > 1 ? description.dataSource.resourceIDs : [],
                deviceClasses: description.subject.endDeviceAssets, marketContext: description.marketContext,
                minPeriod: description.samplingRate?.minPeriod, maxPeriod: description.samplingRate?.maxPeriod,
                onChange: description.samplingRate?.onChange ?? false)
        }
        return ReportOffer(
            venID: ven.venID, specifierID: report.specifierID, name: name.offered ?? name,
            capacity: report.duration ?? .zero, dataPoints: points)
    }

    /// What the rule asks of an offer, within what was offered (rules 317 and 340).
    private func request(for offer: ReportOffer, makeID: () -> String) -> ReportRequestRecord? {
        let rules = [configuration.telemetry, configuration.status].compactMap { $0 }
        guard let rule = rules.first(where: { $0.name == offer.name }), !offer.dataPoints.isEmpty else { return nil }
        let fastest = offer.dataPoints.compactMap(\.minPeriod).max() ?? .zero
        let slowest = offer.dataPoints.compactMap(\.maxPeriod).filter { $0 > .zero }.min()
        var granularity = max(rule.granularity, fastest)
        if let slowest, slowest >= fastest { granularity = min(granularity, slowest) }
        if rule.onChange, offer.dataPoints.allSatisfy(\.onChange) { granularity = .zero }
        var backDuration = max(rule.backDuration, granularity)
        if offer.capacity >= granularity { backDuration = min(backDuration, offer.capacity) }
        return ReportRequestRecord(
            venID: ven.venID, requestID: ReportRequestID(makeID()), specifierID: offer.specifierID,
            dataPoints: offer.dataPoints.map(\.rID), granularity: granularity, backDuration: backDuration,
            start: granularity > .zero ? now.floored(to: granularity) : now, createdAt: now)
    }
}

extension ReportRequestRecord {
    /// As it goes over the wire; the interval only where the standard wants it (rules 325 and 338).
    var message: ReportRequest {
        ReportRequest(
            requestID: requestID,
            specifier: ReportSpecifier(
                specifierID: specifierID, granularity: granularity, reportBackDuration: backDuration,
                interval: isForMetadata ? nil : RequestedInterval(start: start, duration: duration),
                payloads: dataPoints.map { SpecifierPayload(rID: $0) }))
    }
}
