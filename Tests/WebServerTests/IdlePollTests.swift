import HTTPTypes
import Measures
import OpenADR
import OpenADRXML
import Synchronization
import Testing
import VirtualTopNode

@testable import WebServer

/// Polls that bring nothing take the short way; everything else, and every doubt, the long one.
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

    @Test(arguments: [[:], [.acceptEncoding: "gzip"]] as [HTTPFields])
    func `a poll gets the answer of the responder, and looks the same in the log`(fields: HTTPFields) async throws {
        let store = Store()
        let endpoint = try Self.endpoint(store)
        let other = try TestEndpoint(standing: Self.polling) { _, _, _, _ in Self.idle }
        let expected = try await other.send(headers: fields)
        for _ in 0..<3 {
            let answer = try await endpoint.send(headers: fields)
            #expect(answer.bytes == expected.bytes && answer.status == .ok && answer.announced == expected.announced)
            // Hummingbird gives every answer of the responder its date.
            var headers = expected.headers
            headers[.date] = "Wed, 01 Jul 2026 00:00:00 GMT"
            #expect(answer.headers == headers)
        }
        #expect(endpoint.seen.isEmpty && store.asked.withLock { $0 } == 3)
        #expect(
            endpoint.metrics.value("oadr_messages_total", labels: ["message": "oadrPoll", "code": "200"]) == 3)
        let runs = store.journal.withLock { $0 }
        #expect(runs.count == 3 && Set(runs.map(\.exchange)).count == 1 && endpoint.journal.isEmpty)
        #expect(try #require(runs.first).records.map(Self.timeless) == other.journal.map(Self.timeless))
    }

    private static func timeless(_ record: WireRecord) -> WireRecord {
        var record = record
        record.microseconds = nil
        return record
    }

    @Test func `every poll is read, whatever was before it`() async throws {
        let endpoint = try Self.endpoint(Store())
        let poll = endpoint.codec.encode(TestEndpoint.poll)
        #expect(try await endpoint.send(body: poll).status == .ok)
        #expect(try await endpoint.send(body: poll + [0x20]).status == .ok)
        #expect(try await endpoint.send(body: [0x20]).status == .notAcceptable && endpoint.rejected("malformed") == 1)
        #expect(try await endpoint.send(body: Array(poll.dropLast(9))).status == .notAcceptable)
        let text = String(decoding: poll, as: UTF8.self)
        let unknown = text.replacing("<ei:venID>", with: "<ei:x/><ei:venID>")
        #expect(try await endpoint.send(body: Array(unknown.utf8)).status == .notAcceptable)
        #expect(endpoint.rejected("schema") == 1 && endpoint.seen.isEmpty)
        let foreign = text.replacing("VEN-1<", with: "VEN-2<")
        #expect(try await endpoint.send(body: Array(foreign.utf8)).status == .ok && endpoint.seen == [.oadrPoll])
        let query = endpoint.codec.encode(.queryRegistration(QueryRegistration(requestID: "q")))
        #expect(try await endpoint.send(body: query).status == .ok && endpoint.seen == [.oadrPoll, .oadrPoll])
    }

    @Test func `a poll with a signature goes to the responder, one that only speaks of it does not`() async throws {
        let endpoint = try Self.endpoint(Store())
        let poll = String(decoding: endpoint.codec.encode(TestEndpoint.poll), as: UTF8.self)
        let algorithm = "Algorithm=\"urn:x\"/>"
        let signature = """
            <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>\
            <ds:CanonicalizationMethod \(algorithm)<ds:SignatureMethod \(algorithm)<ds:Reference>\
            <ds:DigestMethod \(algorithm)<ds:DigestValue>AA==</ds:DigestValue></ds:Reference></ds:SignedInfo>\
            <ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature>
            """
        let comment = poll.replacing("<oadr:oadrSignedObject>", with: "<!-- Signature --><oadr:oadrSignedObject>")
        #expect(try await endpoint.send(body: Array(comment.utf8)).status == .ok && endpoint.seen.isEmpty)
        let signed = poll.replacing("<oadr:oadrSignedObject>", with: signature + "<oadr:oadrSignedObject>")
        #expect(try await endpoint.send(body: Array(signed.utf8)).status == .ok && endpoint.seen == [.oadrPoll])
    }

    @Test func `a poll that brings nothing is answered however much there is to do, and is no work`() async throws {
        let store = Store()
        let gate = LoadGate(capacity: 100)
        let endpoint = try Self.endpoint(store, gate: gate)
        for _ in 0..<99 { gate.enter() }
        #expect(try await endpoint.send().status == .ok)
        #expect(gate.count == 99 && endpoint.rejected("overload") == 0)
        store.waiting.withLock { $0 = ["VEN-1"] }
        #expect(try await endpoint.send().status == .serviceUnavailable)
        #expect(endpoint.seen.isEmpty && gate.count == 99 && endpoint.rejected("overload") == 1)
    }

    @Test func `what waits, or a store that cannot tell, leads the long way`() async throws {
        let store = Store()
        let endpoint = try Self.endpoint(store)
        store.waiting.withLock { $0 = ["VEN-1"] }
        _ = try await endpoint.send()
        #expect(endpoint.seen.count == 1)
        store.waiting.withLock { $0 = ["VEN-2"] }
        _ = try await endpoint.send()
        #expect(endpoint.seen.count == 1)
        store.isDown.withLock { $0 = true }
        _ = try await endpoint.send()
        #expect(endpoint.seen.count == 2)
    }

    @Test(arguments: [
        PeerStanding(venID: "VEN-1"), PeerStanding(venID: "VEN-2", isPolling: true), PeerStanding(isPolling: true),
        PeerStanding(venID: "VEN-1", settings: WireSettings(signatures: .required), isPolling: true),
    ])
    func `who does not poll, must sign, or is another VEN, goes to the responder`(standing: PeerStanding)
        async throws
    {
        let endpoint = try Self.endpoint(Store(), standing: standing)
        for _ in 0..<3 { _ = try await endpoint.send() }
        #expect(endpoint.seen.count == 3)
    }

    @Test(
        arguments: [
            (idle, 0), (.response(OpenADR.Response(response: EiResponse(code: .notRegistered), venID: "VEN-1")), 2),
            (.response(OpenADR.Response(response: EiResponse(requestID: "r"), venID: "VEN-1")), 2),
            (.distributeEvent(DistributeEvent(requestID: "d", vtnID: "VTN_1")), 2),
        ] as [(Payload, Int)])
    func `what the responder says to a poll has its own lines, unless it brings nothing`(answer: Payload, lines: Int)
        async throws
    {
        let store = Store()
        store.waiting.withLock { $0 = ["VEN-1"] }
        let endpoint = try Self.endpoint(store, answer: answer)
        _ = try await endpoint.send()
        #expect(endpoint.seen.count == 1 && endpoint.journal.count == lines)
        #expect(store.journal.withLock { $0.count } == (lines == 0 ? 1 : 0))
    }

    @Test func `a long poll goes to the responder, and has its own lines in the log`() async throws {
        let store = Store()
        let endpoint = try Self.endpoint(store)
        let poll = endpoint.codec.encode(TestEndpoint.poll)
        let long = poll + [UInt8](repeating: 0x20, count: IdlePolls.longest + 1 - poll.count)
        #expect(try await endpoint.send(body: long).status == .ok)
        #expect(endpoint.seen.count == 1 && endpoint.journal.count == 2)
        #expect(try await endpoint.send(body: Array(long.dropLast())).status == .ok)
        #expect(endpoint.seen.count == 1 && endpoint.journal.count == 2 && store.journal.withLock { $0.count } == 1)
    }

    @Test func `after a word about its registration, a VEN is looked up again`() async throws {
        let endpoint = try Self.endpoint(Store())
        for _ in 0..<2 { _ = try await endpoint.send() }
        _ = try await endpoint.send(path: ServiceName.eiEvent.path)
        #expect(endpoint.lookUps == 1)
        let cancel = Payload.cancelPartyRegistration(
            CancelPartyRegistration(requestID: "c", registrationID: "r", venID: "VEN-1"))
        _ = try await endpoint.send(path: ServiceName.eiRegisterParty.path, body: endpoint.codec.encode(cancel))
        #expect(endpoint.lookUps == 1)
        for _ in 0..<2 { _ = try await endpoint.send() }
        #expect(endpoint.lookUps == 2 && endpoint.seen == [.eiEvent, .eiRegisterParty])
    }

    @Test func `what was looked up before a word about it is not remembered`() async throws {
        let peer = try #require(TestEndpoint.identity)
        let directories = Mutex<[PeerDirectory]>([])
        let directory = PeerDirectory(lifetime: .seconds(3_600)) { peer in
            directories.withLock(\.first)?.forget(peer)
            return Self.polling
        }
        directories.withLock { $0 = [directory] }
        #expect(try await directory.standing(of: peer) == Self.polling && directory.remembered(peer) == nil)
        directories.withLock { $0 = [] }
        #expect(try await directory.standing(of: peer) == Self.polling && directory.remembered(peer) == Self.polling)
    }

    @Test func `the short way has the same limits`() async throws {
        let table = ConnectionTable()
        let hourly = PeerStanding(venID: "VEN-1", pollFrequency: .hours(1), isPolling: true)
        let endpoint = try Self.endpoint(Store(), standing: hourly, rates: PeerRates(), connections: table)
        for _ in 0..<PeerRates.pollBurst { #expect(try await endpoint.send().status == .ok) }
        #expect(try await endpoint.send().status == .serviceUnavailable && endpoint.rejected("rate_ven") == 1)
        table.revoke([try #require(TestEndpoint.identity).certificate])
        #expect(try await endpoint.send().status == .forbidden && endpoint.seen.isEmpty)
    }

    @Test func `a poll that the responder takes over counts once`() async throws {
        let store = Store()
        let hourly = PeerStanding(venID: "VEN-1", pollFrequency: .hours(1), isPolling: true)
        let endpoint = try Self.endpoint(store, standing: hourly, rates: PeerRates())
        let foreign = endpoint.codec.encode(.poll(Poll(venID: "VEN-2")))
        for number in 1...PeerRates.pollBurst {
            store.waiting.withLock { $0 = number % 2 == 0 ? ["VEN-1"] : [] }
            #expect(try await endpoint.send(body: number % 2 == 0 ? nil : foreign).status == .ok)
        }
        #expect(endpoint.seen.count == PeerRates.pollBurst)
        #expect(try await endpoint.send().status == .serviceUnavailable && endpoint.rejected("rate_ven") == 1)
    }
}
