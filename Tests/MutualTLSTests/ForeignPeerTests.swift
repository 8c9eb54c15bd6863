import Credentials
import Foundation
import Measures
import Synchronization
import Testing

@testable import MutualTLS

/// OpenSSL's own command line as peer and judge, where it is installed.
@Suite(.enabled(if: OpenSSLCommand.isInstalled)) struct ForeignPeerTests {
    private let pki = TestAuthority.shared

    @Test(arguments: ["ECDHE-ECDSA-AES128-SHA256", "AES128-SHA256"])
    func `A foreign client is served with either suite`(suite: String) async throws {
        let folder = try TemporaryFolder(pki)
        let server = try await LoopbackServer.start(pki.server())
        let request = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd"
        let output = try await OpenSSLCommand.run(
            [
                "s_client", "-connect", "127.0.0.1:\(server.port)", "-tls1_2", "-cipher", suite, "-ign_eof",
                "-CAfile", folder["ca.crt"], "-cert", folder["ven.crt"], "-key", folder["ven.key"],
                "-verify_return_error", "-verify_hostname", "localhost",
            ], input: request)
        #expect(output.contains("HTTP/1.1 200 OK") && output.contains("dcba"))
        #expect(output.contains("Cipher is \(suite)"))
        let peer = try #require(server.log.withLock { $0.peersOfRequests.first } ?? nil)
        let judged = try await OpenSSLCommand.run(
            ["x509", "-in", folder["ven.crt"], "-noout", "-fingerprint", "-sha256"], input: "")
        #expect(judged.trimmingCharacters(in: .newlines).hasSuffix("=" + hexPairs(peer.sha256)))
        #expect(judged.trimmingCharacters(in: .newlines).hasSuffix(":" + peer.openADRFingerprint))
        #expect(peer.commonName == "ven-1")
        #expect(peer.notAfter == (pki.now + .days(90)).secondsSinceEpoch)
        try await server.stop()
    }

    @Test(arguments: ["-tls1", "-tls1_1", "-tls1_3"])
    func `Other versions are refused by the default profile`(version: String) async throws {
        let folder = try TemporaryFolder(pki)
        let server = try await LoopbackServer.start(pki.server())
        let output = try await OpenSSLCommand.run(
            [
                "s_client", "-connect", "127.0.0.1:\(server.port)", version, "-cipher", "ALL:@SECLEVEL=0",
                "-cert", folder["ven.crt"], "-key", folder["ven.key"],
            ], input: "")
        #expect(output.contains("Cipher is (NONE)"))
        #expect(server.log.withLock { $0.handshakes.isEmpty })
        try await server.stop()
    }
}

/// A folder with the authority's and the VEN's files; gone with the value.
final class TemporaryFolder {
    private let path: String

    init(_ pki: TestAuthority) throws {
        path = NSTemporaryDirectory() + "/curtail-tls-\(UUID().uuidString)"
        let folder = try CredentialFolder(path: path)
        try folder.write(pki.ven, name: "ven")
        try folder.write(pki.authority, name: "ca")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    subscript(name: String) -> String { "\(path)/\(name)" }
}

enum OpenSSLCommand {
    private static let path = ["/usr/bin/openssl", "/usr/local/bin/openssl"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static var isInstalled: Bool { path != nil }

    /// Runs the command to its end; what it wrote to both outputs.
    static func run(_ arguments: [String], input: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(path))
        process.arguments = arguments
        let (standardInput, output) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let handle = output.fileHandleForReading
        let text = await Task.detached { String(decoding: handle.readDataToEndOfFile(), as: UTF8.self) }.value
        process.waitUntilExit()
        return text
    }
}
