import ArgumentParser
import Measures
import OpenADR
import VirtualTopNode

/// `curtail event modify`: changes what is pending or under way.
struct EventModifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modify",
        abstract: "Change an event that is pending or under way.",
        discussion: """
            Only what is given changes; the rest stays. What has happened cannot be changed: of an event under way the
            start and the intervals that have passed must stay as they are. --ven names the complete new list of VENs: one
            that is left out sees the event cancelled, one that is new needs --reduce or --signal. Every change raises the
            event's modificationNumber by one, and the VENs answer anew.

            Examples:
              curtail event modify event-1f2e3d4c --duration 2h
              curtail event modify event-1f2e3d4c --signal SIMPLE/level=3 --reason "hotter than forecast"
              curtail event modify event-1f2e3d4c --ven plant-7
            """)

    @OptionGroup var services: ServiceOptions
    @OptionGroup var shape: EventShape

    @Argument(help: ArgumentHelp("The event's id, as 'curtail event list' shows it.", valueName: "event"))
    var event: String

    @Option(help: ArgumentHelp("Why, for the VENs' people.", valueName: "text"))
    var reason: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let now = SystemTime().now()
        let changed = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            let known = try await database.topNode.event(EventID(event))
            let terms = try self.terms(changing: known.event.terms, now: now)
            let plans = try participants(changing: known.participations, from: known.event.terms, to: terms)
            return try await database.topNode.modify(
                known.event.eventID, terms: terms, participants: plans, reason: reason,
                expecting: known.event.modificationNumber, now: now)
        }
        guard !json else { return print(try JSONOutput.text(EventLine(changed, [], now: now))) }
        print(
            """
            \(changed.eventID) is version \(changed.modificationNumber) now: \(changed.terms.start) \
            \(EventCreateCommand.length(of: changed.terms))
              next  curtail event list
            """)
    }

    private func terms(changing old: EventTerms, now: Instant) throws -> EventTerms {
        let start = shape.start(now: now) ?? old.start
        let terms = EventTerms(
            marketContext: old.marketContext, start: start, steps: shape.intervals ?? old.steps,
            startAfter: shape.startAfter?.span ?? old.startAfter,
            notification: shape.notification?.span ?? old.notification, rampUp: shape.rampUp?.span ?? old.rampUp,
            recovery: shape.recovery?.span ?? old.recovery, priority: shape.priority ?? old.priority,
            responseRequired: shape.answers.map { $0 ? .always : .never } ?? old.responseRequired,
            isTest: shape.test ?? old.isTest, comment: shape.comment ?? old.comment)
        guard let terms else { throw ValidationError("The event has no steps.") }
        return terms
    }

    private func participants(
        changing old: [EventParticipation], from former: EventTerms, to terms: EventTerms
    ) throws -> [ParticipantPlan] {
        let current = old.filter { $0.withdrawnModification == nil }
        let named = try shape.named()
        let vens = named.isEmpty ? current.map(\.venID) : named
        let parts = Dictionary(current.map { ($0.venID, $0) }) { first, _ in first }
        let programme = try shape.programme(steps: terms.steps)
        return try vens.map { ven in
            let known = parts[ven]
            guard let signals = programme ?? known?.signals.compactMap({ $0.stretched(to: terms.steps.count) }),
                signals.count == programme?.count ?? known?.signals.count
            else {
                throw ValidationError(
                    known == nil
                        ? "The VEN \(ven) is new in the event: say what it shall do with --reduce or --signal."
                        : "There are \(terms.steps.count) intervals now: say what they ask for with --reduce or --signal."
                )
            }
            return ParticipantPlan(
                venID: ven, signals: signals,
                resources: shape.resources.isEmpty ? known?.resources ?? [] : shape.resources.map { ResourceID($0) },
                targets: shape.targets.isEmpty ? known?.targets ?? [] : shape.targets.map(\.target),
                baseline: known?.baseline)
        }
    }
}

extension ProgrammedSignal {
    /// The same for another number of intervals; nil when it is not clear what that is.
    fileprivate func stretched(to count: Int) -> ProgrammedSignal? {
        if values.count == count { return self }
        guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
        return ProgrammedSignal(kind, values: Array(repeating: first, count: count), deviceClasses: deviceClasses)
    }
}
