import Foundation

/// Keys and certificates made by OpenSSL's command line, so that nothing of ours judges itself.
struct TestKeys {
    let folder: URL
    let certificatePEM: String
    let privateKeyPEM: String

    /// `kind` is `rsa` or `ec`. Nil where there is no `openssl`.
    init?(_ kind: String, name: String) throws {
        guard let openssl = Tool.path("openssl") else { return nil }
        let folder = FileManager.default.temporaryDirectory.appending(path: "curtail-signatures-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let options = kind == "rsa" ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        let (status, output) = try Tool.run(
            openssl,
            ["req", "-x509", "-nodes", "-newkey"] + options + [
                "-days", "30", "-subj", "/CN=\(name)", "-keyout", folder.appending(path: "k.pem").path,
                "-out", folder.appending(path: "c.pem").path,
            ])
        guard status == 0 else { throw Failure(output) }
        self.folder = folder
        certificatePEM = try String(contentsOf: folder.appending(path: "c.pem"), encoding: .utf8)
        privateKeyPEM = try String(contentsOf: folder.appending(path: "k.pem"), encoding: .utf8)
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// The certificate in DER form.
    var der: [UInt8] {
        let lines = certificatePEM.split(separator: "\n").filter { !$0.hasPrefix("-") }
        return Data(base64Encoded: lines.joined()).map { Array($0) } ?? []
    }

}

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

enum Tool {
    static func path(_ name: String) -> String? {
        ["/usr/bin/\(name)", "/usr/local/bin/\(name)"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Its exit status and all that it printed.
    static func run(_ tool: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: tool)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
