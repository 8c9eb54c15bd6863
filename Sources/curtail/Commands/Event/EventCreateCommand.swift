import ArgumentParser
import Foundation
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// `curtail event create`: asks VENs to shed.
struct EventCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Ask VENs to shed load for a while.",
        discussion: """
            Publishes an event; the VENs get it with their next poll, and answer with opt in or out. --reduce is a
            LOAD_DISPATCH/delta in kW; --signal takes any signal of the standard, with one value for all intervals or one
            for each. VENs whose meters have a forecast for all of the event are told the load that it expects
            (eiEventBaseline); --no-baseline leaves that out.

            Examples:
              curtail event create --in 10m --duration 1h --reduce 20 --ven plant-7
              curtail event create --at 2026-07-15T17:00:00Z --duration 2h --reduce 5 --ven home-1 --ven home-2
              curtail event create --in 1h --steps 30m,30m --signal SIMPLE/level=1,2 --ven home-1 --start-after 5m
              seq -f plant-%.0f 1 500 | curtail event create --in 1h --duration 1h --reduce 5 --vens -
              curtail event create --in 1h --duration 0 --signal SIMPLE/level=3 --ven plant-7 --resource chiller --test
            """)

    @OptionGroup var services: ServiceOptions
    @OptionGroup var shape: EventShape

    @Option(help: ArgumentHelp("The programme, a URI.", valueName: "uri"))
    var program = "http://curtail.example/programmes/manual"

    @Flag(help: "Do not tell the VENs the load that is forecast for them (eiEventBaseline).")
    var noBaseline = false

    @Option(help: ArgumentHelp("The event's id; without it, a new one.", valueName: "id"))
    var id: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard shape.delay != nil || shape.at != nil else { throw ValidationError("Give one of --in and --at.") }
        guard let steps = shape.intervals else { throw ValidationError("Give one of --duration and --steps.") }
        guard try shape.programme(steps: steps) != nil else { throw ValidationError("Give --reduce or --signal.") }
        guard !shape.vens.isEmpty || shape.list != nil else { throw ValidationError("Name at least one --ven.") }
        if let id, !VENAdmission.isName(id) {
            throw ValidationError("--id takes 1 to 64 letters, digits, '-', '_' and '.'.")
        }
    }

    func run() async throws {
        let now = SystemTime().now()
        let start = shape.start(now: now) ?? now
        let steps = shape.intervals ?? []
        guard let signals = try shape.programme(steps: steps),
            let terms = EventTerms(
                marketContext: MarketContext(program), start: start, steps: steps,
                startAfter: shape.startAfter?.span ?? .zero,
                notification: shape.notification?.span ?? max(start - now, .zero), rampUp: shape.rampUp?.span ?? .zero,
                recovery: shape.recovery?.span ?? .zero, priority: shape.priority ?? 1,
                responseRequired: shape.answers == false ? .never : .always, isTest: shape.test ?? false,
                comment: shape.comment)
        else { throw ValidationError("The event has no steps.") }
        let vens = try shape.named()
        let eventID = EventID(id ?? "event-\(UUID().uuidString.prefix(8).lowercased())")
        let event = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            var participants: [ParticipantPlan] = []
            for ven in vens {
                // A forecast is of the whole VEN, not of some of its resources.
                let baseline =
                    noBaseline || !shape.resources.isEmpty
                    ? nil
                    : try await EventBaselines(database.pool).baseline(
                        BaselineID(String("\(eventID)-\(ven)".prefix(128))), of: ven, start: terms.start,
                        duration: terms.duration)
                participants.append(
                    ParticipantPlan(
                        venID: ven, signals: signals, resources: shape.resources.map { ResourceID($0) },
                        targets: shape.targets.map(\.target), baseline: baseline))
            }
            return try await database.topNode.issue(eventID, terms: terms, participants: participants, now: now)
        }
        guard !json else { return print(try JSONOutput.text(EventLine(event, [], now: now))) }
        print(
            """
            \(event.eventID) is published: \(event.terms.start) \(Self.length(of: terms)), \
            \(Self.text(signals)) from each of \(Self.text(vens))
              next  curtail event list
            """)
    }

    /// All of them, or how many they are.
    private static func text(_ vens: [VENID]) -> String {
        vens.count > 10 ? "\(vens.count) VENs" : vens.map(\.rawValue).joined(separator: ", ")
    }

    static func length(of terms: EventTerms) -> String {
        terms.isOpenEnded ? "until it is cancelled" : "for \(SpanArgument(terms.duration))"
    }

    /// What is asked for, in one line, as it could be written again.
    static func text(_ signals: [ProgrammedSignal]) -> String {
        signals.map { signal in
            if signal.kind == .loadDispatchDelta, let first = signal.values.first, first < 0,
                signal.values.allSatisfy({ $0 == first }), signal.deviceClasses.isEmpty
            {
                return "\((-first / 1_000).fixed(1)) kW less"
            }
            let devices =
                signal.deviceClasses.isEmpty ? "" : "@" + signal.deviceClasses.map(\.rawValue).joined(separator: ",")
            return "\(signal.kind.path)\(devices)=\(signal.values.map(\.shortest).joined(separator: ","))"
        }.joined(separator: " and ")
    }
}

extension Double {
    /// `2` and `0.4`.
    fileprivate var shortest: String { self == rounded() && magnitude < 1e15 ? "\(Int64(self))" : "\(self)" }
}
