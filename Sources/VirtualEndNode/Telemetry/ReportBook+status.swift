import Measures
import OpenADR

/// TELEMETRY_STATUS (rule 334) and HISTORY_USAGE (rule 341).
extension ReportBook {
    /// Seen at most as often as offered; reported when the report is due, in between only remembered: each sight, or where
    /// the VTN wants only changes, each change (rule 317).
    mutating func observe(_ id: ReportRequestID, _ statuses: [RID: ResourceStatus], now: Instant) -> DataReport? {
        guard var plan = plans[id] else { return nil }
        let isDue = plan.period == nil || plan.isLast || plan.reportDue <= now
        let isNews = !plan.isOnChange || plan.lastStatuses != statuses
        plan.lastStatuses = statuses
        if isNews || (isDue && plan.sightings.isEmpty) {
            plan.sightings.append(Sighting(instant: now, statuses: statuses, isNews: isNews))
            plan.sightings = plan.sightings.suffix(Self.longestReport)
        }
        guard isDue, let first = plan.sightings.first else {
            plan.nextDue = min(now + plan.step, plan.reportDue)
            plans[id] = plan
            return nil
        }
        plan.outstanding = Delivery(until: now, gaps: [:], isFull: false)
        plans[id] = plan
        let rIDs = plan.request.specifier.payloads.map(\.rID)
        return DataReport(
            requestID: id, specifierID: plan.offer.specifierID, name: plan.offer.kind.name, start: first.instant,
            intervals: plan.sightings.map { sighting in
                ReportInterval(
                    start: sighting.instant,
                    payloads: rIDs.map { rID in
                        let status = sighting.statuses[rID]
                        return ReportPayload(
                            rID: rID,
                            value: .resourceStatus(
                                status ?? ResourceStatus(isOnline: false, isManuallyOverridden: false)),
                            quality: status == nil
                                ? .badNonSpecific : sighting.isNews ? .goodNonSpecific : .previousValueUsed)
                    })
            }, createdDateTime: now)
    }

    mutating func statusDelivered(_ plan: Plan, _ id: ReportRequestID, now: Instant) {
        var plan = plan
        guard let period = plan.period, !plan.isLast, plan.end.map({ now < $0 }) ?? true else {
            plans[id] = nil
            return
        }
        plan.sightings = []
        plan.reportedUntil = now
        while plan.reportDue <= now { plan.reportDue = plan.reportDue + period }
        plan.nextDue = min(now + plan.step, plan.reportDue)
        plans[id] = plan
    }

    func statusQueries(of plan: Plan) -> [StatusQuery] {
        let wanted = plan.request.specifier.payloads.map(\.rID)
        return plan.offer.points.filter { wanted.contains($0.rID) }.map {
            StatusQuery(rID: $0.rID, resource: $0.resource)
        }
    }

    func status(_ request: ReportRequest, _ offer: TelemetryOffer, now: Instant) throws(EventFault) -> Plan {
        let specifier = request.specifier
        let back = specifier.reportBackDuration
        guard back > .zero else {
            return Plan(
                request: request, offer: offer, step: offer.minPeriod, reportedUntil: now, period: nil, firstDue: now,
                nextDue: now, end: nil)
        }
        guard specifier.granularity > .zero || offer.onChange else {
            throw EventFault(.reportNotSupported, "this report is not offered on change")
        }
        let step = max(specifier.granularity, offer.minPeriod)
        guard specifier.granularity == .zero || specifier.granularity >= offer.minPeriod, step <= back,
            back <= offer.capacity
        else { throw EventFault(.invalidData, "the granularity or the report back duration is not offered") }
        let interval = specifier.interval ?? RequestedInterval(start: now)
        let start = max(interval.start, now)
        var plan = Plan(
            request: request, offer: offer, step: step, reportedUntil: start, period: back, firstDue: start + back,
            nextDue: start, end: interval.duration > .zero ? interval.start + interval.duration : nil)
        plan.reportDue = start + back
        return plan
    }

    private static let historySteps: [TimeSpan] = [.minutes(1), .minutes(5), .minutes(15), .hours(1)]

    /// What is stored of a time that has passed, in one report; oldest first.
    func history(_ request: ReportRequest, _ offer: TelemetryOffer, now: Instant) throws(EventFault) -> Plan {
        let specifier = request.specifier
        guard specifier.reportBackDuration == .zero, let interval = specifier.interval else {
            throw EventFault(.invalidData, "history is asked for once, and of a time")
        }
        let last = min(interval.duration > .zero ? interval.start + interval.duration : now, now)
        // In steps that are short, and few enough for one message.
        let most = Self.longestHistory / specifier.payloads.count
        let step = ([offer.minPeriod] + Self.historySteps).first { step in
            step >= offer.minPeriod && (last - interval.start).seconds / step.seconds <= most
        }
        guard let step, interval.start < last, last - interval.start <= offer.capacity else {
            throw EventFault(.invalidData, "that much history, or that time, is not offered")
        }
        return Plan(
            request: request, offer: offer, step: step, reportedUntil: interval.start.floored(to: step), period: nil,
            firstDue: now, nextDue: now, end: last)
    }
}
