import ArgumentParser
import Credentials
import Foundation
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// `curtail cert revoke`: a certificate is not taken any more.
struct CertRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Refuse a certificate from now on, on open connections too.",
        discussion: """
            Names a VEN, whose present certificate is meant, or a certificate file (PEM), or the SHA-256 of one. Within
            two seconds a running 'curtail serve' ends the certificate's connections and refuses new ones. It cannot be
            undone: give the VEN another certificate with 'curtail cert issue NAME --renew'.

            Examples:
              curtail cert revoke plant-7 --reason "laptop stolen"
              curtail cert revoke ./plant-7/ven.crt
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("A VEN's id, a certificate file, or 64 hexadecimal digits.", valueName: "what"))
    var what: String

    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
    var reason = "not given"

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Answer: Encodable {
        let sha256: String
        let fingerprint: String
        let venID: String?
        let wasRevoked: Bool
    }

    func validate() throws {
        guard (1...190).contains(reason.count) else { throw ValidationError("--reason takes 1 to 190 characters.") }
    }

    func run() async throws {
        let services = services.resolved(defaultState: ServiceOptions.servedState)
        let answer = try await OperatorDatabase.with(services) { database in
            let (digest, ven) = try await target(database)
            let isNew = try await RevocationStore(database.pool).revoke(
                digest, of: ven, reason: reason, now: SystemTime().now())
            return Answer(
                sha256: digest.hexadecimal, fingerprint: digest.fingerprint, venID: ven?.rawValue, wasRevoked: !isNew)
        }
        guard !json else { return print(try JSONOutput.text(answer)) }
        let owner = answer.venID.map { " of \($0)" } ?? ""
        print(
            "The certificate \(answer.fingerprint)\(owner) \(answer.wasRevoked ? "was revoked before" : "is revoked").")
        if let ven = answer.venID { print("Give the VEN another one with 'curtail cert issue \(ven) --renew'.") }
    }

    /// The certificate that is meant, and whose it is.
    private func target(_ database: OperatorDatabase) async throws -> (CertificateDigest, VENID?) {
        let vens = try await MariaDBTopNodeStore(database.pool).transaction { try await $0.vens() }
        if let ven = vens.first(where: { $0.venID.rawValue == what }) { return (ven.certificate, ven.venID) }
        var digest = CertificateDigest(hexadecimal: what)
        if digest == nil, FileManager.default.fileExists(atPath: what) {
            digest = CertificateDigest(bytes: try CertificateSummary(file: what).derSHA256)
        }
        guard let digest else {
            throw CommandFailure(
                "There is no VEN '\(what)', no such file, and it is no SHA-256.",
                hint: "see 'curtail cert list'", status: .notFound)
        }
        return (digest, vens.first { $0.certificate == digest }?.venID)
    }
}
