public import Measures
public import OpenADR

/// Where a VEN's telemetry comes from.
public protocol MeterSource: Sendable {
    /// The readings of a resource, or of the whole VEN, in the window, in steps of `step` from its start. A step that is
    /// left out or has no energy is reported as missing (rule 318); an error makes all of them missing.
    func readings(of resource: ResourceID?, in window: TimeWindow, every step: TimeSpan) async throws
        -> [IntervalReading]
}

/// Where a VEN learns what its resources are.
public protocol StatusSource: Sendable {
    /// Whether the resource, or the VEN as a whole, can be reached and follows what it is told. That people at the site took
    /// over in an event is added by the VEN itself.
    func status(of resource: ResourceID?) async -> ResourceStatus
}

/// Everything is always there.
public struct AlwaysOnline: StatusSource {
    public init() {}

    public func status(of resource: ResourceID?) async -> ResourceStatus {
        ResourceStatus(isOnline: true, isManuallyOverridden: false)
    }
}

/// What carries out what the events ask for.
public protocol DispatchTarget: Sendable {
    /// From now on this is what has to be done. Called whenever it changes, with the whole of it; what has passed is in
    /// it as it was executed.
    func follow(_ timeline: Timeline) async
}

/// Who says yes or no to an event.
public protocol OptPolicy: Sendable {
    /// Called for every new and every changed event, with the version that counts.
    func decide(on event: Event, now: Instant) async -> OptType
}

/// Takes part in everything.
public struct AlwaysOptIn: OptPolicy {
    public init() {}

    public func decide(on event: Event, now: Instant) async -> OptType { .optIn }
}
