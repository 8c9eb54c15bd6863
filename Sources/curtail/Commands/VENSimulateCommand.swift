import ArgumentParser
import Credentials
import Foundation
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import SiteSimulation
import VirtualTopNode

/// `curtail ven simulate`: a fleet in one process.
struct VENSimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run a fleet of simulated VENs against a VTN, and measure it.",
        discussion: """
            Makes a key and an EC certificate for each VEN with the VTN's authority, admits all of them at the VTN of the
            state directory (--authority with a folder that holds ca.crt and ca.key leaves that to you), and runs them:
            each has its own kept connection and polls on a schedule that does not wait for answers. Latencies count from
            the moment at which a poll was due, so a VTN that hangs cannot hide it. The same seed gives the same fleet.

            Examples:
              curtail ven simulate --count 200 --duration 5m
              curtail ven simulate --count 10000 --ramp 2m --duration 10m --json
              curtail ven simulate --count 50 --behaviour moody.yaml --set optOut=0.2 --set disconnectEvery=1m
            """)

    @OptionGroup var services: ServiceOptions

    @Option(help: ArgumentHelp("How many VENs.", valueName: "number"))
    var count = 100

    @Option(help: ArgumentHelp("How they behave, as YAML.", valueName: "file"))
    var behaviour: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting of the behaviour: \(FleetBehaviour.keys.map(\.path).joined(separator: ", ")).",
            valueName: "name=value"))
    var set: [String] = []

    @Option(help: ArgumentHelp("Where the VTN is, if not where 'serve' ran last.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("A folder with the ca.crt and ca.key of another VTN's authority.", valueName: "folder"))
    var authority: String?

    @Option(help: ArgumentHelp("How often each VEN polls.", valueName: "span"))
    var poll = SpanArgument(.seconds(10))

    @Option(help: ArgumentHelp("The time over which they start one after the other.", valueName: "span"))
    var ramp: SpanArgument?

    @Option(help: ArgumentHelp("How long they run, the start included.", valueName: "span"))
    var duration = SpanArgument(.minutes(1))

    @Option(help: ArgumentHelp("Another seed is another fleet.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("What the VENs' ids begin with.", valueName: "text"))
    var prefix = "sim-"

    @Option(help: ArgumentHelp("The file for what each VEN decides and does.", valueName: "file"))
    var record: String?

    @Flag(help: "Sign messages both ways (high security level).")
    var sign = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(count) else { throw ValidationError("--count takes 1 to 100000.") }
        guard poll.span >= .seconds(1) else { throw ValidationError("--poll takes 1s or more.") }
        guard VENAdmission.isName("\(prefix)1") else {
            throw ValidationError("--prefix takes letters, digits, - and _.")
        }
        if let url, VTNEndpoint(url) == nil {
            throw ValidationError("--url takes a URL like https://vtn.example.com:8443, not '\(url)'.")
        }
        if let bad = set.first(where: { !$0.contains("=") }) {
            throw ValidationError("--set takes NAME=VALUE, not '\(bad)'.")
        }
    }

    func run() async throws {
        try FileLimit.raise(to: count + 200)
        let resolved = services.resolved(defaultState: ServiceOptions.servedState)
        let console = Console(steps: authority == nil ? 3 : 2, quiet: json)
        let text = url ?? VTNAddress.read(from: resolved)?.url ?? "https://localhost:8443"
        guard let endpoint = VTNEndpoint(text) else {
            throw CommandFailure("'\(text)' is not the URL of a VTN.", hint: "name it with --url", status: .usage)
        }
        let issuer = try issuer(resolved)
        let fleet = try fleet(endpoint, issuer, resolved)
        let (total, span) = (count, duration.span)
        console.begin("making \(total) keys and certificates")
        let now = SystemTime().now()
        let certificates = try await fleet.issue(by: issuer, now: now) { console.progress($0, of: total) }
        console.finish("\(total) EC certificates")
        if authority == nil {
            console.begin("admitting them")
            try await OperatorDatabase.with(resolved) { database in
                try await fleet.admit(certificates, to: database.topNode) { console.progress($0, of: total) }
            }
            console.finish("\(total) VENs admitted")
        }
        console.begin("running them against \(text)")
        do {
            try await Interruption.cancelling {
                try await fleet.run(certificates, for: span) { console.progress($0, of: total) }
            }
        } catch is CancellationError {
            // Asked to stop: what was measured until now is the result.
        }
        let report = FleetReport(fleet.tally.now, vens: total, seconds: (SystemTime().now() - now).seconds)
        console.finish("done")
        print(json ? try JSONOutput.text(report) : report.text)
        guard report.registered == total, report.stopped.isEmpty else {
            throw CommandFailure(
                "\(total - report.registered) VENs did not register, \(report.stopped.values.reduce(0, +)) gave up.",
                hint: "see the failures above, and the VTN's log")
        }
    }

    private func issuer(_ services: ResolvedServices) throws -> CertificateAuthority {
        let folder = authority ?? services.credentials
        guard let found = try CredentialFolder(path: folder).authority(name: "ca") else {
            throw CommandFailure(
                "There is no authority in \(folder).",
                hint: "start 'curtail serve' with the same --state-directory, or name a folder with --authority",
                status: .notFound)
        }
        return found
    }

    private func fleet(
        _ endpoint: VTNEndpoint, _ issuer: CertificateAuthority, _ services: ResolvedServices
    ) throws -> Fleet {
        let flags = set.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (path: String(parts[0]), flag: "--set \(parts[0])", text: String(parts[1]))
        }
        let settings = try LayeredSettings(
            keys: FleetBehaviour.keys, text: try behaviour.map(LayeredSettings.text(ofFile:)), name: behaviour ?? "",
            environment: ProcessInfo.processInfo.environment, prefix: FleetBehaviour.prefix, flags: flags)
        let fileRecord = try record.map { path in
            guard let record = FleetRecord(path: path) else {
                throw CommandFailure("The file \(path) cannot be written.", hint: "choose another --record")
            }
            return record
        }
        return Fleet(
            count: count, endpoint: endpoint, profile: .openadr,
            trustRoots: try TrustRoots(pem: issuer.certificatePEM),
            codec: OpenADRCodec(schemas: try SchemaSet(folder: services.schemas)),
            behaviour: try FleetBehaviour(settings), period: poll.span,
            ramp: Double((ramp?.span ?? poll.span).seconds), seed: seed, prefix: prefix,
            sites: SiteSimulator(seed: seed, zone: .utc).sites(count: 50), tally: FleetTally(), record: fileRecord,
            signedBy: sign ? issuer.certificatePEM : nil)
    }
}
