/// What one argon2id computation takes (RFC 9106).
public struct PasswordCost: Hashable, Sendable {
    /// In KiB.
    public let memory: UInt32
    /// Passes over the memory.
    public let passes: UInt32

    /// A hash that asks for more than this is refused unread: it did not come from this program.
    static let limit = PasswordCost(memory: 256 << 10, passes: 16)

    /// 19 MiB and two passes: the first choice of the OWASP password storage cheat sheet.
    public static let standard = PasswordCost(memory: 19 << 10, passes: 2)

    public init(memory: UInt32, passes: UInt32) {
        self.memory = memory
        self.passes = passes
    }

    /// Of an encoded hash, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`; nil for any other text.
    public init?(encoded: String) {
        let parts = encoded.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        var numbers: [Substring: UInt32] = [:]
        for setting in parts[3].split(separator: ",") {
            let pair = setting.split(separator: "=")
            guard pair.count == 2, let number = UInt32(pair[1]) else { return nil }
            numbers[pair[0]] = number
        }
        guard let memory = numbers["m"], let passes = numbers["t"], numbers["p"] == 1 else { return nil }
        self.init(memory: memory, passes: passes)
    }
}
