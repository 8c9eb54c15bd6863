import ArgumentParser
import Credentials
import Foundation
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// `curtail cert`: who may speak to the VTN.
struct CertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cert",
        abstract: "Admit VENs and look at certificates.",
        discussion: """
            A VEN is known by its certificate: 'issue' makes one with the authority of the state directory and admits
            the VEN. All of it also works while 'curtail serve' runs.
            """,
        subcommands: [
            CertInitCommand.self, CertIssueCommand.self, CertRenewCommand.self, CertRevokeCommand.self,
            CertListCommand.self, CertFingerprintCommand.self, CertBundleCommand.self,
        ])
}

/// `curtail cert issue`: a key, a certificate, and the VTN's door opened for it.
struct CertIssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Make the key and certificate of a VEN, admit it, and write its bundle.",
        discussion: """
            The bundle is a folder with ven.yaml, ven.crt, ven.key (for its owner only) and ca.crt. The private key is
            kept nowhere else: carry the bundle to the VEN over a channel that you trust. With --csr the key stays where it
            was made: of the signing request (PKCS #10) only the key counts, and the bundle has none.

            Examples:
              curtail cert issue plant-7
              curtail cert issue plant-7 --key rsa --out /media/usb/plant-7 --poll 30s
              curtail cert issue plant-8 --host ven.plant-8.example    for a VEN that takes pushes
              curtail cert issue plant-7 --signatures required
              curtail cert issue plant-7 --csr plant-7.csr
              curtail cert issue plant-7 --renew     as 'curtail cert renew plant-7'
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The VEN's id and the common name of its certificate.", valueName: "name"))
    var name: String

    @Option(help: "The kind of key: ec (P-256) or rsa (2048 bits).")
    var key = KeyArgument.ec

    @Option(help: ArgumentHelp("The bundle's folder; without it, one named after the VEN.", valueName: "folder"))
    var out: String?

    @Option(help: ArgumentHelp("Where the VEN finds the VTN, if not where 'serve' ran last.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("How often the VEN shall poll, such as 10s.", valueName: "span"))
    var poll: SpanArgument?

    @Option(
        name: .customLong("host"),
        help: ArgumentHelp(
            "A name or address under which the VTN pushes to the VEN; may be repeated.", valueName: "name"))
    var hosts: [String] = []

    @Option(help: "Whether messages are signed both ways (high security level): optional or required.")
    var signatures: VENSetCommand.SignaturesArgument?

    @Option(help: ArgumentHelp("A signing request (PEM) for a key that the VEN has.", valueName: "file"))
    var csr: String?

    @Flag(help: "Replace the certificate of a VEN that is admitted already.")
    var renew = false

    @Flag(help: "Print one JSON object.")
    var json = false

    enum KeyArgument: String, ExpressibleByArgument, CaseIterable {
        case rsa
        case ec

        var type: KeyType { self == .rsa ? .rsa2048 : .p256 }
    }

    func validate() throws {
        guard VENAdmission.isName(name) else {
            throw ValidationError(
                "A VEN's name is of 1 to 64 letters, digits, '-', '_' and '.', and starts with a letter or digit.")
        }
        if let url, VTNEndpoint(url) == nil {
            throw ValidationError("--url takes a URL like https://vtn.example.com:8443, not '\(url)'.")
        }
        if let poll, poll.span < .seconds(1) { throw ValidationError("--poll takes 1s or more.") }
    }

    func run() async throws {
        let admission = VENAdmission(
            services: services.resolved(defaultState: ServiceOptions.servedState), venID: VENID(name), key: key.type,
            folder: out ?? name, url: url, poll: poll?.span,
            signatures: signatures.map { $0 == .required ? .required : .optional }, renews: renew, hostNames: hosts,
            signingRequest: try csr.map(LayeredSettings.text(ofFile:)))
        let admitted = try await admission.perform()
        print(json ? try JSONOutput.text(admitted) : admitted.text)
    }
}

/// `curtail cert list`: who is admitted.
struct CertListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the VENs that are admitted.",
        discussion: """
            Examples:
              curtail cert list
              curtail cert list --json
            """)

    @OptionGroup var services: ServiceOptions

    @Flag(help: "Print one JSON array.")
    var json = false

    private struct Line: Encodable {
        let venID: String
        let name: String
        let state: String
        let fingerprint: String
        let sha256: String
        let lastRegistration: String?
        let pollSeconds: Int64
    }

    func run() async throws {
        let services = services.resolved(defaultState: ServiceOptions.servedState)
        let lines = try await OperatorDatabase.with(services) { database in
            try await TopNodeOverview(database.pool).vens().map { ven in
                Line(
                    venID: ven.record.venID.rawValue, name: ven.record.name, state: ven.record.registration.word,
                    fingerprint: ven.record.certificate.fingerprint, sha256: ven.record.certificate.hexadecimal,
                    lastRegistration: ven.lastRegistration?.description,
                    pollSeconds: ven.record.pollFrequency.seconds)
            }
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else { return print("No VEN is admitted. Admit one with 'curtail cert issue NAME'.") }
        var table = TextTable(
            ["VEN", "state", "fingerprint", "last registration"], leftColumns: [0, 1, 2, 3])
        for line in lines {
            table.add([line.venID, line.state, line.fingerprint, line.lastRegistration ?? "never"])
        }
        print(table.rendered())
    }
}

/// `curtail cert fingerprint`: what a certificate file says.
struct CertFingerprintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fingerprint",
        abstract: "Show the OpenADR fingerprint of a certificate file (PEM).",
        discussion: """
            Examples:
              curtail cert fingerprint plant-7/ven.crt
              curtail cert fingerprint plant-7/ven.crt --json
            """)

    @Argument(help: ArgumentHelp("A certificate in PEM form.", valueName: "file"))
    var file: String

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Answer: Encodable {
        let fingerprint: String
        let sha256: String
        let commonName: String
        let hostNames: [String]
        let notBefore: String
        let notAfter: String
    }

    func run() throws {
        guard FileManager.default.fileExists(atPath: file) else {
            throw CommandFailure("There is no file \(file).", hint: "name a certificate in PEM form", status: .notFound)
        }
        let summary = try CertificateSummary(file: file)
        let answer = Answer(
            fingerprint: summary.openADRFingerprint.description,
            sha256: CertificateDigest(bytes: summary.derSHA256)?.hexadecimal ?? "", commonName: summary.commonName,
            hostNames: summary.hostNames, notBefore: summary.notBefore.description,
            notAfter: summary.notAfter.description)
        guard !json else { return print(try JSONOutput.text(answer)) }
        print(
            """
            fingerprint  \(answer.fingerprint)
            sha256       \(answer.sha256)
            name         \(answer.commonName)
            hosts        \(answer.hostNames.isEmpty ? "none" : answer.hostNames.joined(separator: ", "))
            valid        \(answer.notBefore) to \(answer.notAfter)
            """)
    }
}

extension RegistrationState {
    /// For people.
    var word: String {
        switch self {
        case .provisioned: "provisioned"
        case .registered: "registered"
        case .reregistering: "reregistering"
        case .cancelling: "cancelling"
        case .cancelled: "cancelled"
        }
    }
}
