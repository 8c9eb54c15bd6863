import Foundation
import Measures
import OpenADR
import Synchronization
import Testing

@testable import VirtualEndNode
@testable import curtail

/// What drivers of loads are told, and what counts as done.
@Suite struct VENOutputTests {
    private static let instruction = Instruction(
        resource: "hvac", action: .follow(.level(2)), cause: .event, event: "peak",
        start: Instant(year: 2026, month: 7, day: 1), end: Instant(year: 2026, month: 7, day: 2))

    private static func script(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("driver-\(UUID().uuidString)").path
        try "#!/bin/sh\n\(text)\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    @Test func `a command has the instruction in its environment, and its status says that it is done`() async throws {
        let told = try Self.script("")
        let program = try Self.script(
            "echo $CURTAIL_RESOURCE $CURTAIL_ACTION $CURTAIL_VALUE $CURTAIL_EVENT $CURTAIL_REPEATED \"$@\" >\(told)")
        try await CommandOutput(command: [program, "a b"]).apply(Self.instruction, isRepetition: true)
        #expect(try String(contentsOfFile: told, encoding: .utf8) == "hvac level 2 peak 1 a b\n")
        let failing = try Self.script("exit 3")
        await #expect {
            try await CommandOutput(command: [failing]).apply(Self.instruction, isRepetition: false)
        } throws: { "\($0)".contains("ended with status 3") }
        await #expect(throws: OutputFailure.self) {
            try await CommandOutput(command: ["/no/such/program"]).apply(Self.instruction, isRepetition: false)
        }
    }

    @Test func `a program that takes too long is killed`() async throws {
        // The shell starts a program that keeps the output open when only the shell is killed.
        let slow = try Self.script("sleep 300; echo late")
        await #expect {
            _ = try await ChildProgram(command: [slow], limit: .seconds(1)).run()
        } throws: { "\($0)".contains("took longer than 1 s") }
    }

    @Test func `a plug-in gets a line for each instruction, and its line says how it went`() async throws {
        // Answers the first one, fails the second one, and dies over the third one.
        let told = try Self.script("")
        let plugin = PluginOutput(
            command: [
                try Self.script(
                    """
                    number=0
                    while read -r line; do
                        number=$((number + 1))
                        echo "$line" >>\(told)
                        id=$(echo "$line" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
                        case $number in
                            1) echo '{"type":"done","id":"'"$id"'"}' ;;
                            2) echo '{"type":"failed","id":"'"$id"'","reason":"too hot"}' ;;
                            *) exit 9 ;;
                        esac
                    done
                    """)
            ], logger: TestVTN.silence)
        let forgotten = Mutex(0)
        plugin.attach { forgotten.withLock { $0 += 1 } }
        #expect(forgotten.withLock { $0 } == 1)
        try await plugin.apply(Self.instruction, isRepetition: false)
        let line = try #require(
            try String(contentsOfFile: told, encoding: .utf8).split(separator: "\n").last { $0.hasPrefix("{") })
        let fields = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(fields["type"] as? String == "instruction" && fields["resource"] as? String == "hvac")
        #expect(fields["value"] as? Double == 2 && fields["repeated"] as? Bool == false)
        await #expect { try await plugin.apply(Self.instruction, isRepetition: false) } throws: {
            "\($0)" == "too hot"
        }
        await #expect { try await plugin.apply(Self.instruction, isRepetition: false) } throws: {
            "\($0)".contains("ended with status 9")
        }
        // It wants to be told what holds, and is started again for that.
        #expect(try await eventually { forgotten.withLock { $0 } == 2 })
        try await plugin.apply(Self.instruction, isRepetition: true)
    }

    @Test func `a growing file is read on from where it ended, whole lines only`() throws {
        let path = try Self.script("")
        func write(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }
        var file = GrowingFile()
        func values() throws -> [Double] {
            try file.rows(of: path, time: "time", value: "kW").map(\.value)
        }
        let first = "time,other,kW\n2026-07-01T00:00:00Z,x,1.5\n2026-07-01T00:01:00Z,x,2"
        try write(first)
        #expect(try values() == [1.5])
        try write(first + ".5\n60,x,\n2026-07-01T00:02:00Z,x,3\n")
        #expect(try values() == [2.5, 3])
        #expect(try values() == [])
        // Shorter: another file.
        try write("kW,time\n9,1782864000\n")
        #expect(
            try file.rows(of: path, time: "time", value: "kW").map(\.at) == [Instant(secondsSinceEpoch: 1_782_864_000)])
        var other = GrowingFile()
        #expect(throws: OutputFailure.self) { _ = try other.rows(of: path, time: "when", value: "kW") }
    }

    @Test func `meters are asked on their grid, in their units; one that fails leaves a gap`() async throws {
        let program = try Self.script("echo 1.5 kW and more")
        let broken = try Self.script("echo none")
        let text = """
            meters:
              - {resource: good, unit: kW, every: 3s, command: ["\(program)"]}
              - {resource: bad, unit: kW, every: 3s, command: ["\(broken)"]}
            """
        let settings = try LayeredSettings(
            keys: VENSettings.keys, text: text, name: "ven.yaml", environment: [:], prefix: VENSettings.prefix,
            flags: [(path: "vtn.url", flag: "--url", text: "https://localhost:1")])
        let meters = try VENSettings(settings, folder: "/tmp").meters
        let begin = SystemTime().now()
        let sink = try SampledMeter(
            series: Dictionary(
                uniqueKeysWithValues: meters.map { ($0.resource, SampleSeries(kind: $0.kind, step: $0.every)) }),
            kept: [], journal: nil, now: begin)
        let reader = MeterReader(meters: meters, sink: sink, logger: TestVTN.silence)
        let reading = Task { try await reader.run() }
        // On a busy machine the two values at the ends of an interval may both be late, again and again.
        let isThere = try await eventually(within: .seconds(90)) {
            let now = SystemTime().now()
            return try await sink.readings(
                of: "good", in: TimeWindow(start: begin, duration: now - begin), every: .seconds(3)
            ).contains { $0.energy.map { abs($0.value - 4_500.0 / 3_600) < 1e-9 } == true }
        }
        #expect(isThere)
        let gap = try await sink.readings(
            of: "bad", in: TimeWindow(start: begin, duration: .seconds(6)), every: .seconds(3))
        #expect(gap.allSatisfy { $0.energy == nil })
        reading.cancel()
        _ = await reading.result
    }
}
