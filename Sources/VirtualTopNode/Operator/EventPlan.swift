public import OpenADR

/// What one VEN shall do in an event that is issued or changed.
public struct ParticipantPlan: Hashable, Sendable {
    public var venID: VENID
    /// At least one, each kind once, one value per step of the event.
    public var signals: [ProgrammedSignal]
    /// Some of the VEN's resources; none means all.
    public var resources: [ResourceID]

    public init(venID: VENID, signals: [ProgrammedSignal], resources: [ResourceID] = []) {
        self.venID = venID
        self.signals = signals
        self.resources = resources
    }
}

/// Why the VTN does not do what an operator wants. Nothing was changed.
public enum OperatorError: Error, Hashable, Sendable {
    case unknownVEN(VENID)
    case unknownEvent(EventID)
    case eventExists(EventID)
    /// The certificate belongs to another VEN.
    case certificateInUse(VENID)
    case noParticipants
    case participantTwice(VENID)
    /// No signals, one kind twice, or not one value per step.
    case signalsDoNotFitSteps(VENID)
    case unknownResource(ResourceID, VENID)
    /// The event is cancelled, or its end has passed.
    case eventIsOver(EventID)
    /// A change of what has already happened (rule 20): the start or a step that has passed.
    case changesThePast(EventID)
    /// An event keeps its programme.
    case changesTheProgramme(EventID)
    case notRegistered(VENID)
    /// The VEN offers no such report, or not these data points.
    case notOffered(ReportSpecifierID, VENID)
    case unknownReportRequest(ReportRequestID, VENID)
}
