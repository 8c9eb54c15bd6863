import Logging
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import VirtualEndNode

/// The example of the documentation, so that it compiles.
// example
func runVEN(load: any MeterSource & DispatchTarget) async throws {
    let identity = try TLSIdentity(chainFile: "ven.crt", privateKeyFile: "ven.key")
    let tls = try TLSClientContext(identity: identity, trustRoots: TrustRoots(file: "ca.crt"))
    let codec = OpenADRCodec(schemas: try SchemaSet(folder: "Schemas"))
    let transport = HTTPSTransport(client: HTTPSClient(host: "vtn.example.com", port: 8443, context: tls), codec: codec)
    let offer = TelemetryOffer(specifierID: "usage", points: [.init(rID: "meter")])
    let surroundings = EndNode.Surroundings(
        transport: transport, time: SystemTime(), meter: load, target: load, policy: AlwaysOptIn(),
        logger: Logger(label: "ven"))
    let node = EndNode(
        configuration: EndNodeConfiguration(venName: "Plant 7", reports: [offer]),
        environment: EndNodeEnvironment(
            makeID: { "\(UInt64.random(in: 0 ... .max))" }, random: { Double.random(in: 0..<1) }),
        surroundings: surroundings, keeper: try EndNodeKeeper(folder: "/var/lib/ven", codec: codec))
    try await node.run()
}
// example
