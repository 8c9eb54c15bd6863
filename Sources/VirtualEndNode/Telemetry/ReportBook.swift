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

/// The resources whose state a report needs.
public struct StatusQuery: Hashable, Sendable {
    public let rID: RID
    /// Nil is the VEN as a whole.
    public let resource: ResourceID?
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
        /// Of a report on change: what the VTN was told last.
        var told: [RID: WattHours] = [:]
        /// How often the VTN broke down over it, in a row.
        var breakdowns = 0
        /// Of a status report: what was seen since the last one, and when the next one is due.
        var sightings: [Sighting] = []
        var lastStatuses: [RID: ResourceStatus]?
        var reportDue: Instant

        /// Only what changes is wanted (rule 317).
        var isOnChange: Bool {
            request.specifier.granularity == .zero && request.specifier.reportBackDuration > .zero
        }

        init(
            request: ReportRequest, offer: TelemetryOffer, step: TimeSpan, reportedUntil: Instant, period: TimeSpan?,
            firstDue: Instant, nextDue: Instant, end: Instant?, isLast: Bool = false, gaps: [Instant: Set<RID>] = [:]
        ) {
            self.request = request
            self.offer = offer
            self.step = step
            self.reportedUntil = reportedUntil
            self.period = period
            self.firstDue = firstDue
            self.nextDue = nextDue
            self.end = end
            self.isLast = isLast
            self.gaps = gaps
            reportDue = nextDue
        }

        /// How many intervals a message carries: history is one report (rule 341).
        var longest: Int { offer.kind == .history ? ReportBook.longestHistory : ReportBook.longestReport }
    }

    /// What the resources were at a moment.
    struct Sighting {
        let instant: Instant
        let statuses: [RID: ResourceStatus]
        /// Whether it differs from the one before.
        let isNews: Bool
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
    /// The same for history, where a VTN names the time: what fits into a message of 1 MiB.
    static let longestHistory = 3_000

    let offers: [TelemetryOffer]
    var plans: [ReportRequestID: Plan] = [:]

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

    /// What a report needs.
    enum Need {
        case readings([MeterQuery])
        case statuses([StatusQuery])
    }

    /// The report that is most overdue, with what it needs; nil when none is due.
    func due(now: Instant) -> (id: ReportRequestID, need: Need)? {
        guard let plan = plans.values.filter({ $0.nextDue <= now }).min(by: Self.isBefore) else { return nil }
        if plan.offer.kind == .status { return (plan.request.requestID, .statuses(statusQueries(of: plan))) }
        let window = window(of: plan, now: now)
        // What was missing may have come in the meantime: asked for in the same steps.
        let start = plan.gaps.keys.min() ?? window.start
        let whole = TimeWindow(start: min(start, window.start), duration: window.end - min(start, window.start))
        let wanted = plan.request.specifier.payloads.map(\.rID)
        let queries = plan.offer.points.filter { wanted.contains($0.rID) }.map {
            MeterQuery(rID: $0.rID, resource: $0.resource, window: whole, step: plan.step)
        }
        return (plan.request.requestID, .readings(queries))
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
        }.prefix(max(plan.longest - fresh.count, 0))
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
        plan.outstanding = Delivery(until: window.end, gaps: gaps, isFull: intervals.count >= plan.longest)
        var sent = intervals.map { interval in
            ReportInterval(
                start: interval.start, duration: interval.duration,
                payloads: rIDs.map { payload($0, value($0, interval), interval, plan.offer.unit) })
        }
        if plan.isOnChange {
            sent = zip(sent, intervals).compactMap { whole, interval in
                plan.changes(of: whole, to: { value($0, interval) }, isLast: interval == intervals.last)
            }
        }
        plans[id] = plan
        guard let first = sent.first, let start = first.start, let last = intervals.last else { return nil }
        return DataReport(
            requestID: id, specifierID: plan.offer.specifierID, name: plan.offer.kind.name, start: start,
            duration: last.end - start, intervals: sent, createdDateTime: now)
    }

    /// Another attempt after a pause: 10 s at first, then twice as long each time, an hour at most.
    mutating func postpone(_ id: ReportRequestID, now: Instant) {
        guard var plan = plans[id] else { return }
        plan.outstanding = nil
        plan.nextDue = now + min(.seconds(10 << Int64(min(plan.breakdowns, 10))), .hours(1))
        plan.breakdowns += 1
        plans[id] = plan
    }

    /// The VTN has taken the last message of the report, or there was nothing to send: the plan moves on.
    mutating func delivered(_ id: ReportRequestID, now: Instant) {
        guard var plan = plans[id], let delivery = plan.outstanding else { return }
        plan.outstanding = nil
        let wasBroken = plan.breakdowns > 0
        plan.breakdowns = 0
        if plan.offer.kind == .status { return statusDelivered(plan, id, now: now) }
        plan.reportedUntil = delivery.until
        plan.gaps = delivery.gaps
        let goesOn = plan.end.map { $0.steps(of: plan.step, since: delivery.until) > 0 } ?? true
        guard let period = plan.period, !plan.isLast, goesOn else {
            plans[id] = nil
            return
        }
        // A full message may have left something behind: then the plan stays due.
        if !delivery.isFull {
            if wasBroken {
                plan.nextDue = plan.firstDue + period * max(0, (now - plan.firstDue).seconds / period.seconds)
            }
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
        let count = min(max(limit.steps(of: plan.step, since: plan.reportedUntil), 0), Int64(plan.longest))
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
        if offer.kind == .history { return try history(request, offer, now: now) }
        if offer.kind == .status { return try status(request, offer, now: now) }
        guard back > .zero else {
            let step = max(specifier.granularity, offer.minPeriod)
            return Plan(
                request: request, offer: offer, step: step, reportedUntil: now.floored(to: step) - step, period: nil,
                firstDue: now, nextDue: now, end: nil)
        }
        guard specifier.granularity > .zero || offer.onChange else {
            throw EventFault(.reportNotSupported, "this report is not offered on change")
        }
        // On change it is looked at as often as is offered (rule 317).
        let step = specifier.granularity > .zero ? specifier.granularity : offer.minPeriod
        guard step >= offer.minPeriod, step <= back, back <= offer.capacity else {
            throw EventFault(.invalidData, "the granularity or the report back duration is not offered")
        }
        let interval = specifier.interval ?? RequestedInterval(start: now)
        let start = max(interval.start, now - offer.capacity).floored(to: step)
        return Plan(
            request: request, offer: offer, step: step, reportedUntil: start, period: back,
            firstDue: start + back, nextDue: start + back,
            end: interval.duration > .zero ? interval.start + interval.duration : nil)
    }
}

extension ReportBook.Plan {
    /// What of an interval has changed since the VTN was told last; of the last one everything, with a word that says so
    /// where nothing has (rule 317). Nil when there is nothing to say.
    fileprivate mutating func changes(
        of interval: ReportInterval, to value: (RID) -> WattHours?, isLast: Bool
    ) -> ReportInterval? {
        let payloads = interval.payloads.compactMap { payload -> ReportPayload? in
            let energy = value(payload.rID)
            guard energy == told[payload.rID] else {
                told[payload.rID] = energy
                return payload
            }
            guard isLast, energy != nil else { return isLast ? payload : nil }
            return ReportPayload(rID: payload.rID, value: payload.value, quality: .previousValueUsed)
        }
        guard !payloads.isEmpty else { return nil }
        return ReportInterval(start: interval.start, duration: interval.duration, payloads: payloads)
    }
}

extension Instant {
    /// How many whole steps have passed since `start`.
    fileprivate func steps(of step: TimeSpan, since start: Instant) -> Int64 {
        (self - start).seconds / step.seconds
    }
}
