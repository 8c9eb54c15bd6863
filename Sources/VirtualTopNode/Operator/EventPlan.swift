public import OpenADR

/// What one VEN shall do in an event that is issued or changed.
public struct ParticipantPlan: Hashable, Sendable {
    public var venID: VENID
    /// At least one, each kind once for the same devices, one value per step of the event.
    public var signals: [ProgrammedSignal]
    /// Some of the VEN's resources; none means all.
    public var resources: [ResourceID]
    /// What else is meant, such as a group or an area that the VEN knows by name (rule 22).
    public var targets: [EventTarget]
    /// The load to expect without the event (rule 108).
    public var baseline: ProgrammedBaseline?

    public init(
        venID: VENID, signals: [ProgrammedSignal], resources: [ResourceID] = [], targets: [EventTarget] = [],
        baseline: ProgrammedBaseline? = nil
    ) {
        self.venID = venID
        self.signals = signals
        self.resources = resources
        self.targets = targets
        self.baseline = baseline
    }
}

/// Why the VTN does not do what an operator wants. Nothing was changed.
public enum OperatorError: Error, Hashable, Sendable {
    case unknownVEN(VENID)
    case unknownEvent(EventID)
    /// The VEN registered for reports only.
    case takesNoEvents(VENID)
    case eventExists(EventID)
    /// The certificate belongs to another VEN.
    case certificateInUse(VENID)
    case noParticipants
    case participantTwice(VENID)
    /// No signals, one kind twice, or not one value per step.
    case signalsDoNotFitSteps(VENID)
    case unknownResource(ResourceID, VENID)
    /// A text that is longer than what the VTN keeps of it, in characters.
    case tooLong(String, limit: Int)
    /// The programme refuses events for a VEN that has opted out of the time.
    case optedOut(VENID)
    /// The programme refuses events that overlap this one of the same VEN (rule 18).
    case overlaps(EventID, VENID)
    /// Somebody changed the event since it was read; this is its number now.
    case changedMeanwhile(EventID, UInt32)
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
