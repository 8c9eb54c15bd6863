import ArgumentParser
import Measures
import MutualTLS
import OpenADR
import WebServer

/// `curtail serve`: the VTN.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the utility's side (VTN) until Ctrl-C.",
        discussion: """
            Serves OpenADR 2.0b over mutual TLS, the portal and the API for people and programs, and /livez, /readyz and
            /metrics for operators on loopback. Mail goes to the server of CURTAIL_SMTP_URL (smtp://user:password@host:587,
            smtps://..., smtp://127.0.0.1:25?protection=none); without it, into the state directory's folder mail. Without
            --database-url and --redis-url it starts its own private MariaDB and Redis. The certificate authority and
            the VTN's RSA and EC certificates are made at the first start, and renewed 30 days before they end. SIGHUP
            takes up changed certificates without losing a connection.

            Examples:
              curtail serve
              curtail serve --host 0.0.0.0 --name vtn.example.com
              curtail serve --telemetry 1m --state-directory ./state
              curtail serve --web-url https://portal.example.com --mail-from portal@example.com
              curtail serve --database-url mariadb://curtail@db/curtail --redis-url redis://cache:6379

            Then, on the same state directory:
              curtail cert issue plant-7            makes the key and the certificate of a VEN, and admits it
              curtail ven run --config plant-7/ven.yaml
              curtail event create --in 5m --duration 30m --reduce 20 --ven plant-7
            """)

    @OptionGroup var services: ServiceOptions

    @Option(help: ArgumentHelp("The address to listen on; 0.0.0.0 is every one of IPv4.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("The port for VENs; 0 takes a free one.", valueName: "port"))
    var port = 8443

    @Option(help: ArgumentHelp("The port for operators' tools, on loopback; 0 takes a free one.", valueName: "port"))
    var adminPort = 9090

    @Option(
        help: ArgumentHelp("The address of the portal for people; 0.0.0.0 is every one of IPv4.", valueName: "address"))
    var webHost = "127.0.0.1"

    @Option(help: ArgumentHelp("The port of the portal for people; 0 takes a free one.", valueName: "port"))
    var webPort = 8080

    @Option(
        name: .customLong("web-url"),
        help: ArgumentHelp(
            """
            Where people reach the portal, through a proxy that speaks TLS, such as https://portal.example.com; without \
            it, this machine only (environment: CURTAIL_WEB_URL).
            """, valueName: "url"))
    var webURL: String?

    @Option(
        name: .customLong("mail-from"),
        help: ArgumentHelp("The address that the portal's mail comes from.", valueName: "address"))
    var mailSender = "curtail@localhost.localdomain"

    @Option(
        name: .customLong("tls-profile"),
        help: "openadr: TLS 1.2, the prescribed suites first; strict: only these; modern: AEAD, TLS 1.2 and 1.3.")
    var profile = ProfileArgument.openadr

    @Option(
        name: .customLong("name"),
        help: ArgumentHelp(
            """
            A DNS name or IP address by which VENs reach the VTN, for its certificate; may be repeated. Without it the \
            certificate keeps its names; the first one has localhost and 127.0.0.1.
            """, valueName: "host"))
    var names: [String] = []

    @Option(
        name: .customLong("vtn-id"),
        help: ArgumentHelp(
            "What VENs know the VTN by; openleadr's VENs want a capital letter in it.", valueName: "id"))
    var vtnID = "VTN_1"

    @Option(help: ArgumentHelp("How often VENs shall measure and report, such as 1m.", valueName: "span"))
    var telemetry = SpanArgument(.minutes(15))

    @Option(
        name: .customLong("keep-payloads"),
        help: ArgumentHelp("How long the payload log keeps messages (1h to 10y).", valueName: "span"))
    var keepPayloads = SpanArgument(.days(30))

    @Option(help: ArgumentHelp("How often meters with new readings are forecast anew; 0 is never.", valueName: "span"))
    var forecastEvery = SpanArgument(.hours(1))

    @Option(
        help: ArgumentHelp(
            "How often the rules of dispatch are looked at ('curtail dispatch rule'); 0 is never.", valueName: "span"))
    var rulesEvery = SpanArgument(.minutes(5))

    @Option(
        name: .customLong("push-allow"),
        help: ArgumentHelp(
            """
            A network or address that messages may be pushed to although it is not public, such as 10.0.0.0/8; may be \
            repeated.
            """, valueName: "network"))
    var pushAllow: [NetworkArgument] = []

    struct NetworkArgument: ExpressibleByArgument {
        let network: IPNetwork

        init?(argument: String) {
            guard let network = IPNetwork(argument) else { return nil }
            self.network = network
        }
    }

    @Option(help: "Log lines for machines or for people; people read on a terminal.")
    var logFormat = LogFormat.standard

    enum ProfileArgument: String, ExpressibleByArgument, CaseIterable {
        case openadr
        case strict
        case modern

        var profile: TLSProfile {
            switch self {
            case .openadr: .openadr
            case .strict: .strict
            case .modern: .modern
            }
        }
    }

    func validate() throws {
        for (option, port) in [("--port", port), ("--admin-port", adminPort), ("--web-port", webPort)]
        where !(0...65_535).contains(port) {
            throw ValidationError("\(option) takes 0 to 65535, not \(port).")
        }
        guard telemetry.span >= .seconds(1) else { throw ValidationError("--telemetry takes 1s or more.") }
        guard keepPayloads.span >= .hours(1) else { throw ValidationError("--keep-payloads takes 1h or more.") }
        guard (1...64).contains(vtnID.count) else { throw ValidationError("--vtn-id takes 1 to 64 characters.") }
    }

    func run() async throws {
        try await ServeRun(
            options: ServeRun.Options(
                services: services.resolved(defaultState: ServiceOptions.servedState), host: host, port: port,
                adminPort: adminPort, profile: profile.profile, names: names, vtnID: VTNID(vtnID),
                telemetry: telemetry.span, pushNetworks: pushAllow.map(\.network),
                retention: WireServices.Retention(payloads: keepPayloads.span), logFormat: logFormat,
                forecasts: forecastEvery.span > .zero ? forecastEvery.span : nil,
                rules: rulesEvery.span > .zero ? rulesEvery.span : nil,
                web: try PortalOptions(host: webHost, port: webPort, url: webURL, mailSender: mailSender))
        ).run()
    }
}

extension ServiceOptions {
    /// The state directory that `serve` and the operator's commands share by default.
    static let servedState = "serve"
}
