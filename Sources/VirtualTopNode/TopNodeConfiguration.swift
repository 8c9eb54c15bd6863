public import Measures
public import OpenADR

/// How a VTN behaves where the standard leaves a choice.
public struct TopNodeConfiguration: Sendable {
    /// What VENs check every distribution of events against (rule 21).
    public var vtnID: VTNID
    /// What is asked of every VEN that offers it; nil asks for nothing by itself.
    public var telemetry: TelemetryRule?
    /// The same for the state of its loads.
    public var status: TelemetryRule?
    /// The most intervals that one historic report is asked for; more are asked for piece by piece.
    public var longestHistory: Int
    /// How long a message that a poll took waits for its reply before another poll gets it again; each time it waits
    /// twice as long, an hour at most. Short, as nobody knows whether the answer to that poll arrived.
    public var retryPause: TimeSpan
    /// The same for a message that was pushed, and arrived.
    public var pushRetryPause: TimeSpan
    /// How often a message that is no event is handed out before the VTN gives up.
    public var longestRetry: Int
    /// How often a version of an event is sent that must not be answered.
    public var unansweredSends: Int
    /// How often a version of an event that must be answered is brought up by the VTN itself. It stays in every message
    /// that the VEN asks for (rule 52).
    public var unansweredEvents: Int
    /// What signals and baselines in W, VA or VAr say of the grid.
    public var grid: PowerAttributes

    public init(
        vtnID: VTNID = "VTN_1", telemetry: TelemetryRule? = TelemetryRule(), status: TelemetryRule? = .status,
        longestHistory: Int = 3_000, retryPause: TimeSpan = .seconds(5), pushRetryPause: TimeSpan = .seconds(30),
        longestRetry: Int = 6, unansweredSends: Int = 2, unansweredEvents: Int = 15,
        grid: PowerAttributes = .europe
    ) {
        self.vtnID = vtnID
        self.telemetry = telemetry
        self.status = status
        self.longestHistory = longestHistory
        self.retryPause = retryPause
        self.pushRetryPause = pushRetryPause
        self.longestRetry = longestRetry
        self.unansweredSends = unansweredSends
        self.unansweredEvents = unansweredEvents
        self.grid = grid
    }
}

/// The report that is asked for as soon as a VEN offers it.
public struct TelemetryRule: Hashable, Sendable {
    public var name: ReportName
    /// The sampling step, as near to it as the VEN's offer allows.
    public var granularity: TimeSpan
    /// How often the VEN sends what it sampled.
    public var backDuration: TimeSpan
    /// Only what changed, where the VEN offers that (rule 317).
    public var onChange: Bool

    public init(
        name: ReportName = .telemetryUsage, granularity: TimeSpan = .minutes(15), backDuration: TimeSpan = .minutes(15),
        onChange: Bool = false
    ) {
        self.name = name
        self.granularity = granularity
        self.backDuration = backDuration
        self.onChange = onChange
    }

    /// The state of the loads whenever it changes, or every five minutes.
    public static let status = TelemetryRule(
        name: .telemetryStatus, granularity: .minutes(5), backDuration: .minutes(5), onChange: true)
}

/// What a VTN takes from the world besides the time of a call.
public struct TopNodeEnvironment: Sendable {
    /// A new id, never given before, of at most 64 characters that are safe in XML and URLs.
    public var makeID: @Sendable () -> String

    public init(makeID: @escaping @Sendable () -> String) {
        self.makeID = makeID
    }
}
