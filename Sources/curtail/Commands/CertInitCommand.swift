import ArgumentParser
import Credentials
import Foundation
import Measures
import VirtualTopNode

/// `curtail cert init-ca`: the authority, before anything is served.
struct CertInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init-ca",
        abstract: "Make the authority that signs the certificates of the VTN and its VENs.",
        discussion: """
            'curtail serve' makes one by itself at its first start; this is for choosing its name, key and life, or for
            making it on another machine: carry ca.crt and ca.key to the state directory's folder 'credentials'. One that
            is there is never touched.

            Examples:
              curtail cert init-ca
              curtail cert init-ca --name "Utility of Example, OpenADR" --key rsa --years 20
            """)

    @OptionGroup var services: ServiceOptions

    @Option(help: ArgumentHelp("The common name of its certificate.", valueName: "text"))
    var name = "Curtail certificate authority"

    @Option(help: "The kind of key: ec (P-256) or rsa (2048 bits).")
    var key = CertIssueCommand.KeyArgument.ec

    @Option(help: ArgumentHelp("How long it signs (1 to 30).", valueName: "number"))
    var years = 10

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Answer: Encodable {
        let fingerprint: String
        let sha256: String
        let notAfter: String
        let certificate: String
    }

    func validate() throws {
        guard (1...30).contains(years) else { throw ValidationError("--years takes 1 to 30.") }
        guard (1...64).contains(name.unicodeScalars.count) else {
            throw ValidationError("--name takes 1 to 64 characters.")
        }
    }

    func run() throws {
        let services = services.resolved(defaultState: ServiceOptions.servedState)
        do {
            // Root's servers run as other users, who have to get through.
            let mode = geteuid() == 0 ? 0o711 : 0o700
            try FileManager.default.createDirectory(
                atPath: services.stateDirectory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: mode])
        } catch {
            throw CommandFailure(
                "The folder \(services.stateDirectory) cannot be made: \(error.localizedDescription)",
                hint: "choose another one with --state-directory")
        }
        let authority = try VTNCredentials.makeAuthority(
            path: services.credentials, commonName: name, keyType: key.type, life: .days(Int64(years) * 365 + 8),
            now: SystemTime().now())
        guard let authority else {
            throw CommandFailure(
                "There is an authority in \(services.credentials) already.",
                hint: "keep it, as every certificate depends on it; or choose another --state-directory",
                status: .refused)
        }
        let summary = try CertificateSummary(pem: authority.certificatePEM)
        let answer = Answer(
            fingerprint: summary.openADRFingerprint.description,
            sha256: CertificateDigest(bytes: summary.derSHA256)?.hexadecimal ?? "",
            notAfter: summary.notAfter.description, certificate: "\(services.credentials)/ca.crt")
        guard !json else { return print(try JSONOutput.text(answer)) }
        print(
            """
            The authority '\(name)' is made; it signs until \(answer.notAfter)
              fingerprint  \(answer.fingerprint)
              certificate  \(answer.certificate), and its key beside it: for its owner only, and for no backup without a lock
              next         curtail serve
            """)
    }
}
