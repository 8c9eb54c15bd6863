import Foundation
public import OpenADR
public import OpenADRXML

/// Looks at every message that a test makes the program write: our schemas have to take it, and where `CURTAIL_OUTGOING` names
/// a folder it is left there for others to judge (`Scripts/outgoing`).
public enum MessageAudit {
    private static let schemas = Result {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return try SchemaSet(folder: parts.dropLast(3).joined(separator: "/") + "/Schemas")
    }
    private static let folder = ProcessInfo.processInfo.environment["CURTAIL_OUTGOING"]

    /// A codec with our schemas whose messages are looked at.
    ///
    /// - Parameter report: hears of a message that the schemas refuse.
    public static func codec(_ report: @escaping @Sendable (String) -> Void) throws -> OpenADRCodec {
        let judge = OpenADRCodec(schemas: try schemas.get())
        return OpenADRCodec(schemas: try schemas.get()) { bytes in
            do {
                try judge.validate(bytes)
            } catch {
                report("\(error): \(String(decoding: bytes, as: UTF8.self))")
            }
            keep(bytes)
        }
    }

    /// Looks at a message that nothing has written yet.
    public static func check(_ payload: Payload, _ report: @escaping @Sendable (String) -> Void) throws {
        _ = try codec(report).encode(payload)
    }

    private static func keep(_ bytes: [UInt8]) {
        guard let folder else { return }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let path = "\(folder)/\(String(hash, radix: 16)).xml"
        if !FileManager.default.fileExists(atPath: path) {
            try? Data(bytes).write(to: URL(filePath: path), options: .atomic)
        }
    }
}
