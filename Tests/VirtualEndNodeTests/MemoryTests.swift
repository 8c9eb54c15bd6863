import Foundation
import Measures
import MessageAudit
import OpenADR
import OpenADRXML
import Testing
import TopNodeTesting
import VirtualEndNode
import VirtualTopNode

/// What a VEN knows after its process ended: everything that it had said or done.
@Suite struct MemoryTests {
    private static func codec() throws -> OpenADRCodec { try MessageAudit.codec { Issue.record("\($0)") } }

    /// Registered, with an event that is answered, a report that runs and a site that said no to another event.
    private static func busy() throws -> Solo {
        var solo = Solo.polling()
        _ = solo.take([
            .testing("a", steps: [.minutes(10), .minutes(20)], values: [1, 2], startAfter: .minutes(5), priority: 2),
            .testing("b", at: .hours(3), context: "http://programme.example/shed", required: .never),
        ])
        solo.answer(
            .createReport(
                CreateReport(
                    requestID: "c",
                    requests: [
                        ReportRequest(
                            requestID: "rr",
                            specifier: ReportSpecifier(
                                specifierID: "usage", granularity: .minutes(1), reportBackDuration: .minutes(5),
                                interval: RequestedInterval(start: Solo.start),
                                payloads: [SpecifierPayload(rID: "site")]))
                    ], venID: "ven-1")))
        solo.settle()
        _ = try solo.ven.perform(.opt("b", .optOut, .mustRun), now: solo.now)
        _ = try solo.ven.perform(
            .schedule(
                .optOut, [TimeWindow(start: Solo.start + .days(1), duration: .hours(2))], .schedule,
                "http://programme.example/shed"), now: solo.now)
        return solo
    }

    @Test func `everything comes back from the disk as it was`() throws {
        let folder = Scratch()
        let solo = try Self.busy()
        let memory = solo.ven.memory
        do {
            var keeper = try EndNodeKeeper(folder: folder.path, codec: Self.codec())
            #expect(keeper.memory == EndNodeMemory())
            try keeper.keep(memory)
        }
        let again = try EndNodeKeeper(folder: folder.path, codec: Self.codec())
        #expect(again.memory == memory)
        #expect(again.memory.registration?.venID == "ven-1")
        #expect(again.memory.timeline == solo.ven.timeline)
        #expect(try EndNodeKeeper.read(folder: folder.path, codec: Self.codec()) == memory)
        let status = EndNodeStatus(of: memory, at: solo.now)
        #expect(status.events.map(\.eventID) == ["a", "b"])
        #expect(status.events.map(\.opt) == [.optIn, .optOut])
        #expect(status.opts.map(\.state).sorted { $0.rawValue < $1.rawValue } == [.known, .unsent])
        #expect(status.reports.map(\.requestID) == ["rr"])
    }

    @Test func `a journal that is written anew says the same`() throws {
        let folder = Scratch()
        var keeper = try EndNodeKeeper(folder: folder.path, codec: Self.codec())
        var solo = try Self.busy()
        let path = "\(folder.path)/\(EndNodeKeeper.fileName)"
        var sizes: [Int] = []
        for number in 0..<400 {
            _ = try solo.ven.perform(.opt("a", number % 2 == 0 ? .optOut : .optIn, .economic), now: solo.now)
            try keeper.keep(solo.ven.memory)
            sizes.append(try Data(contentsOf: URL(filePath: path)).count)
        }
        #expect(zip(sizes, sizes.dropFirst()).contains { $1 < $0 })
        #expect((sizes.max() ?? 0) < 300_000)
        #expect(try EndNodeKeeper.read(folder: folder.path, codec: Self.codec()) == solo.ven.memory)
    }

    @Test func `a file cut at any byte gives a state that the VEN was once in`() throws {
        let folder = Scratch()
        let path = "\(folder.path)/\(EndNodeKeeper.fileName)"
        var states: Set<EndNodeMemory> = [EndNodeMemory()]
        do {
            var keeper = try EndNodeKeeper(folder: folder.path, codec: Self.codec())
            var solo = Solo.polling()
            try keeper.keep(solo.ven.memory)
            states.insert(solo.ven.memory)
            _ = solo.take([.testing("a")])
            try keeper.keep(solo.ven.memory)
            states.insert(solo.ven.memory)
            _ = try solo.ven.perform(.opt("a", .optOut, .economic), now: solo.now)
            try keeper.keep(solo.ven.memory)
            states.insert(solo.ven.memory)
        }
        let bytes = try Data(contentsOf: URL(filePath: path))
        var seen: Set<EndNodeMemory> = []
        for length in stride(from: 0, through: bytes.count, by: 7) {
            try bytes.prefix(length).write(to: URL(filePath: path))
            let memory = try EndNodeKeeper(folder: folder.path, codec: Self.codec()).memory
            #expect(states.contains(memory))
            seen.insert(memory)
        }
        #expect(seen.count >= 3)
    }

    @Test func `a VEN that the VTN knows goes on where it was, without registering`() throws {
        let before = try Self.busy()
        var after = EndNodeState(
            configuration: EndNodeConfiguration(
                venName: "Site", resources: ["hvac", "line"], marketContexts: ["http://Programme.example/shed"],
                reports: [.hourOfMinutes]),
            environment: .counting(prefix: "again-"), memory: before.ven.memory, now: before.now)
        #expect(after.handle(.started, now: before.now) == .follow(before.ven.timeline))
        guard case .exchange(.requestEvent(let message), .eiEvent) = after.handle(.followed, now: before.now) else {
            Issue.record("it does not ask for its events")
            return
        }
        #expect(message.venID == "ven-1")
    }

    @Test func `a VEN that offers something else than before registers with its ids and says so`() throws {
        let before = try Self.busy()
        var solo = Solo(reports: [], memory: before.ven.memory)
        let messages = solo.settle()
        #expect(
            messages.map(\.elementName) == [
                "oadrQueryRegistration", "oadrCreatePartyRegistration", "oadrRegisterReport", "oadrRequestEvent",
                "oadrCreateOpt",
            ])
        guard case .createPartyRegistration(let create) = messages[1] else { return }
        #expect(create.registrationID == "reg-1")
        #expect(create.venID == "ven-1")
    }

    /// The VEN dies in the middle of exchanges, again and again: in the end both sides are where they would have been.
    @Test(arguments: 0..<5) func `killed at any exchange, a VEN answers once, sheds once and loses no reading`(
        offset: Int
    ) async throws {
        let disturbed = Conversation()
        disturbed.beforeExchange = { exchange in
            if exchange % 5 == offset { disturbed.restartVEN() }
        }
        let calm = Conversation()
        for talk in [calm, disturbed] {
            try await talk.admit()
            try await talk.run(for: .minutes(1))
            try await talk.vtn.issue(
                "peak", terms: .hour(at: talk.now + .minutes(10), steps: [.minutes(10), .minutes(10)]),
                participants: [.shed("ven-1", watts: 5_000, 8_000)], now: talk.now)
            try await talk.run(for: .minutes(45))
            disturbed.beforeExchange = { _ in }
            try await talk.run(for: .minutes(6))
        }
        let (expected, found) = (await calm.rows, await disturbed.rows)
        #expect(found.decisions.count == expected.decisions.count)
        #expect(disturbed.ven.timeline == calm.ven.timeline)
        let values = { (rows: MemoryRows) in
            rows.measurements.values.map { "\($0.start) \($0.value)" }.sorted()
        }
        let last = min(values(expected).count, values(found).count)
        #expect(last >= 45)
        #expect(values(found).prefix(last) == values(expected).prefix(last))
    }
}
