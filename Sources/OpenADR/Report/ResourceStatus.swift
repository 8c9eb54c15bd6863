/// `oadrPayloadResourceStatus`: the state of a resource, as TELEMETRY_STATUS tells it (rule 334).
public struct ResourceStatus: Hashable, Sendable {
    public var isOnline: Bool
    /// Someone on the site took over.
    public var isManuallyOverridden: Bool
    public var loadControl: LoadControlState?

    public init(isOnline: Bool, isManuallyOverridden: Bool, loadControl: LoadControlState? = nil) {
        self.isOnline = isOnline
        self.isManuallyOverridden = isManuallyOverridden
        self.loadControl = loadControl
    }
}

/// `oadrLoadControlState`: mirrors the types of the LOAD_CONTROL signal.
public struct LoadControlState: Hashable, Codable, Sendable {
    public var capacity: LoadControlValue?
    public var levelOffset: LoadControlValue?
    public var percentOffset: LoadControlValue?
    public var setPoint: LoadControlValue?

    public init(
        capacity: LoadControlValue? = nil, levelOffset: LoadControlValue? = nil,
        percentOffset: LoadControlValue? = nil, setPoint: LoadControlValue? = nil
    ) {
        self.capacity = capacity
        self.levelOffset = levelOffset
        self.percentOffset = percentOffset
        self.setPoint = setPoint
    }
}

/// A controllable quantity with its range.
public struct LoadControlValue: Hashable, Codable, Sendable {
    public var minimum: Double?
    public var maximum: Double?
    public var current: Double
    public var normal: Double?

    public init(minimum: Double? = nil, maximum: Double? = nil, current: Double, normal: Double? = nil) {
        self.minimum = minimum
        self.maximum = maximum
        self.current = current
        self.normal = normal
    }
}
