import MariaDB

/// Texts that stand in an address.
enum Links {
    /// Percent-encodes everything but letters, digits and `-._~/`.
    static func encode(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                output.append(byte)
            default: output += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Where to go after a login: a path of this portal, and nothing that a browser takes for another host (W10).
    static func local(_ path: String) -> String? {
        guard path.hasPrefix("/"), !path.hasPrefix("//"), !path.contains("\\"), path.utf8.count <= 200,
            path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return path
    }
}

extension MariaDBError {
    /// Whether the same request may well succeed in a moment.
    var isTemporary: Bool {
        switch kind {
        case .retryable, .outcomeUnknown, .nodeNotReady, .unreachable, .poolExhausted: true
        default: false
        }
    }
}
