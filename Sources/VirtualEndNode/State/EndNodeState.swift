public import Measures
import OpenADR

/// The whole of a VEN's conversation as a value: what happened goes in, what to do next comes out.
///
/// ```
/// query ─▶ create ─▶ metadata ─▶ created report ─▶ request event ─▶ ┌─ poll ─▶ reply ─┐
///            ▲                                                       └──◀──────────────┘ until oadrResponse,
///            │ 463, or the VTN wants it                                then wait, and report on time
/// ```
///
/// It sends the reply to a message before it polls again, and one message at a time. What failed is sent again
/// unchanged, so that the VTN can tell it from a new one.
public struct EndNodeState: Sendable {
    let configuration: EndNodeConfiguration
    let environment: EndNodeEnvironment

    /// Nil while the VEN is not registered.
    public internal(set) var registration: EndNodeRegistration?
    /// Whether the VTN knows the reports of this life of the VEN, and was asked for its events.
    var hasExchangedMetadata = false
    /// The VTN ended the registration, and the VEN has to confirm it.
    var isRetiring = false
    /// What the VTN was told of this VEN, once it has confirmed it; nil before.
    var announced: String?
    /// The VTN refused the id that was given beforehand: from then on it is not sent.
    var hasDroppedID = false
    var ledger: EventLedger
    var reports: ReportBook
    var opts: OptBook
    /// Events that were pushed and not looked at yet.
    var arrivals: [DistributeEvent] = []
    /// What has to be sent before anything else, in this order.
    var agenda: [Errand] = []
    /// What is on its way, or waits to be sent again.
    var inFlight: Errand?
    var review: EventLedger.Review?
    var reading: ReportRequestID?
    /// What the load was told last.
    var followed = Timeline()
    var nextPoll: Instant
    /// Before this nothing is sent.
    var pausedUntil: Instant?
    var failures = 0
    var refusals = 0
    /// When the VTN wanted another registration last, in answer to something else.
    var reregisteredAt: Instant?
    /// Polls since the VTN said last that it had nothing.
    var drained = 0

    /// Starts as new, or with what an earlier life of the VEN left.
    public init(
        configuration: EndNodeConfiguration, environment: EndNodeEnvironment, memory: EndNodeMemory = EndNodeMemory(),
        now: Instant
    ) {
        self.configuration = configuration
        self.environment = environment
        registration = memory.registration
        announced = memory.announced
        ledger = EventLedger(known: memory.events)
        opts = OptBook(entries: memory.opts)
        reports = ReportBook(offers: configuration.reports, memory: memory.reports, now: now)
        nextPoll = now
    }

    /// What has to outlast this life of the VEN.
    public var memory: EndNodeMemory {
        EndNodeMemory(
            registration: registration, announced: announced, events: ledger.known, reports: reports.memory,
            opts: opts.entries)
    }

    /// The events as they are executed.
    public var timeline: Timeline { ledger.timeline(under: opts) }

    /// Takes what happened and says what to do next.
    public mutating func handle(_ input: EndNodeInput, now: Instant) -> EndNodeAction {
        switch input {
        case .started:
            start()
        case .woke, .followed:
            break
        case .failed:
            pause(now: now)
        case .postponed(let span):
            pause(atLeast: span, now: now)
        case .broken:
            stumble(now: now)
        case .rejected:
            if let service = rejectedService { return .stop(.rejected(service)) }
            drop(inFlight, now: now)
            inFlight = nil
        case .decided(let decisions):
            settle(decisions, now: now)
        case .readings(let readings):
            report(readings, now: now)
        case .observed(let statuses):
            report(statuses, now: now)
        case .answered(let answer):
            failures = 0
            pausedUntil = nil
            let errand = inFlight
            inFlight = nil
            if let errand, let failure = take(answer, to: errand, now: now) { return .stop(failure) }
        }
        return next(now: now)
    }

    private mutating func next(now: Instant) -> EndNodeAction {
        while review == nil, !arrivals.isEmpty { take(arrivals.removeFirst(), now: now) }
        if review != nil { return .decide(undecided) }
        let timeline = self.timeline
        if timeline != followed {
            followed = timeline
            return .follow(timeline)
        }
        if let pausedUntil, now < pausedUntil { return .wait(until: pausedUntil) }
        if let inFlight { return send(inFlight, now: now) }
        if !agenda.isEmpty { return send(agenda.removeFirst(), now: now) }
        guard registration != nil else { return registerLater(now: now) }
        if let due = reports.due(now: now) {
            reading = due.id
            switch due.need {
            case .readings(let queries): return .read(queries)
            case .statuses(let queries): return .observe(queries)
            }
        }
        if let opt = opts.next, let errand = errand(for: opt, now: now) { return send(errand, now: now) }
        if nextPoll <= now { return send(pulls ? .poll : .requestEvent, now: now) }
        return .wait(until: min(nextPoll, reports.nextDue ?? nextPoll))
    }

    /// A VEN that the VTN knows as it is goes on where it was; any other one registers, and tells of itself again.
    private mutating func start() {
        guard registration != nil, announced == configuration.announcement else {
            announced = nil
            reports.forgetAll()
            agenda = [.query, .register]
            return
        }
        hasExchangedMetadata = true
        agenda = [.requestEvent]
    }

    /// Whether it asks for its messages.
    var pulls: Bool {
        if case .httpPush = configuration.transport { false } else { true }
    }

    /// The VTN cannot read a message; the same one again makes no sense.
    private mutating func drop(_ errand: Errand?, now: Instant) {
        switch errand?.purpose {
        case .report(let id): reports.delivered(id, now: now)
        case .opt(let id, let event): takeOpt(id, event: event, code: nil)
        case .requestEvent: schedulePoll(now: now)
        default: break
        }
    }

    /// After the VTN ended the registration, and the VEN confirmed it.
    private mutating func registerLater(now: Instant) -> EndNodeAction {
        agenda = [.register]
        guard isRetiring else { return next(now: now) }
        isRetiring = false
        guard let pause = configuration.pauseAfterCancellation else { return .stop(.registrationCancelled) }
        pausedUntil = now + pause
        return next(now: now)
    }

    /// A report over which the VTN breaks down comes again later, and the rest goes on: its readings are not lost.
    private mutating func stumble(now: Instant) {
        guard case .report(let id)? = inFlight?.purpose else { return pause(now: now) }
        inFlight = nil
        reports.postpone(id, now: now)
    }

    /// Without these two nothing works; any other message is dropped when the VTN cannot read it.
    private var rejectedService: ServiceName? {
        switch inFlight?.purpose {
        case .register: .eiRegisterParty
        case .poll: .oadrPoll
        case .query, .metadata, .requestEvent, .report, .opt, .reply, nil: nil
        }
    }

    private mutating func send(_ errand: Errand, now: Instant) -> EndNodeAction {
        let message = payload(for: errand, now: now)
        // Kept as it is: the same requestID makes a repetition one (clause 9.1.4).
        inFlight = .message(message, errand.purpose)
        return .exchange(message, message.service ?? errand.purpose.service)
    }

    /// One second at first, then twice as long each time, give or take a tenth (clause 9.1.7).
    private mutating func pause(atLeast span: TimeSpan = .zero, now: Instant) {
        let doubled = Double(min(Int64(1) << min(failures, 30), configuration.longestPause.seconds))
        failures += 1
        let jittered = (doubled * (0.9 + 0.2 * environment.random())).rounded()
        pausedUntil = now + max(.seconds(max(1, Int64(jittered))), span)
    }

    /// The next poll of an idle VTN; a little later each time, so that VENs do not fall into step.
    mutating func schedulePoll(now: Instant) {
        let asked =
            pulls ? registration?.pollFrequency ?? configuration.pollFrequency : configuration.resynchronisation
        let frequency = max(asked, .seconds(1))
        let jitter = Int64(Double(frequency.seconds) * 0.1 * environment.random())
        nextPoll = now + frequency + .seconds(jitter)
    }

    /// After the reply to a message the VEN polls at once (rule 500), unless the VTN never comes to an end.
    mutating func pollAgain(now: Instant) {
        drained += 1
        if drained < Self.longestDrain { nextPoll = now } else { schedulePoll(now: now) }
    }

    private static let longestDrain = 100
}
