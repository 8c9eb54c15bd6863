import Foundation
import Testing

/// Certificates as an operator makes them, on a private server; OpenSSL's command judges.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/openssl")))
struct CertificateCommandTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func run(_ arguments: [String]) async throws -> Program.Outcome {
        try await Program.run(arguments + ["--state-directory", folder.state], in: folder)
    }

    private func json(_ arguments: [String]) async throws -> [String: Any] {
        let outcome = try await run(arguments + ["--json"])
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    private func openssl(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    @Test func `an authority, a VEN whose key stays where it is, a renewal, and a bundle for what it has`() async throws
    {
        let authority = try await json(["cert", "init-ca", "--name", "Utility of the test", "--years", "3"])
        let root = try #require(authority["certificate"] as? String)
        let again = try await run(["cert", "init-ca"])
        #expect(again.status == 5 && again.lines("error: ").count == 1 && again.lines("hint: ").count == 1)

        let (key, csr, out) = ("\(folder.path)/k.pem", "\(folder.path)/r.csr", "\(folder.path)/plant-7")
        _ = try openssl([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
            csr,
            "-subj", "/CN=somebody-else/O=Nobody",
        ])
        let issued = try await json([
            "cert", "issue", "plant-7", "--csr", csr, "--out", out, "--host", "ven.plant-7.example",
        ])
        #expect(issued["hasKey"] as? Bool == false && !folder.exists("plant-7/ven.key"))
        #expect(try openssl(["verify", "-CAfile", root, "-purpose", "sslclient", "\(out)/ven.crt"]).status == 0)
        let host = ["-purpose", "sslserver", "-verify_hostname", "ven.plant-7.example"]
        #expect(try openssl(["verify", "-CAfile", root] + host + ["\(out)/ven.crt"]).status == 0, "for pushes too")
        let subject = try openssl(["x509", "-in", "\(out)/ven.crt", "-noout", "-subject", "-issuer"]).output
        #expect(subject.contains("CN = plant-7") && !subject.contains("Nobody"), "\(subject)")
        #expect(subject.contains("Utility of the test"))
        let keys = try [["x509", "-in", "\(out)/ven.crt", "-noout", "-pubkey"], ["pkey", "-in", key, "-pubout"]].map {
            try openssl($0).output
        }
        #expect(keys[0] == keys[1] && !keys[0].isEmpty)

        // The same certificate in a new folder, with its key; another VEN's key is refused.
        let copy = "\(folder.path)/copy"
        let bundle = ["cert", "bundle", "plant-7", "--certificate", "\(out)/ven.crt"]
        #expect(try await json(bundle + ["--key", key, "--out", copy])["hasKey"] as? Bool == true)
        #expect(folder.exists("copy/ven.key") && folder.exists("copy/ven.yaml") && folder.exists("copy/ca.crt"))
        _ = try openssl([
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "\(folder.path)/o.pem",
        ])
        let foreign = try await run(bundle + ["--key", "\(folder.path)/o.pem", "--out", "\(folder.path)/bad"])
        #expect(foreign.status != 0 && foreign.lines("error: ").count == 1 && !folder.exists("bad"))

        let renewed = try await json(["cert", "renew", "plant-7", "--out", out])
        #expect(renewed["renewed"] as? Bool == true && renewed["hasKey"] as? Bool == true)
        #expect(renewed["sha256"] as? String != issued["sha256"] as? String)
        let late = try await run(bundle.dropLast() + ["\(copy)/ven.crt", "--out", "\(folder.path)/late"])
        #expect(late.status == 5 && late.lines("hint: ").first?.contains("cert renew") == true, "\(late.errors)")
        let nobody = try await run(["cert", "renew", "plant-8"])
        #expect(nobody.status != 0 && nobody.lines("hint: ").first?.contains("cert issue") == true)
    }

    @Test func `a signing request that is none, or for a weak key, admits nobody`() async throws {
        _ = try await json(["cert", "init-ca"])
        let weak = "\(folder.path)/weak.csr"
        _ = try openssl([
            "req", "-new", "-newkey", "rsa:1024", "-nodes", "-keyout", "\(folder.path)/w.pem", "-out", weak, "-subj",
            "/CN=a",
        ])
        _ = try folder.write("no request\n", to: "none.csr")
        for (file, word) in [(weak, "2048"), ("\(folder.path)/none.csr", "PKCS")] {
            let outcome = try await run(["cert", "issue", "weak", "--csr", file, "--out", "\(folder.path)/weak"])
            #expect(outcome.status != 0 && outcome.lines("error: ").first?.contains(word) == true, "\(outcome.errors)")
        }
        #expect(!folder.exists("weak"))
        let list = try await run(["cert", "list", "--json"])
        #expect(list.output.filter { !$0.isWhitespace } == "[]")
    }
}
