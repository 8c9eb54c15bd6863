import Foundation
import Logging
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import SiteSimulation
import VirtualEndNode

/// The demo's VENs: each with its own key, its own TLS context and its own connection to the VTN.
struct DemoFleet: Sendable {
    let port: Int
    let codec: OpenADRCodec
    let time: any TimeSource
    let trustRoots: TrustRoots
    let pollFrequency: TimeSpan
    let seed: UInt64
    let logger: Logger

    /// The name by which the report of a VEN's one meter goes.
    static let meterPoint: RID = "meter"

    /// Runs one VEN until its task is cancelled.
    func run(_ member: DemoRoster.Member, identity: TLSIdentity, index: Int) async throws {
        let context = try TLSClientContext(identity: identity, trustRoots: trustRoots)
        let client = HTTPSClient(host: "127.0.0.1", port: port, context: context)
        let device = DemoDevice(site: member.site)
        let random = SharedGenerator(seed: seed &+ UInt64(index))
        let node = EndNode(
            configuration: EndNodeConfiguration(
                venName: member.site.name, venID: member.venID,
                reports: [
                    TelemetryOffer(
                        specifierID: "usage", points: [TelemetryOffer.Point(rID: Self.meterPoint)],
                        minPeriod: member.site.step, maxPeriod: member.site.step)
                ], pollFrequency: pollFrequency),
            environment: EndNodeEnvironment(makeID: { UUID().uuidString }, random: { random.fraction() }),
            surroundings: EndNode.Surroundings(
                transport: HTTPSTransport(client: client, codec: codec), time: time, meter: device, target: device,
                policy: device, logger: logger))
        do {
            try await node.run()
        } catch {
            await client.close()
            throw CommandFailure("The VEN of \(member.site.name) stopped: \(error).", hint: "read the demo's log")
        }
        await client.close()
    }
}
