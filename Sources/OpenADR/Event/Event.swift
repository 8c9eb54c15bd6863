/// `oadrEvent`: an event with the wish for an answer.
public struct Event: Hashable, Sendable {
    public var descriptor: EventDescriptor
    public var activePeriod: ActivePeriod
    /// At least one.
    public var signals: [EventSignal]
    public var baseline: EventBaseline?
    public var target: Target
    public var responseRequired: ResponseRequired

    public init(
        descriptor: EventDescriptor, activePeriod: ActivePeriod, signals: [EventSignal],
        baseline: EventBaseline? = nil, target: Target = .everything, responseRequired: ResponseRequired = .always
    ) {
        self.descriptor = descriptor
        self.activePeriod = activePeriod
        self.signals = signals
        self.baseline = baseline
        self.target = target
        self.responseRequired = responseRequired
    }

    public var id: EventID { descriptor.eventID }
    public var qualifiedID: QualifiedEventID {
        QualifiedEventID(eventID: descriptor.eventID, modificationNumber: descriptor.modificationNumber)
    }
}

/// `oadrResponseRequired` (rule 12).
public enum ResponseRequired: String, Hashable, Codable, Sendable, CaseIterable {
    case always
    case never
}

/// `ei:qualifiedEventID`: one version of an event.
public struct QualifiedEventID: Hashable, Sendable {
    public var eventID: EventID
    public var modificationNumber: UInt32

    public init(eventID: EventID, modificationNumber: UInt32 = 0) {
        self.eventID = eventID
        self.modificationNumber = modificationNumber
    }
}
