public import Measures
public import OpenADR

/// One VEN's part in one event: what it is asked for, what it was told, and what it said.
public struct EventParticipation: Hashable, Sendable {
    public let eventID: EventID
    public let venID: VENID
    /// One value per step of the event in each of them.
    public internal(set) var signals: [ProgrammedSignal]
    /// The loads that are meant; none means all of the VEN.
    public internal(set) var resources: [ResourceID]
    /// What else the event is aimed at (rule 22); none means nothing else.
    public internal(set) var targets: [EventTarget]
    /// The load to expect without the event, if the VEN is told.
    public internal(set) var baseline: ProgrammedBaseline?
    /// The version of the event that took this VEN out, while it goes on for others: the VEN sees it cancelled, and
    /// no later version. Nil while it takes part.
    public internal(set) var withdrawnModification: UInt32?
    public internal(set) var delivery: EventDelivery
    public internal(set) var opt: OptState

    /// For stores, which read what they wrote; a participation begins with `TopNode.issue`.
    public init(
        eventID: EventID, venID: VENID, signals: [ProgrammedSignal], resources: [ResourceID] = [],
        targets: [EventTarget] = [], baseline: ProgrammedBaseline? = nil, withdrawnModification: UInt32? = nil,
        delivery: EventDelivery = EventDelivery(), opt: OptState = OptState()
    ) {
        self.eventID = eventID
        self.venID = venID
        self.signals = signals
        self.resources = resources
        self.targets = targets
        self.baseline = baseline
        self.withdrawnModification = withdrawnModification
        self.delivery = delivery
        self.opt = opt
    }
}

/// How far a VEN knows an event.
public struct EventDelivery: Hashable, Sendable {
    /// The newest version that was sent; nil before the first.
    public var sentModification: UInt32?
    /// How often that version was sent.
    public var sendCount: Int
    /// The newest version that the VEN answered; nil before the first answer.
    public var acknowledgedModification: UInt32?

    public init(sentModification: UInt32? = nil, sendCount: Int = 0, acknowledgedModification: UInt32? = nil) {
        self.sentModification = sentModification
        self.sendCount = sendCount
        self.acknowledgedModification = acknowledgedModification
    }
}

/// Whether a VEN takes part, as far as it said so. The standard has no default (rule 201).
public struct OptState: Hashable, Sendable {
    /// What a decision came with.
    public enum Source: String, Hashable, Codable, Sendable, CaseIterable {
        /// `oadrCreatedEvent`.
        case createdEvent
        /// `oadrCreateOpt`; from then on only another one changes it (rule 206).
        case createOpt
    }

    /// Nil before the first answer. An answer with an error code counts as `optOut` (rule 48).
    public var type: OptType?
    public var source: Source?
    /// When the VTN heard it.
    public var decidedAt: Instant?
    /// What the VEN found wrong with the event; nil when nothing.
    public var errorCode: ResponseCode?
    /// Single resources that were opted by `oadrCreateOpt`; the others follow `type`.
    public var resources: [ResourceID: OptType]
    /// Opts by `oadrCreateOpt` that device classes narrow down (rule 209); they leave the others alone.
    public var devices: [DeviceOpt]

    public init(
        type: OptType? = nil, source: Source? = nil, decidedAt: Instant? = nil, errorCode: ResponseCode? = nil,
        resources: [ResourceID: OptType] = [:], devices: [DeviceOpt] = []
    ) {
        self.type = type
        self.source = source
        self.decidedAt = decidedAt
        self.errorCode = errorCode
        self.resources = resources
        self.devices = devices
    }
}

/// What a VEN said of some kinds of devices in an event.
public struct DeviceOpt: Hashable, Codable, Sendable {
    /// At least one, in the order of their names.
    public let deviceClasses: [DeviceClass]
    /// Those of these resources; none means of all.
    public let resources: [ResourceID]
    public let type: OptType

    public init(deviceClasses: [DeviceClass], resources: [ResourceID], type: OptType) {
        self.deviceClasses = deviceClasses
        self.resources = resources
        self.type = type
    }
}

/// A line of the history of opts: never changed, never removed.
public struct OptDecision: Hashable, Sendable {
    public let eventID: EventID
    public let venID: VENID
    public let modificationNumber: UInt32
    public let type: OptType
    public let source: OptState.Source
    public let decidedAt: Instant
    /// The resources it was limited to; none means all.
    public let resources: [ResourceID]
    /// The word of `oadrCreateOpt`, or the code of an `oadrCreatedEvent` that is an error.
    public let reason: String?

    public init(
        eventID: EventID, venID: VENID, modificationNumber: UInt32, type: OptType, source: OptState.Source,
        decidedAt: Instant, resources: [ResourceID] = [], reason: String? = nil
    ) {
        self.eventID = eventID
        self.venID = venID
        self.modificationNumber = modificationNumber
        self.type = type
        self.source = source
        self.decidedAt = decidedAt
        self.resources = resources
        self.reason = reason
    }
}
