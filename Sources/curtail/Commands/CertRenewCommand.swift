import ArgumentParser
import Measures
import OpenADR

/// `curtail cert renew`: another certificate for a VEN that is admitted.
struct CertRenewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Give a VEN that is admitted another certificate, and write its bundle.",
        discussion: """
            The old certificate is not the VEN's any more from then on; everything else about the VEN stays, and with a
            bundle at --out its settings are made anew. Certificates live for 397 days.

            Examples:
              curtail cert renew plant-7
              curtail cert renew plant-7 --out /media/usb/plant-7
              curtail cert renew plant-7 --csr plant-7.csr
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The VEN's id.", valueName: "name"))
    var name: String

    @Option(help: "The kind of key: ec (P-256) or rsa (2048 bits).")
    var key = CertIssueCommand.KeyArgument.ec

    @Option(help: ArgumentHelp("The bundle's folder; without it, one named after the VEN.", valueName: "folder"))
    var out: String?

    @Option(help: ArgumentHelp("Where the VEN finds the VTN, if not where 'serve' ran last.", valueName: "url"))
    var url: String?

    @Option(
        name: .customLong("host"),
        help: ArgumentHelp(
            "A name or address under which the VTN pushes to the VEN; may be repeated.", valueName: "name"))
    var hosts: [String] = []

    @Option(help: ArgumentHelp("A signing request (PEM) for a key that the VEN has.", valueName: "file"))
    var csr: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let url, VTNEndpoint(url) == nil {
            throw ValidationError("--url takes a URL like https://vtn.example.com:8443, not '\(url)'.")
        }
    }

    func run() async throws {
        let services = services.resolved(defaultState: ServiceOptions.servedState)
        let known = try await OperatorDatabase.with(services) { database in
            try await database.ven(VENID(name)) != nil
        }
        guard known else {
            throw CommandFailure(
                "There is no VEN \(name).", hint: "admit it with 'curtail cert issue \(name)'", status: .notFound)
        }
        let admitted = try await VENAdmission(
            services: services, venID: VENID(name), key: key.type, folder: out ?? name, url: url, poll: nil,
            signatures: nil, renews: true, hostNames: hosts, signingRequest: try csr.map(LayeredSettings.text(ofFile:))
        ).perform()
        print(json ? try JSONOutput.text(admitted) : admitted.text)
    }
}
