import ArgumentParser
import Foundation
import Measures
import OpenADR
import VirtualTopNode

/// A signal as people write it: `LOAD_DISPATCH/setpoint/W=5000,4000`, with device classes `…@EVSE,Storage=…`.
struct SignalArgument: ExpressibleByArgument, Hashable {
    let kind: SignalKind
    let values: [Double]
    let deviceClasses: [DeviceClass]

    init?(argument: String) {
        guard let equals = argument.lastIndex(of: "=") else { return nil }
        let left = argument[..<equals].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let kind = SignalKind(word: String(left[0])) else { return nil }
        let numbers = argument[argument.index(after: equals)...].split(
            separator: ",", omittingEmptySubsequences: false
        ).map { Double($0) }
        let values = numbers.compactMap { $0 }
        let classes = left.count == 2 ? left[1].split(separator: ",").map { DeviceClass(rawValue: String($0)) } : []
        guard values.count == numbers.count, ProgrammedSignal(kind, values: values, deviceClasses: classes) != nil,
            left.count == 1 || !classes.isEmpty
        else { return nil }
        self.kind = kind
        self.values = values
        deviceClasses = classes
    }

    /// One value stands for all steps. Nil when there are neither one nor as many values as steps.
    func signal(steps: Int) -> ProgrammedSignal? {
        guard values.count == 1 || values.count == steps else { return nil }
        let all = values.count == 1 ? Array(repeating: values[0], count: steps) : values
        return ProgrammedSignal(kind, values: all, deviceClasses: deviceClasses)
    }
}

/// A target as people write it: `group=feeder-7`, `serviceArea=52.5 13.4 52.6 13.4 52.6 13.5`.
struct TargetArgument: ExpressibleByArgument, Hashable {
    let target: EventTarget

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="),
            let target = EventTarget(
                kind: String(argument[..<equals]), value: String(argument[argument.index(after: equals)...]))
        else { return nil }
        self.target = target
    }
}

/// Lengths of intervals, `15m,15m,30m`.
struct StepsArgument: ExpressibleByArgument, Hashable {
    let steps: [TimeSpan]

    init?(argument: String) {
        let spans = argument.split(separator: ",", omittingEmptySubsequences: false)
            .map { SpanArgument(argument: String($0)) }
        steps = spans.compactMap { $0?.span }
        guard steps.count == spans.count, steps.allSatisfy({ $0 > .zero }) else { return nil }
    }
}

/// `optIn` or `optOut`.
struct OptArgument: ExpressibleByArgument, Hashable {
    let type: OptType

    init?(argument: String) {
        guard let type = OptType(rawValue: argument) else { return nil }
        self.type = type
    }
}

/// `allow` or `refuse`.
struct ConflictArgument: ExpressibleByArgument, Hashable {
    let rule: ProgrammeRules.Conflict

    init?(argument: String) {
        guard let rule = ProgrammeRules.Conflict(rawValue: argument) else { return nil }
        self.rule = rule
    }
}

/// When an event is, what it asks for, and how it is to be taken: shared by creating and changing one.
struct EventShape: ParsableArguments {
    @Option(name: .customLong("in"), help: ArgumentHelp("How long from now it begins, such as 10m.", valueName: "span"))
    var delay: SpanArgument?

    @Option(help: ArgumentHelp("When it begins, in UTC: 2026-07-15T17:00:00Z.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("How long it lasts, such as 1h30m; 0 is until it is cancelled.", valueName: "span"))
    var duration: SpanArgument?

    @Option(help: ArgumentHelp("Several intervals instead of one: 15m,15m,30m.", valueName: "spans"))
    var steps: StepsArgument?

    @Option(help: ArgumentHelp("How much less each VEN shall draw.", valueName: "kilowatts"))
    var reduce: Double?

    @Option(
        name: .customLong("signal"),
        help: ArgumentHelp(
            "Another signal with a value for each interval: SIMPLE/level=2, ELECTRICITY_PRICE/price/EUR/kWh=0.4,0.6, "
                + "or only for some devices LOAD_CONTROL/x-loadControlCapacity@EVSE=0.5. May be repeated.",
            valueName: "signal"))
    var signals: [SignalArgument] = []

    @Option(name: .customLong("ven"), help: ArgumentHelp("A VEN that is asked; may be repeated.", valueName: "id"))
    var vens: [String] = []

    @Option(
        name: .customLong("vens"),
        help: ArgumentHelp("A file with the ids of VENs that are asked, one a line; - is the input.", valueName: "file")
    )
    var list: String?

    @Option(
        name: .customLong("resource"),
        help: ArgumentHelp("Only this resource of the one VEN; may be repeated.", valueName: "id"))
    var resources: [String] = []

    @Option(
        name: .customLong("target"),
        help: ArgumentHelp(
            "What else is meant, kind=value; may be repeated. Kinds: "
                + EventTarget.kinds.joined(separator: ", ") + ".", valueName: "target"))
    var targets: [TargetArgument] = []

    @Option(help: ArgumentHelp("1 is the most important, 0 none.", valueName: "number"))
    var priority: UInt32?

    @Option(help: ArgumentHelp("Each VEN starts at random within this span.", valueName: "span"))
    var startAfter: SpanArgument?

    @Option(help: ArgumentHelp("How long before the start it is 'near'.", valueName: "span"))
    var rampUp: SpanArgument?

    @Option(help: ArgumentHelp("How long loads may take to come back.", valueName: "span"))
    var recovery: SpanArgument?

    @Option(
        help: ArgumentHelp("How long before the start the VENs are to know; by default from now.", valueName: "span"))
    var notification: SpanArgument?

    @Option(help: ArgumentHelp("A note that goes with the event.", valueName: "text"))
    var comment: String?

    @Flag(inversion: .prefixedNo, help: "Whether it is only a test.")
    var test: Bool?

    @Flag(inversion: .prefixedNo, help: "Whether the VENs have to answer.")
    var answers: Bool?

    func validate() throws {
        guard delay == nil || at == nil else { throw ValidationError("Give one of --in and --at.") }
        if let at, Instant(utc: at) == nil {
            throw ValidationError("--at takes a time like 2026-07-15T17:00:00Z, not '\(at)'.")
        }
        guard duration == nil || steps == nil else { throw ValidationError("Give one of --duration and --steps.") }
        if let reduce, !(reduce.isFinite && reduce > 0 && reduce < 1e6) {
            throw ValidationError("--reduce takes a number of kilowatts above 0.")
        }
        guard resources.isEmpty || (vens.count == 1 && list == nil) else {
            throw ValidationError("--resource needs exactly one --ven, as a resource is one VEN's.")
        }
    }

    /// The VENs that were named, one by one and in the file.
    func named() throws -> [VENID] {
        guard let list else { return vens.map { VENID($0) } }
        guard let file = list == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: list) else {
            throw CommandFailure(
                "The list of VENs \(list) cannot be read.", hint: "name a file with one id a line", status: .notFound)
        }
        let data = try file.readToEnd() ?? Data()
        let ids = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        let named = (vens + ids.filter { !$0.isEmpty }).map { VENID($0) }
        guard !named.isEmpty else { throw ValidationError("The list of VENs \(list) is empty.") }
        return named
    }

    func start(now: Instant) -> Instant? { at.flatMap { Instant(utc: $0) } ?? delay.map { now + $0.span } }

    var intervals: [TimeSpan]? { steps?.steps ?? duration.map { [$0.span] } }

    /// What is asked for, nil when nothing was given.
    func programme(steps: [TimeSpan]) throws -> [ProgrammedSignal]? {
        guard reduce != nil || !signals.isEmpty else { return nil }
        var list: [ProgrammedSignal] = []
        if let reduce,
            let signal = ProgrammedSignal(.loadDispatchDelta, values: steps.map { _ in -reduce * 1_000 })
        {
            list.append(signal)
        }
        for argument in signals {
            guard let signal = argument.signal(steps: steps.count) else {
                throw ValidationError(
                    "\(argument.kind.path) has \(argument.values.count) values, but there are \(steps.count) intervals."
                )
            }
            list.append(signal)
        }
        return list
    }
}
