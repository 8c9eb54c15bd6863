import Glibc
import OpenADR
import OpenADRXML

/// Writes the tests' own values of every message to the corpus. Run from the project's folder, after a change of them.
@main
enum Seeds {
    static func main() throws {
        let codec = OpenADRCodec(schemas: try SchemaSet(folder: "Schemas"))
        for (number, payload) in Samples.all.enumerated() {
            try codec.encode(payload).write(to: "Fuzzing/Corpus/\(payload.elementName)-\(number).xml")
        }
    }
}

extension [UInt8] {
    fileprivate func write(to path: String) throws {
        guard let file = fopen(path, "w") else { throw Failure.notWritable(path) }
        defer { fclose(file) }
        guard fwrite(self, 1, count, file) == count else { throw Failure.notWritable(path) }
    }
}

enum Failure: Error {
    case notWritable(String)
}
