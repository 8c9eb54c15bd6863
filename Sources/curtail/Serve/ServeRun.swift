import Foundation
import Logging
import MariaDB
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import PasswordHashing
import Persistence
import Portal
import ServiceLifecycle
import UnixSignals
import VirtualTopNode
import WebServer

/// The VTN as a service: its database, its two listeners, and an orderly end.
struct ServeRun: Sendable {
    struct Options: Sendable {
        let services: ResolvedServices
        let host: String
        let port: Int
        let adminPort: Int
        let profile: TLSProfile
        /// What the certificates shall name; empty leaves those that are there.
        let names: [String]
        let vtnID: VTNID
        /// How often VENs are asked to measure and to report.
        let telemetry: TimeSpan
        /// Networks that pushes may go to besides the public ones.
        let pushNetworks: [IPNetwork]
        let retention: WireServices.Retention
        let logFormat: LogFormat
        /// How often the meters' forecasts are brought up to date; nil for never.
        let forecasts: TimeSpan?
        /// How often the rules of dispatch are looked at; nil for never.
        let rules: TimeSpan?
        let web: PortalOptions
    }

    let options: Options

    /// Serves until SIGINT or SIGTERM: then no connection is accepted any more, the requests that are there are
    /// answered, the database connections closed, and the private servers stopped.
    func run() async throws {
        FileLimit.raise()
        MemoryHeaps.giveBackWhenIdle()
        try PortProbe.check(host: "127.0.0.1", port: options.adminPort, option: "--admin-port")
        try PortProbe.check(host: options.host, port: options.port, option: "--port")
        try PortProbe.check(host: options.web.host, port: options.web.port, option: "--web-port")
        let runtime = try await Runtime.open(options.services, database: OperatorDatabase.name)
        do {
            // Who a VEN is and whether anything waits for it must not wait behind transactions.
            let lookups = try await MariaDBPool.open(runtime.database, limit: 2)
            do {
                try await serve(runtime, lookups)
            } catch {
                await lookups.close()
                throw error
            }
            await lookups.close()
        } catch {
            try? await runtime.close()
            throw error
        }
        try await runtime.close()
    }

    private func serve(_ runtime: Runtime, _ lookups: MariaDBPool) async throws {
        let logger = options.logFormat.logger("curtail.vtn")
        let metrics = MetricsRegistry()
        let credentials = try openCredentials()
        let tls = try credentials.serverContext(profile: options.profile)
        let signing = try SigningKeyRing(credentials)
        let keeper = CertificateKeeper(
            path: options.services.credentials, context: tls, signing: signing, metrics: metrics, logger: logger)
        try keeper.measure(credentials)
        let announcement = ServeAnnouncement(options: options, credentials: credentials)
        let admin = AdminServer.application(
            host: "127.0.0.1", port: options.adminPort, metrics: metrics,
            checks: Readiness.checks(runtime, credentials: options.services.credentials), logger: logger,
            onRunning: { announcement.adminRuns(port: $0 ?? 0) })
        let wire = WireServices(
            runtime, lookups, keys: signing, retention: options.retention, metrics: metrics, logger: logger)
        let topNode = topNode(runtime, lookups)
        let codec = OpenADRCodec(schemas: try SchemaSet(folder: options.services.schemas))
        let responder = responder(topNode, wire, codec: codec, metrics: metrics, logger: logger)
        let pusher = PushSender(
            node: topNode, codec: codec, tls: try credentials.clientContext(),
            policy: PushPolicy(allowed: options.pushNetworks), time: SystemTime(), directory: wire.directory,
            signing: PushSigning(keys: { signing.current }, makeNonce: { UUID().uuidString }),
            journal: { wire.journal.record($0) }, metrics: metrics, logger: logger)
        let housekeeper = TopNodeKeeper(
            node: topNode, vens: { try await TopNodeOverview(runtime.pool).vensWithHistory() }, time: SystemTime(),
            logger: logger)
        let portal = try await PortalRun.make(
            options.web, services: options.services, pool: runtime.pool,
            readings: SeriesStore(runtime.pool, cache: runtime.cache), topNode: topNode, time: SystemTime(),
            logger: logger)
        let handshakes = HandshakeLog(metrics: metrics, logger: logger)
        let listener = OpenADRServer.application(
            host: options.host, port: options.port, tls: tls, responder: responder, logger: logger, watch: wire.watch,
            frontHandlers: responder.makeFrontHandlers,
            observe: { handshakes.saw($0, peer: $1.map { "\($0)" } ?? "") },
            onRunning: { announcement.listenerRuns(port: $0 ?? 0) })
        let invalidator = CacheInvalidator(
            outbox: CacheOutbox(runtime.pool), cache: runtime.cache, metrics: metrics, logger: logger)
        let web = PortalServer.application(
            portal.portal, host: options.web.host, port: options.web.port, logger: logger,
            onRunning: { _ in announcement.portalRuns(url: portal.address.url) })
        // The last one stops first: operators' tools see the VTN until it is gone.
        var services: [any Service] = [
            Listener(admin, at: "127.0.0.1:\(options.adminPort)", option: "--admin-port"), keeper, invalidator,
            housekeeper, pusher, portal.mail, portal.jobs,
            Listener(web, at: "\(options.web.host):\(options.web.port)", option: "--web-port"),
        ]
        services += wire.services
        services.append(Listener(listener, at: "\(options.host):\(options.port)", option: "--port"))
        if let interval = options.forecasts {
            services.append(
                ForecastKeeper(
                    pool: runtime.pool, interval: interval, holder: UUID().uuidString, metrics: metrics,
                    logger: logger, time: SystemTime()))
        }
        if let interval = options.rules {
            services.append(
                DispatchKeeper(
                    pool: runtime.pool, topNode: topNode, interval: interval, holder: UUID().uuidString,
                    metrics: metrics, logger: logger, time: SystemTime()))
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(20)
        try await ServiceGroup(configuration: configuration).run()
        await portal.hasher.close()
    }

    private func openCredentials() throws -> VTNCredentials {
        do {
            try FileManager.default.createDirectory(
                atPath: options.services.stateDirectory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(
                "The state directory \(options.services.stateDirectory) cannot be used: \(error.localizedDescription)",
                hint: "choose another one with --state-directory", status: .notReady)
        }
        return try VTNCredentials(
            path: options.services.credentials, hostNames: options.names.isEmpty ? nil : options.names,
            now: SystemTime().now())
    }

    private func topNode(_ runtime: Runtime, _ lookups: MariaDBPool) -> TopNode {
        let rule = TelemetryRule(granularity: options.telemetry, backDuration: options.telemetry)
        return TopNode(
            store: MariaDBTopNodeStore(runtime.pool, lookups: lookups),
            configuration: TopNodeConfiguration(vtnID: options.vtnID, telemetry: rule),
            environment: TopNodeEnvironment(makeID: { UUID().uuidString }))
    }

    private func responder(
        _ topNode: TopNode, _ wire: WireServices, codec: OpenADRCodec, metrics: MetricsRegistry, logger: Logger
    ) -> OpenADRResponder {
        OpenADRResponder(
            codec: codec,
            surroundings: OpenADRResponder.Surroundings(
                time: SystemTime(), metrics: metrics, logger: logger, peer: OpenADRServer.peer,
                directory: wire.directory, rates: wire.rates, gate: wire.gate, connections: wire.connections,
                security: wire.security,
                idlePolls: IdlePolls(
                    hasWaiting: { topNode.hasWaiting(for: $0, then: $1) },
                    journal: { wire.polls.record($0, of: $1, certificate: $2, exchange: $3) }),
                journal: { wire.journal.record($0) })
        ) { payload, service, peer, now in
            try await topNode.handle(payload, at: service, from: peer, now: now)
        }
    }
}

/// A listener whose failure names the place and what to do.
private struct Listener: Service {
    private let base: any Service
    private let place: String
    private let option: String

    init(_ base: any Service, at place: String, option: String) {
        self.base = base
        self.place = place
        self.option = option
    }

    func run() async throws {
        do {
            try await base.run()
        } catch {
            guard !Task.isCancelled else { return }
            throw CommandFailure(
                "Nothing can listen on \(place): \(error).",
                hint: "stop the program that does, or choose another place with \(option)", status: .notReady)
        }
    }
}
