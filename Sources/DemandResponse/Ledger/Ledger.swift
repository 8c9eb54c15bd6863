public import Measures

/// An entry in its place: its hash covers its own bytes and the hash before it.
public struct ChainedEntry: Hashable, Codable, Sendable {
    public let entry: LedgerEntry
    /// Empty for the first entry.
    public let previousHash: [UInt8]
    public let hash: [UInt8]

    public init(entry: LedgerEntry, previousHash: [UInt8], hash: [UInt8]) {
        self.entry = entry
        self.previousHash = previousHash
        self.hash = hash
    }
}

/// Why an entry cannot be appended.
public enum LedgerError: Error, Hashable, Sendable {
    /// The state does not follow the one that the key has: provisional, then final, then corrections.
    case wrongState(LedgerKey, from: LedgerState?, to: LedgerState)
    /// The key's next revision is another one; a repeated entry is refused this way.
    case wrongRevision(LedgerKey, expected: Int)
}

/// Bookings that can only be added to, chained by a hash function that is passed in (SHA-256 outside of tests).
///
/// A provisional entry becomes final by an entry with the difference, and late readings add corrections with theirs;
/// nothing is ever overwritten, and the sum of a key's entries is what the participant has.
public struct Ledger: Sendable {
    public typealias Hash = @Sendable ([UInt8]) -> [UInt8]

    public private(set) var entries: [ChainedEntry] = []
    private var latest: [LedgerKey: (revision: Int, state: LedgerState)] = [:]
    private let hash: Hash

    public init(hash: @escaping Hash) {
        self.hash = hash
    }

    @discardableResult
    public mutating func append(_ entry: LedgerEntry) throws(LedgerError) -> ChainedEntry {
        let last = latest[entry.key]
        let expected = last.map { $0.revision + 1 } ?? 0
        guard entry.revision == expected else { throw .wrongRevision(entry.key, expected: expected) }
        guard Self.follows(entry.state, last?.state) else {
            throw .wrongState(entry.key, from: last?.state, to: entry.state)
        }
        let previous = entries.last?.hash ?? []
        let chained = ChainedEntry(
            entry: entry, previousHash: previous, hash: Self.chainedHash(entry, previous, hash))
        entries.append(chained)
        latest[entry.key] = (entry.revision, entry.state)
        return chained
    }

    private static func follows(_ state: LedgerState, _ last: LedgerState?) -> Bool {
        switch (last, state) {
        case (nil, .provisional), (nil, .final), (.provisional, .provisional), (.provisional, .final): true
        case (.final, .corrected), (.corrected, .corrected): true
        default: false
        }
    }

    /// What an entry's hash must be after another.
    public static func chainedHash(_ entry: LedgerEntry, _ previous: [UInt8], _ hash: Hash) -> [UInt8] {
        var bytes = CanonicalBytes()
        bytes.append(previous)
        bytes.append(entry.canonicalBytes)
        return hash(bytes.bytes)
    }

    /// The place of the first entry whose hash or link is wrong; nil for a sound chain.
    ///
    /// - Parameter before: the hash of the entry before them; empty where the ledger begins.
    public static func firstBroken(_ entries: [ChainedEntry], after before: [UInt8] = [], hash: Hash) -> Int? {
        var previous = before
        for (index, chained) in entries.enumerated() {
            guard chained.previousHash == previous, chained.hash == chainedHash(chained.entry, previous, hash) else {
                return index
            }
            previous = chained.hash
        }
        return nil
    }

    /// The sum of an account's postings in one currency.
    public func balance(_ account: LedgerAccount, _ currency: Currency) -> Money {
        entries.lazy.flatMap(\.entry.postings).filter { $0.account == account && $0.amount.currency == currency }
            .reduce(Money(minorUnits: 0, currency: currency)) { $0 + $1.amount }
    }
}
