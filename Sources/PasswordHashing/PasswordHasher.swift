internal import CArgon2
import NIOPosix
import Synchronization

/// Why no answer was worked out.
public enum PasswordHashingError: Error, Hashable, Sendable {
    /// So many passwords are being worked on that another one would wait for too long: try again later.
    case busy
    /// The library refused, such as for want of memory; the text is its own.
    case failed(String)
}

/// What a comparison found.
public enum PasswordVerdict: Hashable, Sendable {
    case wrong
    /// `needsRehash`: the stored hash is weaker or stronger than those that are made today.
    case right(needsRehash: Bool)
}

/// Makes and compares argon2id hashes on a few threads of its own: memory is bounded by threads times cost, and waiting
/// callers by a limit.
public final class PasswordHasher: Sendable {
    private static let hashLength = 32
    private static let saltLength = 16

    private let cost: PasswordCost
    private let pool: NIOThreadPool
    private let limit: Int
    private let waiting = Atomic(0)
    private let makeSalt: @Sendable (Int) -> [UInt8]
    /// Compared with where there is no account, so that the answer takes as long.
    private let decoy: String

    /// - Parameters:
    ///   - threads: as many passwords are worked on at a time.
    ///   - waiting: as many more may wait; one more is refused with `.busy`.
    ///   - makeSalt: so many bytes that nobody can guess and that never repeat.
    public init(
        cost: PasswordCost = .standard, threads: Int = 2, waiting limit: Int = 64,
        makeSalt: @escaping @Sendable (Int) -> [UInt8]
    ) throws(PasswordHashingError) {
        self.cost = cost
        self.limit = threads + limit
        self.makeSalt = makeSalt
        decoy = try Self.encode("nobody's", salt: makeSalt(Self.saltLength), cost)
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    /// Waits for what is being worked on, and ends the threads.
    public func close() async {
        try? await pool.shutdownGracefully()
    }

    /// The encoded form with salt and cost, at most 128 characters.
    public func hash(_ password: String) async throws(PasswordHashingError) -> String {
        let salt = makeSalt(Self.saltLength)
        return try await run { [cost] () throws(PasswordHashingError) in try Self.encode(password, salt: salt, cost) }
    }

    /// Compares in a time that depends neither on where the two differ nor on whether there is a hash: nil takes as long
    /// as a wrong password.
    public func verify(_ password: String, against encoded: String?) async throws(PasswordHashingError)
        -> PasswordVerdict
    {
        let isKnown = encoded != nil
        let stored = encoded ?? decoy
        guard let made = PasswordCost(encoded: stored), made.memory <= PasswordCost.limit.memory,
            made.passes <= PasswordCost.limit.passes
        else { return .wrong }
        let matches = try await run { () throws(PasswordHashingError) in try Self.compare(password, stored) }
        return matches && isKnown ? .right(needsRehash: made != cost) : .wrong
    }

    // MARK: Threads

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(PasswordHashingError) -> Value
    ) async throws(PasswordHashingError) -> Value {
        let (_, place) = waiting.add(1, ordering: .relaxed)
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard place <= limit else { throw .busy }
        let result: Result<Value, PasswordHashingError>
        do {
            result = try await pool.runIfActive { () -> Result<Value, PasswordHashingError> in
                do throws(PasswordHashingError) {
                    return .success(try body())
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw .busy
        }
        return try result.get()
    }

    // MARK: argon2

    private static func encode(
        _ password: String, salt: [UInt8], _ cost: PasswordCost
    ) throws(PasswordHashingError) -> String {
        let bytes = Array(password.utf8)
        let length = argon2_encodedlen(
            cost.passes, cost.memory, 1, UInt32(salt.count), UInt32(hashLength), Argon2_id)
        var encoded = [CChar](repeating: 0, count: length)
        let code = argon2id_hash_encoded(
            cost.passes, cost.memory, 1, bytes, bytes.count, salt, salt.count, hashLength, &encoded, length)
        guard code == ARGON2_OK.rawValue else { throw failure(code) }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func compare(_ password: String, _ encoded: String) throws(PasswordHashingError) -> Bool {
        let bytes = Array(password.utf8)
        let code = argon2id_verify(encoded, bytes, bytes.count)
        switch code {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        default: throw failure(code)
        }
    }

    private static func failure(_ code: Int32) -> PasswordHashingError {
        .failed(argon2_error_message(code).map { String(cString: $0) } ?? "error \(code)")
    }
}
