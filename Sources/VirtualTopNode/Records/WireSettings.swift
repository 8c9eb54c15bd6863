public import Measures

/// How a VEN is to speak, decided by the operator before any of its messages is read.
public struct WireSettings: Hashable, Sendable {
    /// Whether unsigned messages are taken.
    public enum Signatures: String, Hashable, Codable, Sendable, CaseIterable {
        /// Signed ones are checked, and answered signed.
        case optional
        /// Unsigned ones are refused (rule 514).
        case required
    }

    public var signatures: Signatures
    /// How far the time of a signature may be from now, either way.
    public var clockSkew: TimeSpan
    /// Known deviations of devices in the field are tolerated and written down.
    public var isLenient: Bool

    public init(
        signatures: Signatures = .optional, clockSkew: TimeSpan = .seconds(300), isLenient: Bool = false
    ) {
        self.signatures = signatures
        self.clockSkew = clockSkew
        self.isLenient = isLenient
    }
}
