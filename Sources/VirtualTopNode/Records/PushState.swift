public import Measures
public import OpenADR

/// How far a VEN that takes pushes can be reached.
public struct PushState: Hashable, Sendable {
    public let venID: VENID
    /// Pushes in a row that did not arrive.
    public internal(set) var failures: Int
    /// Nothing is sent before.
    public internal(set) var pausedUntil: Instant?
    /// A push is on its way, perhaps by another VTN on the same store; after this it counts as lost.
    public internal(set) var claimedUntil: Instant?

    public init(venID: VENID, failures: Int = 0, pausedUntil: Instant? = nil, claimedUntil: Instant? = nil) {
        self.venID = venID
        self.failures = failures
        self.pausedUntil = pausedUntil
        self.claimedUntil = claimedUntil
    }

    func isFree(at now: Instant) -> Bool {
        (pausedUntil.map { $0 <= now } ?? true) && (claimedUntil.map { $0 <= now } ?? true)
    }

    /// One second at first, then twice as long each time, two minutes at most (clause 9.1.7).
    mutating func fail(now: Instant) {
        pausedUntil = now + .seconds(min(Int64(1) << Int64(min(failures, 7)), 120))
        failures += 1
        claimedUntil = nil
    }

    mutating func succeed() { self = PushState(venID: venID) }
}

/// A message that a VTN sends to a VEN by itself.
public struct Push: Hashable, Sendable {
    public let venID: VENID
    public let address: PushAddress
    /// Whom the VEN's certificate must prove.
    public let certificate: CertificateDigest
    public let payload: Payload
    public let service: ServiceName
    let sentAt: Instant
}
