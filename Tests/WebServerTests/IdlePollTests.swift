import HTTPTypes
import Measures
import OpenADR
import OpenADRXML
import Synchronization
import Testing
import VirtualTopNode

@testable import WebServer

/// Polls that are known and bring nothing take the short way; everything else, and every doubt, the long one.
@Suite struct IdlePollTests {
    /// What the store would say, and what came to the journal.
    private final class Store: Sendable {
        let waiting = Mutex<Set<VENID>>([])
        let isDown = Mutex(false)
        let asked = Mutex(0)
        let journal = Mutex<[PollRun]>([])

        var polls: IdlePolls {
            IdlePolls(
                hasWaiting: { [self] ven, then in
                    asked.withLock { $0 += 1 }
                    if isDown.withLock({ $0 }) { return then(.failure(TestFailure())) }
                    then(.success(waiting.withLock { $0.contains(ven) }))
                },
                journal: { [self] poll, ven, certificate, exchange in
                    journal.withLock {
                        $0.append(PollRun(venID: ven, certificate: certificate, exchange: exchange, polls: [poll]))
                    }
                })
        }
    }

    private static let idle = Payload.response(OpenADR.Response(response: EiResponse(), venID: "VEN-1"))
    private static let polling = PeerStanding(venID: "VEN-1", isPolling: true)

    private static func endpoint(
        _ store: Store, standing: PeerStanding = polling, rates: PeerRates? = nil,
        connections: ConnectionTable = ConnectionTable(), gate: LoadGate = LoadGate(), answer: Payload = idle
    ) throws -> TestEndpoint {
        try TestEndpoint(
            standing: standing, rates: rates, gate: gate, connections: connections, idlePolls: store.polls
        ) { _, _, _, _ in answer }
    }

    @Test func `a known poll gets the same answer, is counted and logged, and is read once`() async throws {
        let store = Store()
        let endpoint = try Self.endpoint(store)
        let first = try await endpoint.send()
        for _ in 0..<3 {
            let again = try await endpoint.send()
            #expect(again.bytes == first.bytes && again.status == .ok && again.announced == first.announced)
            // Hummingbird gives every answer of the responder its date.
            var headers = first.headers
            headers[.date] = "Wed, 01 Jul 2026 00:00:00 GMT"
            #expect(again.headers == headers)
        }
        #expect(endpoint.seen.count == 1 && store.asked.withLock { $0 } == 3)
        #expect(
            endpoint.metrics.value("oadr_messages_total", labels: ["message": "oadrPoll", "code": "200"]) == 4)
        let runs = store.journal.withLock { $0 }
        #expect(runs.count == 4 && Set(runs.map(\.exchange)).count == 1 && endpoint.journal.isEmpty)
        // In the log it looks as it does where nobody knows polls.
        let other = try TestEndpoint(standing: Self.polling) { _, _, _, _ in Self.idle }
        _ = try await other.send()
        let expected = other.journal.map { record in
            var record = record
            record.microseconds = nil
            return record
        }
        let records = try #require(runs.first).records.map { record in
            var record = record
            record.microseconds = nil
            return record
        }
        #expect(records == expected)
        #expect(try await endpoint.send(headers: [.acceptEncoding: "gzip"]).headers[.contentEncoding] == "gzip")
    }

    @Test func `other bytes are read, whoever sends them`() async throws {
        let endpoint = try Self.endpoint(Store())
        _ = try await endpoint.send()
        let other = endpoint.codec.encode(TestEndpoint.poll) + [0x20]
        #expect(try await endpoint.send(body: other).status == .ok && endpoint.seen.count == 2)
        #expect(try await endpoint.send(body: [0x20]).status == .notAcceptable && endpoint.rejected("malformed") == 1)
        // The newest way to say it is the one that is known.
        #expect(try await endpoint.send(body: other).status == .ok && endpoint.seen.count == 2)
    }

    @Test func `a known poll is answered however much there is to do, and is no work`() async throws {
        let store = Store()
        let gate = LoadGate(capacity: 100)
        let endpoint = try Self.endpoint(store, gate: gate)
        #expect(try await endpoint.send().status == .ok)
        for _ in 0..<99 { gate.enter() }
        #expect(try await endpoint.send().status == .ok)
        #expect(endpoint.seen.count == 1 && gate.count == 99 && endpoint.rejected("overload") == 0)
        // It brings something now, and is refused before it is read.
        store.waiting.withLock { $0 = ["VEN-1"] }
        #expect(try await endpoint.send().status == .serviceUnavailable)
        #expect(endpoint.seen.count == 1 && gate.count == 99 && endpoint.rejected("overload") == 1)
    }

    @Test func `what waits, or a store that cannot tell, leads the long way`() async throws {
        let store = Store()
        let endpoint = try Self.endpoint(store)
        _ = try await endpoint.send()
        store.waiting.withLock { $0 = ["VEN-1"] }
        _ = try await endpoint.send()
        #expect(endpoint.seen.count == 2)
        store.waiting.withLock { $0 = ["VEN-2"] }
        _ = try await endpoint.send()
        #expect(endpoint.seen.count == 2)
        store.isDown.withLock { $0 = true }
        _ = try await endpoint.send()
        #expect(endpoint.seen.count == 3)
    }

    @Test(arguments: [
        PeerStanding(venID: "VEN-1"), PeerStanding(venID: "VEN-2", isPolling: true), PeerStanding(isPolling: true),
        PeerStanding(venID: "VEN-1", settings: WireSettings(signatures: .required), isPolling: true),
    ])
    func `who does not poll, must sign, or is another VEN, is always read`(standing: PeerStanding) async throws {
        let endpoint = try Self.endpoint(Store(), standing: standing)
        for _ in 0..<3 { _ = try await endpoint.send() }
        #expect(endpoint.seen.count == 3)
    }

    @Test(arguments: [
        Payload.response(OpenADR.Response(response: EiResponse(code: .notRegistered), venID: "VEN-1")),
        Payload.response(OpenADR.Response(response: EiResponse(requestID: "r"), venID: "VEN-1")),
        .distributeEvent(DistributeEvent(requestID: "d", vtnID: "VTN_1")),
    ])
    func `only a poll that brought nothing is remembered`(answer: Payload) async throws {
        let endpoint = try Self.endpoint(Store(), answer: answer)
        for _ in 0..<3 { _ = try await endpoint.send() }
        #expect(endpoint.seen.count == 3)
    }

    @Test func `a long poll is none that is known, and has its own lines in the log`() async throws {
        let store = Store()
        let endpoint = try Self.endpoint(store)
        let poll = endpoint.codec.encode(TestEndpoint.poll)
        let long = poll + [UInt8](repeating: 0x20, count: KnownPolls.longest + 1 - poll.count)
        for _ in 0..<2 { #expect(try await endpoint.send(body: long).status == .ok) }
        #expect(endpoint.seen.count == 2 && endpoint.journal.count == 4)
        for _ in 0..<2 { #expect(try await endpoint.send(body: Array(long.dropLast())).status == .ok) }
        #expect(endpoint.seen.count == 3 && endpoint.journal.count == 4 && store.journal.withLock { $0.count } == 2)
    }

    @Test func `another message may change what a poll means`() async throws {
        let endpoint = try Self.endpoint(Store())
        for _ in 0..<2 { _ = try await endpoint.send() }
        let cancel = Payload.cancelPartyRegistration(
            CancelPartyRegistration(requestID: "c", registrationID: "r", venID: "VEN-1"))
        _ = try await endpoint.send(path: ServiceName.eiRegisterParty.path, body: endpoint.codec.encode(cancel))
        _ = try await endpoint.send()
        #expect(endpoint.seen == [.oadrPoll, .eiRegisterParty, .oadrPoll])
    }

    @Test func `the short way has the same limits`() async throws {
        let table = ConnectionTable()
        let hourly = PeerStanding(venID: "VEN-1", pollFrequency: .hours(1), isPolling: true)
        let endpoint = try Self.endpoint(Store(), standing: hourly, rates: PeerRates(), connections: table)
        for _ in 0..<PeerRates.pollBurst { #expect(try await endpoint.send().status == .ok) }
        #expect(try await endpoint.send().status == .serviceUnavailable && endpoint.rejected("rate_ven") == 1)
        table.revoke([try #require(TestEndpoint.identity).certificate])
        #expect(try await endpoint.send().status == .forbidden && endpoint.seen.count == 1)
    }
}
