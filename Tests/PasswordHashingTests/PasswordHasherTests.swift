import PasswordHashing
import Synchronization
import Testing

/// Cheap: what is tested is not the strength.
private let cheap = PasswordCost(memory: 64, passes: 1)

private func makeHasher(threads: Int = 2, waiting: Int = 64, cost: PasswordCost = cheap) throws -> PasswordHasher {
    let counter = Atomic<UInt8>(0)
    return try PasswordHasher(cost: cost, threads: threads, waiting: waiting) { length in
        let (_, number) = counter.add(1, ordering: .relaxed)
        return [UInt8](repeating: number, count: length)
    }
}

@Suite struct PasswordHasherTests {
    @Test func `a hash is encoded argon2id, fits its column and has a salt of its own`() async throws {
        let hasher = try makeHasher(cost: .standard)
        let first = try await hasher.hash("correct horse battery staple")
        let second = try await hasher.hash("correct horse battery staple")
        #expect(first.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(first.count < 255)
        #expect(first != second)
        await hasher.close()
    }

    @Test func `only the password itself matches`() async throws {
        let hasher = try makeHasher()
        let hash = try await hasher.hash("pässword")
        #expect(try await hasher.verify("pässword", against: hash) == .right(needsRehash: false))
        for wrong in ["password", "", "pässword ", "PÄSSWORD"] {
            #expect(try await hasher.verify(wrong, against: hash) == .wrong)
        }
        await hasher.close()
    }

    /// The library's own test vector: argon2id, version 19, two passes over 64 MiB.
    @Test func `a hash that another program made is understood`() async throws {
        let hasher = try makeHasher()
        let known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        #expect(try await hasher.verify("password", against: known) == .right(needsRehash: true))
        await hasher.close()
    }

    @Test(arguments: [
        "", "plain", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA",
        "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$AAAA",
        "$argon2id$v=19$m=64,t=4000000,p=1$c2FsdHNhbHQ$AAAA", "$2b$12$abcdefghijklmnopqrstuv",
    ])
    func `what is no hash of ours matches nothing, at no cost`(_ encoded: String) async throws {
        let hasher = try makeHasher()
        #expect(try await hasher.verify("anything", against: encoded) == .wrong)
        await hasher.close()
    }

    @Test func `no account matches nothing, also not the decoy's own password`() async throws {
        let hasher = try makeHasher()
        #expect(try await hasher.verify("nobody's", against: nil) == .wrong)
        await hasher.close()
    }

    @Test func `more than may wait are refused`() async throws {
        let hasher = try makeHasher(threads: 1, waiting: 2, cost: PasswordCost(memory: 8 << 10, passes: 4))
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask {
                    do {
                        _ = try await hasher.hash("number \(number)")
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.contains(true))
        #expect(outcomes.contains(false))
        await hasher.close()
    }
}
