import Credentials
import Foundation
import Measures
import OpenADR
import OpenADRXML
import Testing
import VirtualTopNode
import WebServer

extension IntegrationTests {
    /// OpenSSL's own command line against our listener, where it is installed.
    @Suite(.enabled(if: OpenSSLClient.isInstalled)) struct ForeignPeerTests {
        @Test(arguments: [
            ("ECDHE-ECDSA-AES128-SHA256", KeyType.p256), ("AES128-SHA256", .rsa2048),
            ("ECDHE-ECDSA-AES128-SHA256:AES128-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256", .p256),
        ])
        func `a foreign client polls with either suite of rule 67`(suites: String, key: KeyType) async throws {
            let world = try #require(World.current)
            let listener = try await TestListener.start(world, time: SystemTime())
            let output = try await OpenSSLClient.run(
                world, key, port: listener.port, suites: suites,
                input: request(world.codec.encode(.poll(Poll(venID: "VEN-1")))))
            let first = try #require(suites.split(separator: ":").first)
            #expect(output.contains("Cipher is \(first)"), "\(output)")
            #expect(output.contains("Protocol  : TLSv1.2"))
            #expect(output.contains("HTTP/1.1 200 OK") && output.contains("<ei:responseCode>463</ei:responseCode>"))
            #expect(listener.admitted == ["foreign peer"])
            await listener.stop()
        }

        @Test func `a message that is announced too long is refused, and the connection ends`() async throws {
            let world = try #require(World.current)
            let listener = try await TestListener.start(world, time: SystemTime())
            let output = try await OpenSSLClient.run(
                world, .p256, port: listener.port, suites: "ALL",
                input: Data(head(length: 70_000, connection: "keep-alive").utf8))
            #expect(output.contains("HTTP/1.1 413"), "\(output)")
            #expect(listener.metrics.value("vtn_reject_total", labels: ["reason": "size"]) == 1)
            await listener.stop()
        }

        private func request(_ body: [UInt8]) -> Data {
            Data(head(length: body.count, connection: "close").utf8) + Data(body)
        }

        private func head(length: Int, connection: String) -> String {
            """
            POST \(ServiceName.oadrPoll.path) HTTP/1.1\r
            Host: localhost\r
            Content-Type: application/xml\r
            Content-Length: \(length)\r
            Connection: \(connection)\r
            \r

            """
        }
    }
}

enum OpenSSLClient {
    private static let path = ["/usr/bin/openssl", "/usr/local/bin/openssl"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static var isInstalled: Bool { path != nil }

    /// Connects with a good certificate, sends the input, and waits until the other side closes; what was printed.
    static func run(
        _ world: World, _ key: KeyType, port: Int, suites: String, input: Data
    ) async throws -> String {
        let folder = try TemporaryFolder()
        let credentials = try CredentialFolder(path: folder.path)
        try credentials.write(world.authority.ven("foreign peer", key), name: "ven")
        try credentials.write(world.authority.authority, name: "ca")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(path))
        process.arguments = [
            "s_client", "-connect", "127.0.0.1:\(port)", "-tls1_2", "-cipher", suites, "-ign_eof",
            "-CAfile", credentials.certificatePath("ca"), "-cert", credentials.certificatePath("ven"),
            "-key", credentials.privateKeyPath("ven"), "-verify_return_error", "-verify_hostname", "localhost",
        ]
        // Nothing here may block a thread: the listener needs it.
        let (standardInput, log) = (Pipe(), folder.path + "/output")
        try Data().write(to: URL(fileURLWithPath: log))
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: input)
        if try await !eventually(within: .seconds(20), { !process.isRunning }) {
            Issue.record("the listener left the connection open")
            process.terminate()
        }
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
        withExtendedLifetime((folder, standardInput)) {}
        return text
    }
}
