import Foundation
import OpenADR
import OpenADRXML
import Testing

/// The folder of our schemas, found from this file.
let schemaFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Schemas").path

func makeCodec() throws -> OpenADRCodec {
    try OpenADRCodec(schemas: SchemaSet(folder: schemaFolder))
}

extension OpenADRCodec {
    /// The payload, or nil with an issue that names the document.
    func accepted(_ bytes: [UInt8], _ name: String) -> Payload? {
        do {
            return try decode(bytes)
        } catch {
            Issue.record("\(name): \(error)\n\(String(decoding: bytes, as: UTF8.self))")
            return nil
        }
    }
}

/// Sample files that are not ours, where a machine has them.
enum SharedPayloads {
    static let root = ProcessInfo.processInfo.environment["CURTAIL_SHARED"]
        .map { URL(filePath: $0).appending(path: "openadr/payloads") }

    static var areThere: Bool { root != nil }

    /// The XML files of a folder, by name.
    static func files(in folder: String) throws -> [(name: String, bytes: [UInt8])] {
        guard let root else { return [] }
        let folder = root.appending(path: folder)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".xml") }.sorted()
            .map { ($0, [UInt8](try Data(contentsOf: folder.appending(path: $0)))) }
    }
}

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
