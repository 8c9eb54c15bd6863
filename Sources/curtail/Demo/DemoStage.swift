import Credentials
import DemandResponse
import Logging
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import Persistence
import ServiceLifecycle
import VirtualTopNode
import WebServer

/// The demo once its servers run: a VTN, its VENs, and the operator who calls the event.
struct DemoStage: Sendable {
    let cast: DemoSites.Cast
    let outlook: DemoOutlook
    let options: DemoRun.Options
    let console: Console
    let runtime: Runtime
    let clock: AcceleratedTime
    let codec: OpenADRCodec
    let topNode: TopNode
    let pollFrequency: TimeSpan
    let logger: Logger
    let venLogger: Logger

    /// What the children of the stage end with.
    private enum Ending: Hashable, Sendable {
        case child
        case operatorDone
        case port(Int)
    }

    /// Runs the VTN, the VENs and the operator side by side; ends when the operator is done, or the first one fails.
    func perform(_ deliver: @escaping @Sendable (DemoReport) throws -> Void) async throws {
        let credentials = try makeCredentials()
        let watch = DemoWatch()
        let tls = try credentials.vtn.serverContext(profile: .openadr)
        let (ports, announced) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Ending.self) { group in
            let listener = listener(tls, watch) { announced.yield($0) }
            group.addTask {
                try await run(listener)
                return .child
            }
            let port = try await firstPort(ports, &group)
            let roster = try await makeRoster(credentials.clients)
            let fleet = DemoFleet(
                port: port, codec: codec, time: clock, trustRoots: try credentials.vtn.trustRoots(),
                pollFrequency: pollFrequency, seed: options.seed, logger: venLogger)
            let director = DemoDirector(stage: self, roster: roster, watch: watch)
            group.addTask {
                try await director.direct(fleet, clients: credentials.clients, deliver: deliver)
                return .operatorDone
            }
            for try await ending in group where ending == .operatorDone { break }
            await listener.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    /// The authority, the VTN's two certificates, and one certificate for each site: every fifth one with an RSA key.
    private func makeCredentials() throws -> (vtn: VTNCredentials, clients: [IssuedCertificate]) {
        console.begin("making certificates")
        let now = SystemTime().now()
        let vtn = try VTNCredentials(
            path: options.services.credentials, hostNames: ["localhost", "127.0.0.1"], now: now)
        let clients = try cast.sites.indices.map { index in
            defer { console.progress(index + 1, of: cast.sites.count) }
            return try vtn.issueClient(
                "ven-\(index + 1)", keyType: index % 5 == 4 ? .rsa2048 : .p256, now: now)
        }
        console.finish("1 authority, 2 for the VTN (RSA and EC), \(clients.count) for VENs")
        return (vtn, clients)
    }

    /// Accounts, meters, readings, and the VENs that the VTN admits.
    private func makeRoster(_ clients: [IssuedCertificate]) async throws -> DemoRoster {
        console.begin("importing readings")
        let roster = try await DemoRoster.create(cast.sites, on: runtime.pool)
        let rows = try await roster.importReadings(on: runtime.pool, recordedAt: cast.scenario.clockStart) {
            console.progress($0, of: roster.members.count)
        }
        try await roster.verifyReadings(on: runtime.pool, before: cast.scenario.clockStart)
        let points = ReportMeterStore(runtime.pool)
        for (member, issued) in zip(roster.members, clients) {
            guard let certificate = CertificateDigest(bytes: issued.derSHA256) else { continue }
            try await topNode.admit(
                member.venID, name: member.site.name, certificate: certificate, pollFrequency: pollFrequency)
            try await points.connect(DemoFleet.meterPoint, of: member.venID, to: member.meter)
        }
        console.finish("\(rows) readings of \(roster.members.count) meters")
        return roster
    }

    /// The VTN's listener, as a service that ends when it is asked to.
    private func listener(
        _ tls: TLSServerContext, _ watch: DemoWatch, announce: @escaping @Sendable (Int) -> Void
    ) -> ServiceGroup {
        let responder = OpenADRResponder(
            codec: codec,
            surroundings: OpenADRResponder.Surroundings(
                time: clock, metrics: MetricsRegistry(), logger: logger, peer: OpenADRServer.peer)
        ) { payload, service, peer, now in
            try await topNode.handle(payload, at: service, from: peer, now: now)
        }
        let server = OpenADRServer.application(
            host: "127.0.0.1", port: options.port, tls: tls, responder: responder, logger: logger,
            observe: { result, _ in watch.saw(result) }, onRunning: { announce($0 ?? 0) })
        return ServiceGroup(configuration: .init(services: [server], logger: logger))
    }

    private func run(_ listener: ServiceGroup) async throws {
        do {
            try await listener.run()
        } catch {
            guard !Task.isCancelled else { return }
            throw CommandFailure(
                "The VTN cannot listen on 127.0.0.1:\(options.port): \(error).",
                hint: "choose a free port with --port, or 0 for any", status: .notReady)
        }
    }

    /// The port of the listener; its failure comes out of the group instead.
    private func firstPort(
        _ ports: AsyncStream<Int>, _ group: inout ThrowingTaskGroup<Ending, any Error>
    ) async throws -> Int {
        group.addTask {
            for await port in ports { return .port(port) }
            return .child
        }
        while let ending = try await group.next() {
            if case .port(let port) = ending { return port }
        }
        throw CancellationError()
    }
}
