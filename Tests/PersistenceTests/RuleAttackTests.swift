import Glibc
import MariaDB
import Measures
import OpenADR
import Persistence
import Synchronization
import Testing

/// Each rule on its own against eight writers at once, by the data layer and by raw SQL, also with statements that forge what
/// a rule keeps; then every invariant must hold (`withDatabase` asks) and every refusal must have had a rule's name.
///
/// `CURTAIL_ATTACK_OPERATIONS` is the number of operations of each writer against each rule; `Scripts/attack-rules` makes
/// thousands of it.
@Suite struct RuleAttackTests {
    private static let operations = getenv("CURTAIL_ATTACK_OPERATIONS").flatMap { Int(String(cString: $0)) } ?? 40
    private static let writers = 8

    /// Numbers the operations of all writers.
    private final class Turns: Sendable {
        private let next = Mutex(0)
        func take() -> Int {
            next.withLock { next in
                defer { next += 1 }
                return next
            }
        }
    }

    /// What became of the operations.
    private struct Tally {
        var done = 0
        var refused: [IntegrityRule: Int] = [:]
        /// Refused by a key or a foreign key.
        var others = 0
    }

    @Test(arguments: RuleAttack.all)
    func `eight writers against one rule`(_ attack: RuleAttack) async throws {
        try await withDatabase("attack_\(attack.rule.rawValue)", limit: Self.writers) { pool in
            try await pool.withConnection { try $0.runScript(RuleAttack.stage) }
            try await storeEvent("e", on: pool)
            if let preparation = attack.preparation {
                let script = preparation(Self.operations)
                try await pool.withConnection { try $0.runScript(script) }
            }
            let turns = Turns()
            let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
                for writer in 0..<Self.writers {
                    group.addTask {
                        var random = SplitMix64(seed: UInt64(writer + 1))
                        var tally = Tally()
                        for _ in 0..<Self.operations {
                            let hand = RuleAttack.Hand(
                                pool: pool, writer: writer, turn: turns.take(), random: &random)
                            try await Self.perform(attack.moves[hand.move % attack.moves.count], hand, &tally)
                        }
                        return tally
                    }
                }
                return try await group.reduce(into: Tally()) {
                    $0.done += $1.done
                    $0.others += $1.others
                    $0.refused.merge($1.refused, uniquingKeysWith: +)
                }
            }
            #expect(
                tally.done + tally.others + tally.refused.values.reduce(0, +) == Self.writers * Self.operations)
            #expect(tally.done > Self.writers * Self.operations / 4)
            for rule in attack.refusing { #expect(tally.refused[rule] ?? 0 > 0, "\(rule) never refused: \(tally)") }
            if let breaches = attack.breaches { #expect(try await pool.number(breaches) == 0) }
        }
    }

    @Test func `all ten rules are attacked`() {
        let named = RuleAttack.all.map(\.rule.rawValue)
        #expect(
            named.sorted() == [
                "add_org_id", "add_user_id", "approve_residential", "assign_distributor_meters",
                "disallow_org_user_map", "limit_residential_associations", "link_org_entity_delete",
                "link_user_entity_delete", "org_prime_admin", "populate_deltas",
            ])
    }

    private static func perform(
        _ move: RuleAttack.Move, _ hand: RuleAttack.Hand, _ tally: inout Tally
    ) async throws {
        do {
            try await move(hand)
            tally.done += 1
        } catch is MissingRow {
            // Somebody else was faster.
            tally.done += 1
        } catch {
            if let violation = error as? RuleViolation ?? RuleViolation(error) {
                tally.refused[violation.rule, default: 0] += 1
            } else if let error = error as? MariaDBError, [1062, 1451, 1452].contains(error.code) {
                tally.others += 1
            } else {
                throw error
            }
        }
    }
}
