public import Measures

/// What a portfolio is asked for, and what its resources are: everything that a plan depends on, so that a plan can be
/// made again from it, bit for bit. Powers are in kilowatts, prices in currency units.
///
/// As a file it is JSON; `Documentation/optimizer.md` describes the fields. A target interval is met with the delivery
/// probability by itself.
public struct DispatchProblem: Hashable, Sendable {
    /// A feeder, and what it can take in an interval; nil where there is no limit.
    public struct Feeder: Hashable, Sendable {
        public var name: String
        /// The most that may be shed on it, T values.
        public var shedLimit: [Double?]
        /// The most that may come back on it, T values.
        public var reboundLimit: [Double?]

        public init(name: String, shedLimit: [Double?], reboundLimit: [Double?]) {
            self.name = name
            self.shedLimit = shedLimit
            self.reboundLimit = reboundLimit
        }
    }

    /// How a resource is told what to do.
    public enum Signal: String, Hashable, Codable, Sendable, CaseIterable {
        /// LOAD_DISPATCH/delta, W against the baseline.
        case delta
        /// LOAD_DISPATCH/setpoint, W to keep; needs the load.
        case setpoint
        /// SIMPLE/level: the place of the level among the resource's, counted from 1.
        case level
    }

    /// Which VEN a resource is behind, and how it is told.
    public struct Address: Hashable, Codable, Sendable {
        public var ven: String
        /// The VEN's id of it; nil is the VEN as a whole.
        public var resource: String?
        public var signal: Signal

        public init(ven: String, resource: String?, signal: Signal) {
            self.ven = ven
            self.resource = resource
            self.signal = signal
        }
    }

    /// A resource: what it can shed, at what price, and when it may be called.
    public struct Resource: Hashable, Sendable {
        public var name: ResourceName
        /// The place of its feeder.
        public var feeder = 0
        public var resourceClass = ResourceClass.nonCritical
        /// What it can shed at full level when it takes part, T values; zero where it is not there.
        public var capacity: [Double]
        /// The standard error of that, T values.
        public var standardError: [Double]
        /// The load to expect, T values; empty when it is not known.
        public var load: [Double] = []
        /// The probability that it takes part in a call, for the whole call.
        public var optIn = 1.0
        /// Per kWh.
        public var energyPrice = 0.0
        /// Per call.
        public var callCost = 0.0
        /// Per interval of a call at full level.
        public var comfort = 0.0
        public var notice = TimeSpan.zero
        public var minimumDuration = TimeSpan.zero
        public var maximumDuration = TimeSpan.days(1)
        /// The end of the rest after an earlier call.
        public var restingUntil: Instant?
        /// Calls that are left in the day or the season.
        public var callsLeft = 1
        /// What a call now takes away from the season, per call.
        public var seasonValue = 0.0
        /// How often it was called lately.
        public var recentCalls = 0
        /// The share of the reduction that is there in the first interval of a call.
        public var firstShare = 1.0
        /// What comes back in the intervals after a call at full level when it took part, kW.
        public var rebound: [Double] = []
        /// The shares of the capacity that can be asked for, ascending.
        public var levels: [Double] = [1]
        /// Nil for a resource that is behind no VEN.
        public var address: Address?

        public init(name: ResourceName, capacity: [Double], standardError: [Double]) {
            self.name = name
            self.capacity = capacity
            self.standardError = standardError
        }
    }

    /// Notice is counted from here.
    public var decidedAt: Instant
    /// The start of the first interval.
    public var start: Instant
    /// The length of every interval.
    public var step: TimeSpan
    /// What is asked for, T values; nil in an interval without a target.
    public var target: [Double?]
    /// The intervals in which calls may run.
    public var callable: Range<Int>
    public var deliveryProbability = 0.9
    /// The relative error that all resources share, such as a bias of the baselines.
    public var commonError = 0.0
    /// What a missing kWh costs.
    public var shortfallPrice: Double
    /// The most that may come back of all resources in an interval, T values; nil where there is no limit.
    public var reboundLimit: [Double?]
    /// What each of a resource's recent calls adds to its call cost.
    public var fairnessPrice = 0.0
    public var currency = Currency.usd
    public var feeders: [Feeder]
    public var resources: [Resource]
    /// Calls that are not decided any more; see `Commitment`.
    public var committed: [Commitment] = []
    /// Where the margin's tangent lies, kW squared, T values; empty: where the plan itself is.
    public var marginVariance: [Double] = []

    public init(
        decidedAt: Instant, start: Instant, step: TimeSpan, target: [Double?], callable: Range<Int>,
        shortfallPrice: Double, reboundLimit: [Double?], feeders: [Feeder], resources: [Resource]
    ) {
        self.decidedAt = decidedAt
        self.start = start
        self.step = step
        self.target = target
        self.callable = callable
        self.shortfallPrice = shortfallPrice
        self.reboundLimit = reboundLimit
        self.feeders = feeders
        self.resources = resources
    }

    /// T.
    public var intervalCount: Int { target.count }

    /// The time of an interval.
    public func window(_ interval: Int) -> TimeWindow {
        TimeWindow(start: start + step * Int64(interval), duration: step)
    }

    /// The time of a run of intervals.
    public func window(_ run: Range<Int>) -> TimeWindow {
        TimeWindow(start: start + step * Int64(run.lowerBound), duration: step * Int64(run.count))
    }
}

/// What is wrong with a problem, and where.
public struct DispatchProblemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Such as `resources[3] (plant-7)`.
    public let place: String
    public let reason: String

    public var description: String { "\(place): \(reason)" }
}

extension DispatchProblem {
    /// A week of quarter-hours.
    public static let mostIntervals = 672

    /// Throws the first thing that makes no sense.
    public func check() throws(DispatchProblemError) {
        func require(_ holds: Bool, _ place: String, _ reason: String) throws(DispatchProblemError) {
            if !holds { throw DispatchProblemError(place: place, reason: reason) }
        }
        func isAmount(_ value: Double) -> Bool { value.isFinite && value >= 0 && value <= 1e9 }
        let count = intervalCount
        try require(
            (1...Self.mostIntervals).contains(count), "target",
            "takes 1 to \(Self.mostIntervals) intervals, not \(count)")
        try require(
            step.seconds >= 1 && step.seconds <= 86_400, "step", "takes 1 to 86400 seconds, not \(step.seconds)")
        try require(target.allSatisfy { $0.map(isAmount) ?? true }, "target", "takes kilowatts of zero or more")
        try require(target.contains { $0.map { $0 > 0 } ?? false }, "target", "asks for nothing")
        try require(
            !callable.isEmpty && callable.lowerBound >= 0 && callable.upperBound <= count, "callable",
            "takes intervals from 0 to \(count)")
        try require(
            deliveryProbability >= 0.5 && deliveryProbability <= 0.999, "deliveryProbability", "takes 0.5 to 0.999")
        try require(commonError >= 0 && commonError <= 0.5, "commonError", "takes 0 to 0.5")
        try require(isAmount(shortfallPrice) && shortfallPrice > 0, "shortfallPrice", "takes a price above zero")
        try require(isAmount(fairnessPrice), "fairnessPrice", "takes a price of zero or more")
        try require(
            marginVariance.isEmpty
                || marginVariance.count == count && marginVariance.allSatisfy { $0.isFinite && $0 >= 0 },
            "marginVariance", "takes one number of zero or more for each interval")
        func checkLimits(_ limits: [Double?], _ place: String) throws(DispatchProblemError) {
            try require(
                limits.count == count && limits.allSatisfy { $0.map(isAmount) ?? true }, place,
                "takes one limit of zero or more for each interval")
        }
        try checkLimits(reboundLimit, "reboundLimit")
        try require(!feeders.isEmpty, "feeders", "has none")
        for (place, feeder) in feeders.enumerated() {
            try checkLimits(feeder.shedLimit, "feeders[\(place)] (\(feeder.name)) shedLimit")
            try checkLimits(feeder.reboundLimit, "feeders[\(place)] (\(feeder.name)) reboundLimit")
        }
        try require(!resources.isEmpty, "resources", "has none")
        var names = Set<ResourceName>(minimumCapacity: resources.count)
        for (place, resource) in resources.enumerated() {
            let at = "resources[\(place)] (\(resource.name))"
            try require(names.insert(resource.name).inserted, at, "there are two of this name")
            if let flaw = flaw(resource) { throw DispatchProblemError(place: at, reason: flaw) }
        }
        for (place, commitment) in committed.enumerated() {
            if let flaw = flaw(commitment) {
                throw DispatchProblemError(place: "committed[\(place)] (\(commitment.name))", reason: flaw)
            }
        }
    }

    private func flaw(_ resource: Resource) -> String? {
        func isPower(_ value: Double) -> Bool { value.isFinite && value >= 0 && value <= 1e7 }
        func isPrice(_ value: Double) -> Bool { value.isFinite && value >= 0 && value <= 1e7 }
        let count = intervalCount
        if resource.capacity.count != count || !resource.capacity.allSatisfy(isPower) {
            return "capacity takes \(count) values of 0 to 10 GW"
        }
        if resource.standardError.count != count || !resource.standardError.allSatisfy(isPower) {
            return "standardError takes \(count) values of zero or more"
        }
        if !resource.load.isEmpty, resource.load.count != count || !resource.load.allSatisfy(\.isFinite) {
            return "load takes \(count) values"
        }
        if !feeders.indices.contains(resource.feeder) { return "its feeder is not there" }
        if !(resource.optIn > 0 && resource.optIn <= 1) { return "optIn takes a probability above 0 and at most 1" }
        let prices = [resource.energyPrice, resource.callCost, resource.comfort, resource.seasonValue]
        if !prices.allSatisfy(isPrice) { return "prices are zero or more" }
        if !(resource.firstShare >= 0 && resource.firstShare <= 1) { return "firstShare takes 0 to 1" }
        if resource.notice < .zero || resource.minimumDuration < .zero {
            return "notice and durations are zero or more"
        }
        if resource.maximumDuration < resource.minimumDuration { return "maximumDuration is under minimumDuration" }
        if resource.callsLeft < 0 || resource.recentCalls < 0 || resource.recentCalls > 100_000 {
            return "counts of calls are zero or more"
        }
        if resource.rebound.count > Self.mostIntervals || !resource.rebound.allSatisfy(isPower) {
            return "rebound takes at most \(Self.mostIntervals) values of zero or more"
        }
        if resource.levels.isEmpty || !resource.levels.allSatisfy({ $0 > 0 && $0 <= 1 })
            || resource.levels != Set(resource.levels).sorted()
        {
            return "levels are ascending shares above 0 and at most 1"
        }
        if resource.address?.signal == .setpoint, resource.load.isEmpty { return "a setpoint needs the load" }
        return nil
    }
}
