import Foundation
import Logging
import Measures
import OpenADR
import Synchronization
import Testing
import VirtualEndNode

/// What a resource is told, and when.
@Suite struct OutputTests {
    private static let start = Solo.start

    private static func timeline(_ dispatch: Dispatch = .level(2), from: Int64 = 10, to: Int64? = 70) -> Timeline {
        Timeline(layers: [
            Timeline.Layer(
                eventID: "e", priority: 1, resources: [],
                slots: [
                    Timeline.Slot(
                        start: start + .minutes(from), end: to.map { start + .minutes($0) }, dispatch: dispatch,
                        eventID: "e")
                ])
        ])
    }

    /// What is told at which minute, asking as often as it wants to be asked.
    private static func run(
        _ control: ResourceControl, _ timeline: Timeline, until end: Int64 = 200, contact: (Instant) -> Instant = { $0 }
    ) -> [String] {
        var (control, now, told) = (control, start, [String]())
        var last: Instruction?
        while now <= start + .minutes(end) {
            let (instruction, next) = control.decide(timeline: timeline, contact: contact(now), now: now)
            if instruction.id != last?.id {
                told.append("\((now - start).seconds / 60) \(instruction.words) \(instruction.cause.rawValue)")
            }
            last = instruction
            guard let next else { break }
            #expect(next > now)
            now = next
        }
        return told
    }

    @Test func `an event is followed from its start to its end`() {
        let told = Self.run(ResourceControl(resource: "hvac"), Self.timeline())
        #expect(told == ["0 normal noEvent", "10 level 2 event", "70 normal noEvent"])
    }

    @Test(arguments: [
        (Dispatch.level(3), Dispatch.level(1)), (.setpoint(Watts(100)), .setpoint(Watts(2_000))),
        (.delta(Watts(-9_000)), .delta(Watts(-4_000))), (.delta(Watts(-3_000)), .delta(Watts(-3_000))),
        (.price(0.5), .price(0.5)),
    ])
    func `limits bound what an event asks for`(asked: Dispatch, done: Dispatch) {
        var control = ResourceControl(
            resource: nil,
            limits: ComfortLimits(highestLevel: 1, lowestSetpoint: Watts(2_000), deepestCut: Watts(4_000)))
        let now = Self.start + .minutes(20)
        let instruction = control.decide(timeline: Self.timeline(asked), contact: now, now: now).instruction
        #expect(instruction.action == .follow(done))
        #expect(instruction.cause == (asked == done ? .event : .limit))
    }

    @Test func `the longest shed ends it, and the rest keeps it ended`() {
        let limits = ComfortLimits(longestShed: .minutes(20), rest: .minutes(15))
        let told = Self.run(ResourceControl(resource: "hvac", limits: limits), Self.timeline())
        #expect(
            told == [
                "0 normal noEvent", "10 level 2 event", "30 normal limit", "45 level 2 event", "65 normal limit",
                "70 normal noEvent",
            ])
        let once = Self.run(
            ResourceControl(resource: "hvac", limits: ComfortLimits(longestShed: .minutes(20))), Self.timeline())
        #expect(once == ["0 normal noEvent", "10 level 2 event", "30 normal limit", "70 normal noEvent"])
    }

    @Test func `when the VTN is gone the loads are made safe, until it is back`() {
        let safe = ResourceControl(resource: nil, failSafe: FailSafe(after: .minutes(15), action: .normal))
        let gone = { (now: Instant) in
            // Heard of until minute 20, and again from minute 50 on.
            now < Self.start + .minutes(20) || now >= Self.start + .minutes(50) ? now : Self.start + .minutes(20)
        }
        var (control, told) = (safe, [String]())
        for minute in 0..<80 {
            let now = Self.start + .minutes(Int64(minute))
            let instruction = control.decide(timeline: Self.timeline(), contact: gone(now), now: now).instruction
            let words = "\(instruction.words) \(instruction.cause.rawValue)"
            if told.last?.hasSuffix(words) != true { told.append("\(minute) \(words)") }
        }
        #expect(
            told == [
                "0 normal noEvent", "10 level 2 event", "35 normal failSafe", "50 level 2 event", "70 normal noEvent",
            ])
        var hold = ResourceControl(
            resource: nil, failSafe: FailSafe(after: .minutes(15), action: .hold(.level(1))))
        let late = hold.decide(timeline: Timeline(), contact: Self.start, now: Self.start + .hours(1)).instruction
        #expect(late.action == .follow(.level(1)))
        var carry = ResourceControl(resource: nil, failSafe: FailSafe(after: .minutes(15), action: .carryOn))
        let on = carry.decide(
            timeline: Self.timeline(), contact: Self.start, now: Self.start + .minutes(40)
        ).instruction
        #expect(on.action == .follow(.level(2)))
    }

    // MARK: The controller

    private final class Recorder: ControlOutput {
        let told = Mutex<[(instruction: Instruction, isRepetition: Bool)]>([])
        let failures: Mutex<Int>

        init(failing failures: Int = 0) { self.failures = Mutex(failures) }

        func apply(_ instruction: Instruction, isRepetition: Bool) async throws {
            let fails = failures.withLock { left in
                defer { left = max(0, left - 1) }
                return left > 0
            }
            if fails { throw Missing() }
            told.withLock { $0.append((instruction, isRepetition)) }
        }

        var words: [String] { told.withLock { $0.map { $0.instruction.words + ($0.isRepetition ? " again" : "") } } }
    }

    private static func control(
        _ output: any ControlOutput, journal: String?, from now: Instant, until end: Instant, timeline: Timeline
    ) async throws {
        let time = SteppingTime(now: now, end: end)
        let controller = try OutputController(
            resources: [.init(control: ResourceControl(resource: "hvac"), output: output)], time: time,
            journal: journal, contact: { time.now() }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        await controller.follow(timeline)
        try? await controller.run()
    }

    @Test func `the controller tells each instruction once, over restarts too`() async throws {
        let (folder, output) = (Scratch(), Recorder())
        let journal = "\(folder.path)/outputs.journal"
        for minutes in [0, 20, 30, 80] {
            try await Self.control(
                output, journal: journal, from: Self.start + .minutes(Int64(minutes)),
                until: Self.start + .minutes(Int64(minutes) + 15), timeline: Self.timeline())
        }
        #expect(output.words == ["level 2", "normal"])
    }

    @Test func `what failed is tried again`() async throws {
        let output = Recorder(failing: 3)
        try await Self.control(
            output, journal: nil, from: Self.start, until: Self.start + .minutes(100), timeline: Self.timeline())
        // What failed may have been carried out all the same.
        #expect(output.words == ["level 2 again", "normal"])
    }

    @Test func `an instruction that a kill interrupted is told again, marked as such`() async throws {
        let (folder, output) = (Scratch(), Recorder())
        let journal = "\(folder.path)/outputs.journal"
        do {
            let file = try Journal(path: journal) { _ in }
            let id = "event/e/\(Self.start + .minutes(10))/level:2"
            try file.append(Array(#"{"resource":"hvac","instruction":"\#(id)","isDone":false}"#.utf8))
        }
        try await Self.control(
            output, journal: journal, from: Self.start + .minutes(20), until: Self.start + .minutes(30),
            timeline: Self.timeline())
        #expect(output.words == ["level 2 again"])
    }
}

/// Whoever sleeps is at once where it wanted to be; at the end everybody is cancelled.
private final class SteppingTime: TimeSource {
    private let instant: Mutex<Instant>
    private let end: Instant

    init(now: Instant, end: Instant) {
        instant = Mutex(now)
        self.end = end
    }

    func now() -> Instant { instant.withLock { $0 } }

    func sleep(until deadline: Instant) async throws {
        guard deadline <= end else { throw CancellationError() }
        // Lets a bell ring first.
        await Task.yield()
        instant.withLock { $0 = max($0, deadline) }
    }
}
