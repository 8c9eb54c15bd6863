import MariaDB
import Measures
import MutualTLS
import NIOCore
import OpenADR
import Persistence
import Synchronization
import Testing
import VirtualTopNode

@testable import WebServer

extension IntegrationTests {
    /// H1 and H2 of the reliability chapter on real connections: each attack gets its status, is told in the log and the
    /// metrics, and decides nothing.
    @Suite struct HTTPCorpusTests {
        @Test func `every attack gets its status, its reason, and no decision`() async throws {
            let world = try #require(World.current)
            let listener = try await TestListener.start(
                world, time: SystemTime(), wire: .init(connections: ConnectionTable(limit: 1_000)))
            let certificate = try world.authority.ven(HTTPAttack.venID)
            try await listener.node.admit(
                VENID(HTTPAttack.venID), name: "HTTP", certificate: certificate.digest, pollFrequency: .seconds(10))
            let context = try world.authority.client(certificate)
            let before = try await Self.rows(world)
            #expect(HTTPAttack.all.count >= 120, "\(HTTPAttack.all.count)")
            #expect(Set(HTTPAttack.all.map(\.testDescription)).count == HTTPAttack.all.count)
            for attack in HTTPAttack.all { try await Self.run(attack, on: listener, context, code: "463") }
            #expect(try await Self.rows(world) == before)
            await listener.stop()
            try await Self.runWithShortWay(world, context)
        }

        /// The same of a VEN whose polls are answered in front of the responder.
        private static func runWithShortWay(_ world: World, _ context: TLSClientContext) async throws {
            let venID = VENID(HTTPAttack.venID)
            _ = try await world.pool.execute(
                "UPDATE vens SET registration_state = 'registered', registration_id = 'r-http' WHERE ven_id = ?",
                [.text(venID.rawValue)])
            let short = Count()
            let standing = PeerStanding(venID: venID, isPolling: true)
            let listener = try await TestListener.start(
                world, time: SystemTime(),
                wire: .init(
                    directory: PeerDirectory { _ in standing }, connections: ConnectionTable(limit: 1_000),
                    sawIdlePoll: { short.polls.withLock { $0 += 1 } }))
            let before = try await Self.rows(world)
            for attack in HTTPAttack.all { try await Self.run(attack, on: listener, context, code: "200") }
            #expect(try await Self.rows(world) == before)
            #expect(short.polls.withLock { $0 } > 20, "\(short.polls.withLock { $0 }) polls went the short way")
            await listener.stop()
        }

        private final class Count: Sendable {
            let polls = Mutex(0)
        }

        private static func run(
            _ attack: HTTPAttack, on listener: TestListener, _ context: TLSClientContext, code: String
        ) async throws {
            let reasons = Self.rejections(listener)
            let decided = Self.decided(listener, code)
            // What shows that the connection is still good for something.
            let last = HTTPAttack.with("Connection: close")
            let answers = try await RawConnection.exchange(
                attack.bytes, expected: attack.statuses.count, then: last, endsInput: attack.endsInput,
                port: listener.port, context: context)
            let stays = attack.end == .open
            #expect(answers.map(\.status) == attack.statuses + (stays ? [200] : []), "\(attack): \(answers)")
            let polls = attack.statuses.count { $0 == 200 } + (stays ? 1 : 0)
            #expect(Self.decided(listener, code) - decided == polls, "\(attack)")
            var expected = reasons
            if let reason = attack.reason { expected[reason, default: 0] += 1 }
            let after = Self.rejections(listener)
            #expect(after == expected, "\(attack): \(after.filter { expected[$0.key] != $0.value })")
            for answer in answers where answer.status >= 400 {
                #expect(answer.body.utf8.count < 300 && !answer.head.lowercased().contains("server:"), "\(attack)")
            }
        }

        /// By reason.
        private static func rejections(_ listener: TestListener) -> [String: Int] {
            var counts: [String: Int] = [:]
            for line in listener.metrics.exposition().split(separator: "\n") where line.hasPrefix("vtn_reject_total{") {
                let parts = line.split(separator: "\"")
                if parts.count == 3 { counts[String(parts[1])] = Int(Double(parts[2].dropFirst(2)) ?? -1) }
            }
            return counts
        }

        /// Polls that were answered, and did nothing: of a VEN that is not registered yet, or for which nothing waits.
        private static func decided(_ listener: TestListener, _ code: String) -> Int {
            Int(listener.metrics.value("oadr_messages_total", labels: ["message": "oadrPoll", "code": code]))
        }

        /// How much there is of everything that a message can change.
        private static func rows(_ world: World) async throws -> [Int64] {
            let row = try #require(
                try await world.pool.query(
                    """
                    SELECT (SELECT COUNT(*) FROM vens WHERE ven_id = 'VEN-HTTP' AND registration_id IS NULL) AS a,
                        (SELECT COUNT(*) FROM handled_requests h JOIN vens v ON v.certificate = h.certificate
                            WHERE v.ven_id = 'VEN-HTTP') AS b,
                        (SELECT COUNT(*) FROM outbox WHERE ven_id = 'VEN-HTTP') AS c,
                        (SELECT COUNT(*) FROM opts WHERE ven_id = 'VEN-HTTP') AS d,
                        (SELECT COUNT(*) FROM report_offers WHERE ven_id = 'VEN-HTTP') AS e
                    """
                ).first)
            return try ["a", "b", "c", "d", "e"].map { try row.integer($0) }
        }
    }
}
