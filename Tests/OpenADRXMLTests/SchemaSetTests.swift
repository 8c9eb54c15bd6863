import Foundation
import OpenADR
import OpenADRXML
import Testing

@Suite struct SchemaSetTests {
    @Test func `a missing folder and a missing import are named`() throws {
        #expect(throws: SchemaSet.Failure.missing(path: "/nowhere/oadr_20b.xsd")) { try SchemaSet(folder: "/nowhere") }

        let folder = FileManager.default.temporaryDirectory.appending(path: "curtail-schemas-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: schemaFolder) where name != "siscale.xsd" {
            try FileManager.default.copyItem(
                atPath: "\(schemaFolder)/\(name)", toPath: folder.appending(path: name).path)
        }
        #expect(throws: SchemaSet.Failure.missing(path: "\(folder.path)/siscale.xsd")) {
            try SchemaSet(folder: folder.path)
        }
    }

    @Test func `a schema that is none is refused with its line`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "curtail-schemas-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: SchemaSet.rootFile)
        for text in [
            "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n<xs:element name=\"a\" type=\"nothing\"/>\n</xs:schema>",
            "<xs:schema\n",
        ] {
            try Data(text.utf8).write(to: file)
            #expect {
                try SchemaSet(folder: folder.path)
            } throws: { error in
                guard case SchemaSet.Failure.invalid(file.path, 2, _) = error else { return false }
                return true
            }
        }
    }

    @Test func `many tasks load and use schemas at once`() async throws {
        let shared = try SchemaSet(folder: schemaFolder)
        let broken = Array("<oadrPoll xmlns=\"http://openadr.org/oadr-2.0b/2012/07\"/>".utf8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { @concurrent in
                    let schemas = number < 4 ? shared : try SchemaSet(folder: schemaFolder)
                    let codec = OpenADRCodec(schemas: schemas)
                    for payload in Samples.all {
                        #expect(try codec.decode(codec.encode(payload)) == payload)
                        #expect(throws: DecodingFailure.self) { try codec.decode(broken) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
