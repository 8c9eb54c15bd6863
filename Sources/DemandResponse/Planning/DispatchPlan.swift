public import Measures

/// A call of one resource.
public struct DispatchCall: Hashable, Sendable {
    public let resource: ResourceName
    /// The intervals of the request in which it sheds.
    public let run: Range<Int>
    public let window: TimeWindow
    /// The share of its capacity that is asked for.
    public let level: Double
    /// The expected reduction, opting out counted in, in every interval of the request.
    public let expected: [Watts]

    public init(resource: ResourceName, run: Range<Int>, window: TimeWindow, level: Double, expected: [Watts]) {
        self.resource = resource
        self.run = run
        self.window = window
        self.level = level
        self.expected = expected
    }
}

/// What the called resources are expected to deliver together in one interval.
public struct DispatchTotal: Hashable, Sendable {
    public let window: TimeWindow
    public let target: Watts
    public let expected: Watts
    public let standardDeviation: Watts
    /// Expected less target: what is called on top so that the target is met surely enough.
    public let margin: Watts
    /// The probability that at least the target is delivered.
    public let probability: Double

    public init(
        window: TimeWindow, target: Watts, expected: Watts, standardDeviation: Watts, margin: Watts, probability: Double
    ) {
        self.window = window
        self.target = target
        self.expected = expected
        self.standardDeviation = standardDeviation
        self.margin = margin
        self.probability = probability
    }
}

/// Why a resource is not called.
public enum NotCalledReason: Hashable, Sendable {
    case critical
    /// No run of intervals with capacity fits between its minimum and maximum duration.
    case duration
    case noCallsLeft
    case noCapacity
    /// It may be called, but the target is met at less cost without it.
    case notNeeded
    /// It could start at this moment at the earliest, too late for the request.
    case notice(earliest: Instant)
    case resting(until: Instant)
}

/// Whom to call, when and how much; checked by `PlanChecker` before anyone sees it.
public struct DispatchPlan: Hashable, Sendable {
    /// How good the plan is known to be.
    public enum Status: Hashable, Sendable {
        /// No plan of the linearised model is cheaper.
        case proven
        /// No plan of the linearised model is cheaper by more than the gap.
        case withinGap
        /// Feasible, but found by the greedy rule or cut off; the text says why.
        case fallback(String)
    }

    public let request: DispatchRequest
    /// In the order of the resources' names.
    public let calls: [DispatchCall]
    public let totals: [DispatchTotal]
    /// The expected cost, rounded to the minor unit.
    public let cost: Money
    /// No plan of the linearised model (the delivery margin by its tangent at this plan's solve) costs less, rounded
    /// down; at most the cost, which may lie below the model's. Nil when unknown.
    public let bound: Money?
    /// (cost - bound) / cost before rounding; nil without a bound.
    public let gap: Double?
    public let status: Status
    /// In the order of the resources' names.
    public let notCalled: [NotCalled]

    /// A resource that stays out of the plan, and why.
    public struct NotCalled: Hashable, Sendable {
        public let resource: ResourceName
        public let reason: NotCalledReason

        public init(resource: ResourceName, reason: NotCalledReason) {
            self.resource = resource
            self.reason = reason
        }
    }

    /// For whoever stores plans; `DispatchPlanner` makes them.
    public init(
        request: DispatchRequest, calls: [DispatchCall], totals: [DispatchTotal], cost: Money, bound: Money?,
        gap: Double?, status: Status, notCalled: [NotCalled]
    ) {
        self.request = request
        self.calls = calls
        self.totals = totals
        self.cost = cost
        self.bound = bound
        self.gap = gap
        self.status = status
        self.notCalled = notCalled
    }

    /// The call of a resource, if it has one.
    public func call(of resource: ResourceName) -> DispatchCall? {
        calls.first { $0.resource == resource }
    }
}

/// Why no plan meets a target: the limit that broke, where, and by how much.
public struct DispatchRefusal: Error, Hashable, Sendable {
    /// The limit whose absence would have let the target be met.
    public enum Limit: String, Hashable, Sendable {
        case callsLeft
        /// Even every resource at full level, all taking part, is too little.
        case capacity
        /// The expected reduction suffices, but not surely enough.
        case deliveryProbability
        /// Each interval can be met, but not all of them under the minimum and maximum durations.
        case duration
        case notice
    }

    public let limit: Limit
    /// The interval where most is missing.
    public let interval: TimeWindow
    public let target: Watts
    /// What can be delivered there with the probability asked for.
    public let reachable: Watts
    public let probability: Double
}

extension DispatchRefusal: CustomStringConvertible {
    /// `12.3 kW of 40.0 kW reachable between 2026-07-01T17:00:00Z and 2026-07-01T17:15:00Z with 90 % probability; the
    /// limit that broke: the notice that resources need`
    public var description: String {
        let percent = Int((probability * 100).rounded())
        return "\(Self.kilowatts(reachable)) of \(Self.kilowatts(target)) reachable between \(interval.start) and "
            + "\(interval.end) with \(percent) % probability; the limit that broke: \(explanation)"
    }

    private var explanation: String {
        switch limit {
        case .callsLeft: "resources without calls left"
        case .capacity: "the capacity of all resources"
        case .deliveryProbability: "the delivery probability"
        case .duration: "the minimum and maximum durations of calls"
        case .notice: "the notice that resources need"
        }
    }

    /// One decimal, rounded down so that a refusal never promises too much.
    private static func kilowatts(_ power: Watts) -> String {
        let tenths = Int64((max(power.value, 0) / 100 + 1e-9).rounded(.down))
        return "\(tenths / 10).\(tenths % 10) kW"
    }
}
