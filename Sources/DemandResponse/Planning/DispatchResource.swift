public import Measures

/// The name of a resource (a site, or a device of a site) in plans and reports.
public struct ResourceName: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(_ rawValue: String) { self.init(rawValue: rawValue) }

    public var description: String { rawValue }

    public static func < (left: ResourceName, right: ResourceName) -> Bool { left.rawValue < right.rawValue }
}

/// How much a site depends on a load.
public enum ResourceClass: String, Hashable, Codable, Sendable {
    /// Never called: the planner makes no column for it, whatever the price.
    case critical
    case semiCritical
    case nonCritical
    case deferrable
}

/// What a resource can shed, what it costs, and the limits under which it may be called.
public struct DispatchResource: Hashable, Sendable {
    /// When and how often the resource may be called.
    public struct Limits: Hashable, Sendable {
        /// The least time between the decision and the start of a call.
        public var notice: TimeSpan
        public var minimumDuration: TimeSpan
        public var maximumDuration: TimeSpan
        /// Calls that are left in the day or season; one request uses at most one.
        public var callsLeft: Int
        /// The end of the rest after an earlier call.
        public var restingUntil: Instant?

        public init(
            notice: TimeSpan = .zero, minimumDuration: TimeSpan = .zero, maximumDuration: TimeSpan = .days(1),
            callsLeft: Int = 1, restingUntil: Instant? = nil
        ) {
            self.notice = notice
            self.minimumDuration = minimumDuration
            self.maximumDuration = maximumDuration
            self.callsLeft = callsLeft
            self.restingUntil = restingUntil
        }
    }

    public let name: ResourceName
    public let resourceClass: ResourceClass
    /// What can be shed at full level in each interval of the request: forecast load times sheddable share. Zero where
    /// the resource is not available; a call does not span such an interval.
    public let capacity: [Watts]
    /// The standard error of `capacity`, from the variance of the forecast.
    public let standardError: [Watts]
    /// The probability that the site takes part when it is called, for the whole call.
    public let optInProbability: Double
    public let energyPrice: EnergyPrice
    /// Paid once for each call.
    public let callCost: Money
    /// The shares of the capacity that can be asked for, ascending, each above 0 and at most 1.
    public let levels: [Double]
    public let limits: Limits

    public init(
        name: ResourceName, resourceClass: ResourceClass = .nonCritical, capacity: [Watts], standardError: [Watts],
        optInProbability: Double, energyPrice: EnergyPrice, callCost: Money, levels: [Double] = [1], limits: Limits
    ) throws(DispatchResourceError) {
        func fails(_ values: [Watts]) -> Bool {
            !values.allSatisfy { $0.value.isFinite && $0.value >= 0 && $0.value <= Self.largestPower }
        }
        guard capacity.count == standardError.count, !fails(capacity), !fails(standardError) else {
            throw .unusableCapacity(name)
        }
        guard optInProbability > 0, optInProbability <= 1 else { throw .unusableProbability(name) }
        guard energyPrice.micros >= 0, callCost.minorUnits >= 0, energyPrice.currency == callCost.currency else {
            throw .unusablePrice(name)
        }
        guard !levels.isEmpty, levels.allSatisfy({ $0 > 0 && $0 <= 1 }), levels == Set(levels).sorted() else {
            throw .unusableLevels(name)
        }
        guard limits.notice >= .zero, limits.minimumDuration >= .zero, limits.callsLeft >= 0,
            limits.maximumDuration >= limits.minimumDuration
        else { throw .unusableLimits(name) }
        self.name = name
        self.resourceClass = resourceClass
        self.capacity = capacity
        self.standardError = standardError
        self.optInProbability = optInProbability
        self.energyPrice = energyPrice
        self.callCost = callCost
        self.levels = levels
        self.limits = limits
    }

    /// The same resource under other limits, which must be as sound as its own.
    init(_ other: DispatchResource, limits: Limits) {
        name = other.name
        resourceClass = other.resourceClass
        capacity = other.capacity
        standardError = other.standardError
        optInProbability = other.optInProbability
        energyPrice = other.energyPrice
        callCost = other.callCost
        levels = other.levels
        self.limits = limits
    }

    /// Ten gigawatts: more is a unit mistake.
    private static let largestPower = 1e10
}

/// Which part of a resource makes no sense.
public enum DispatchResourceError: Error, Hashable, Sendable {
    /// Not as many standard errors as capacities, or a value that is negative, not finite or above 10 GW.
    case unusableCapacity(ResourceName)
    case unusableLevels(ResourceName)
    case unusableLimits(ResourceName)
    /// Negative, or two currencies.
    case unusablePrice(ResourceName)
    /// Not above 0 and at most 1.
    case unusableProbability(ResourceName)
}
