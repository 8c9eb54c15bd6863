import ArgumentParser
import Credentials
import Foundation
import Measures
import MutualTLS
import OpenADR
import Persistence
import VirtualTopNode

/// `curtail cert bundle`: what a VEN needs besides its certificate, written once more.
struct CertBundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Write the bundle of a VEN for a certificate that it has.",
        discussion: """
            For a VEN that kept its certificate and lost the rest, or whose VTN has moved: ven.yaml with the address and the
            fingerprints of the VTN as they are now, ca.crt, the certificate, and the key when it is given. The certificate
            has to be the one that the VEN is admitted with.

            Examples:
              curtail cert bundle plant-7 --certificate plant-7/ven.crt --key plant-7/ven.key --out plant-7-new
              curtail cert bundle plant-7 --certificate ven.crt --out plant-7-new --url https://vtn.example.com:8443
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The VEN's id.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("The VEN's certificate (PEM), with its issuers.", valueName: "file"))
    var certificate: String

    @Option(help: ArgumentHelp("Its private key (PEM).", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("The bundle's folder.", valueName: "folder"))
    var out: String

    @Option(help: ArgumentHelp("Where the VEN finds the VTN, if not where 'serve' ran last.", valueName: "url"))
    var url: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Answer: Encodable {
        let venID: String
        let bundle: String
        let vtnURL: String
        let hasKey: Bool
    }

    func validate() throws {
        if let url, VTNEndpoint(url) == nil {
            throw ValidationError("--url takes a URL like https://vtn.example.com:8443, not '\(url)'.")
        }
    }

    func run() async throws {
        let services = services.resolved(defaultState: ServiceOptions.servedState)
        guard !FileManager.default.fileExists(atPath: out) else {
            throw CommandFailure(
                "The folder \(out) is there already.", hint: "choose another one with --out", status: .refused)
        }
        let chain = try LayeredSettings.text(ofFile: certificate)
        let keyText = try key.map(LayeredSettings.text(ofFile:))
        let digest = CertificateDigest(bytes: try CertificateSummary(pem: chain).derSHA256)
        let (ven, wire) = try await OperatorDatabase.with(services) { database in
            (try await database.ven(VENID(name)), try await WireSettingsStore(database.pool).settings(of: VENID(name)))
        }
        guard let ven else {
            throw CommandFailure("There is no VEN \(name).", hint: "see 'curtail cert list'", status: .notFound)
        }
        guard ven.certificate == digest else {
            throw CommandFailure(
                "The VEN \(name) is admitted with another certificate, \(ven.certificate.fingerprint).",
                hint: "take that one, or make a new one with 'curtail cert renew \(name)'", status: .refused)
        }
        let vtn = try VTNCredentials(path: services.credentials, now: SystemTime().now())
        if let keyText {
            // Refuses a key of another certificate.
            _ = try TLSClientContext(
                identity: try TLSIdentity(chainPEM: chain, privateKeyPEM: keyText), trustRoots: try vtn.trustRoots())
        }
        let address = VTNAddress.read(from: services)
        let settings = VENBundle.Settings(
            venID: name, vtnURL: url ?? address?.url ?? VENAdmission.standardURL,
            vtnID: address?.vtnID ?? TopNodeConfiguration().vtnID.rawValue, vtnFingerprints: try vtn.fingerprints(),
            pollSeconds: ven.pollFrequency.seconds, xmlSignature: wire.signatures == .required)
        try VENBundle.write(settings, authorityPEM: vtn.authority.certificatePEM, to: out) { folder in
            try folder.write(chainPEM: chain, privateKeyPEM: keyText, name: "ven")
        }
        let answer = Answer(venID: name, bundle: out, vtnURL: settings.vtnURL, hasKey: keyText != nil)
        print(
            json
                ? try JSONOutput.text(answer)
                : "The bundle of \(name) is in \(out): ven.yaml ven.crt \(answer.hasKey ? "ven.key " : "")ca.crt")
    }
}

extension OperatorDatabase {
    /// Nil for a VEN that nobody admitted.
    func ven(_ id: VENID) async throws -> VENRecord? {
        try await MariaDBTopNodeStore(pool).transaction { try await $0.ven(id) }
    }
}
