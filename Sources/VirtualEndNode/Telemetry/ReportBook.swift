public import Measures
public import OpenADR

/// The readings that a report needs, one entry per data point.
public struct MeterQuery: Hashable, Sendable {
    public let rID: RID
    /// Nil is the VEN as a whole.
    public let resource: ResourceID?
    public let window: TimeWindow
    public let step: TimeSpan
}

/// The reports that a VTN asked for and that still run.
struct ReportBook {
    /// A request that was accepted.
    struct Plan {
        let request: ReportRequest
        let offer: TelemetryOffer
        /// The sampling step.
        let step: TimeSpan
        /// Up to here the VTN has everything.
        var reportedUntil: Instant
        /// Nil for one report only.
        let period: TimeSpan?
        let firstDue: Instant
        var nextDue: Instant
        /// Nil for ever.
        let end: Instant?
        /// Cancelled, with one more report to follow (rule 345).
        var isLast = false
        /// Steps that the VTN got without a value for some data points; they follow when there is one (rule 346).
        var gaps: [Instant: Set<RID>] = [:]
        /// The message that is on its way.
        var outstanding: Delivery?
    }

    /// What is done once the VTN has taken a message.
    struct Delivery {
        let until: Instant
        let gaps: [Instant: Set<RID>]
        /// There may be more than one message carries.
        let isFull: Bool
    }

    /// How many intervals one message carries at most; what an outage left behind goes out in several.
    static let longestReport = 96

    let offers: [TelemetryOffer]
    private(set) var plans: [ReportRequestID: Plan] = [:]

    /// How many steps without a value are kept for later; the oldest go first.
    private static let mostGaps = 2_000

    init(offers: [TelemetryOffer], memory: [ReportRequestID: RememberedReport] = [:], now: Instant) {
        self.offers = offers
        for (id, report) in memory {
            guard let offer = offers.first(where: { $0.specifierID == report.request.specifier.specifierID }) else {
                continue
            }
            var due = report.firstDue
            if let period = report.period {
                due = due + period * max(0, (report.reportedUntil - due).seconds / period.seconds)
                if due <= report.reportedUntil { due = due + period }
            }
            plans[id] = Plan(
                request: report.request, offer: offer, step: report.step, reportedUntil: report.reportedUntil,
                period: report.period, firstDue: report.firstDue, nextDue: report.isLast ? now : due, end: report.end,
                isLast: report.isLast, gaps: report.gaps)
        }
    }

    /// What has to outlast this life of the VEN.
    var memory: [ReportRequestID: RememberedReport] {
        plans.mapValues { plan in
            RememberedReport(
                request: plan.request, step: plan.step, reportedUntil: plan.reportedUntil, period: plan.period,
                firstDue: plan.firstDue, end: plan.end, isLast: plan.isLast, gaps: plan.gaps)
        }
    }

    /// The ids of everything that is still scheduled (rule 329).
    var pending: [ReportRequestID] {
        plans.values.filter { $0.period != nil && !$0.isLast }.map(\.request.requestID).sorted()
    }

    var nextDue: Instant? { plans.values.map(\.nextDue).min() }

    mutating func forgetAll() { plans = [:] }

    mutating func drop(_ id: ReportRequestID) { plans[id] = nil }

    /// Accepts what can be done; the first fault is the answer's code. An id that is known is replaced.
    mutating func accept(_ requests: [ReportRequest], now: Instant) -> EventFault? {
        var fault: EventFault?
        for request in requests where request.specifier.specifierID != .metadata {
            do throws(EventFault) {
                plans[request.requestID] = try plan(request, now: now)
            } catch {
                fault = fault ?? error
            }
        }
        return fault
    }

    /// Ends what is named. An unknown id is a fault (rule 336); a last report may have to follow.
    mutating func cancel(_ ids: [ReportRequestID], reportToFollow: Bool, now: Instant) -> EventFault? {
        var fault: EventFault?
        for id in ids {
            guard let plan = plans[id] else {
                fault = fault ?? EventFault(.invalidID, "a reportRequestID is not known")
                continue
            }
            let isWorthIt = reportToFollow && now.steps(of: plan.step, since: plan.reportedUntil) > 0
            if isWorthIt {
                plans[id]?.isLast = true
                plans[id]?.nextDue = now
            } else {
                plans[id] = nil
            }
        }
        return fault
    }

    /// The report that is most overdue, with what it needs; nil when none is due.
    func due(now: Instant) -> (id: ReportRequestID, queries: [MeterQuery])? {
        guard let plan = plans.values.filter({ $0.nextDue <= now }).min(by: Self.isBefore) else { return nil }
        let window = window(of: plan, now: now)
        // What was missing may have come in the meantime: asked for in the same steps.
        let start = plan.gaps.keys.min() ?? window.start
        let whole = TimeWindow(start: min(start, window.start), duration: window.end - min(start, window.start))
        let wanted = plan.request.specifier.payloads.map(\.rID)
        let queries = plan.offer.points.filter { wanted.contains($0.rID) }.map {
            MeterQuery(rID: $0.rID, resource: $0.resource, window: whole, step: plan.step)
        }
        return (plan.request.requestID, queries)
    }

    /// The report with these readings, to be sent until it is `delivered`. Nil when the plan is gone or nothing has
    /// passed yet.
    mutating func report(
        _ id: ReportRequestID, readings: [RID: [IntervalReading]], now: Instant
    ) -> DataReport? {
        guard var plan = plans[id] else { return nil }
        let window = window(of: plan, now: now)
        let fresh = window.intervals(every: plan.step)
        let values = readings.mapValues { list in
            Dictionary(list.map { ($0.start, $0) }, uniquingKeysWith: { first, _ in first })
        }
        func value(_ rID: RID, _ interval: TimeWindow) -> WattHours? {
            guard let reading = values[rID]?[interval.start], reading.duration == interval.duration,
                let energy = reading.energy, energy.value.isFinite
            else { return nil }
            return energy
        }
        let late = plan.gaps.keys.sorted().map { TimeWindow(start: $0, duration: plan.step) }.filter { interval in
            plan.gaps[interval.start]?.contains { value($0, interval) != nil } == true
        }.prefix(max(Self.longestReport - fresh.count, 0))
        let intervals = late + fresh
        let rIDs = plan.request.specifier.payloads.map(\.rID)
        var gaps = plan.gaps
        for interval in intervals {
            let missing = rIDs.filter { value($0, interval) == nil }
            gaps[interval.start] = missing.isEmpty ? nil : Set(missing)
        }
        let oldest = now - plan.offer.capacity
        gaps = gaps.filter { oldest <= $0.key }
        for start in gaps.keys.sorted().dropLast(Self.mostGaps) { gaps[start] = nil }
        plan.outstanding = Delivery(until: window.end, gaps: gaps, isFull: intervals.count >= Self.longestReport)
        plans[id] = plan
        guard let first = intervals.first, let last = intervals.last else { return nil }
        return DataReport(
            requestID: id, specifierID: plan.offer.specifierID, name: .telemetryUsage, start: first.start,
            duration: last.end - first.start,
            intervals: intervals.map { interval in
                ReportInterval(
                    start: interval.start, duration: interval.duration,
                    payloads: rIDs.map { payload($0, value($0, interval), interval, plan.offer.unit) })
            }, createdDateTime: now)
    }

    /// The VTN has taken the last message of the report, or there was nothing to send: the plan moves on.
    mutating func delivered(_ id: ReportRequestID, now: Instant) {
        guard var plan = plans[id], let delivery = plan.outstanding else { return }
        plan.outstanding = nil
        plan.reportedUntil = delivery.until
        plan.gaps = delivery.gaps
        let goesOn = plan.end.map { $0.steps(of: plan.step, since: delivery.until) > 0 } ?? true
        guard let period = plan.period, !plan.isLast, goesOn else {
            plans[id] = nil
            return
        }
        // A full message may have left something behind: then the plan stays due.
        if !delivery.isFull {
            while plan.nextDue <= now { plan.nextDue = plan.nextDue + period }
        }
        plans[id] = plan
    }

    private func payload(
        _ rID: RID, _ energy: WattHours?, _ interval: TimeWindow, _ unit: TelemetryOffer.Unit
    ) -> ReportPayload {
        guard let energy else { return ReportPayload(rID: rID, value: .float(0), quality: .badNonSpecific) }
        let number = unit == .wattHours ? energy.value : energy.meanPower(over: interval.duration).value
        return ReportPayload(rID: rID, value: .float(number), quality: .goodNonSpecific)
    }

    /// From what was reported last to the last whole step that has passed.
    private func window(of plan: Plan, now: Instant) -> TimeWindow {
        let limit = min(plan.end ?? now, now - plan.offer.delay)
        let count = min(max(limit.steps(of: plan.step, since: plan.reportedUntil), 0), Int64(Self.longestReport))
        return TimeWindow(start: plan.reportedUntil, duration: plan.step * count)
    }

    private static func isBefore(_ left: Plan, _ right: Plan) -> Bool {
        (left.nextDue, left.request.requestID) < (right.nextDue, right.request.requestID)
    }

    /// Rules 304, 317, 324, 325 and 340.
    private func plan(_ request: ReportRequest, now: Instant) throws(EventFault) -> Plan {
        let specifier = request.specifier
        guard let offer = offers.first(where: { $0.specifierID == specifier.specifierID }) else {
            throw EventFault(.invalidID, "a reportSpecifierID is not offered")
        }
        let offered = Set(offer.points.map(\.rID))
        guard !specifier.payloads.isEmpty, specifier.payloads.allSatisfy({ offered.contains($0.rID) }) else {
            throw EventFault(.invalidID, "an rID is not offered")
        }
        let back = specifier.reportBackDuration
        guard back > .zero else {
            let step = max(specifier.granularity, offer.minPeriod)
            return Plan(
                request: request, offer: offer, step: step, reportedUntil: now.floored(to: step) - step, period: nil,
                firstDue: now, nextDue: now, end: nil)
        }
        guard specifier.granularity > .zero else {
            throw EventFault(.reportNotSupported, "reports on change are not supported")
        }
        guard specifier.granularity >= offer.minPeriod, specifier.granularity <= back, back <= offer.capacity else {
            throw EventFault(.invalidData, "the granularity or the report back duration is not offered")
        }
        let interval = specifier.interval ?? RequestedInterval(start: now)
        let start = max(interval.start, now - offer.capacity).floored(to: specifier.granularity)
        return Plan(
            request: request, offer: offer, step: specifier.granularity, reportedUntil: start, period: back,
            firstDue: start + back, nextDue: start + back,
            end: interval.duration > .zero ? interval.start + interval.duration : nil)
    }
}

extension Instant {
    /// How many whole steps have passed since `start`.
    fileprivate func steps(of step: TimeSpan, since start: Instant) -> Int64 {
        (self - start).seconds / step.seconds
    }
}
