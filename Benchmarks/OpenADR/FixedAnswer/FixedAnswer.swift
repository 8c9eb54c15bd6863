// The allocator of the program that is measured.
import CJemalloc
import HTTPTypes
import Hummingbird
import Logging
import MutualTLS
import NIOCore
import OpenADR
import OpenADRXML
import ServiceLifecycle
import WebServer

/// The limit that the VTN's polls are measured against: its listener, TLS included, with one answer to whatever comes.
///
/// usage: FixedAnswer PORT CREDENTIALS SCHEMAS
@main
struct FixedAnswer: HTTPResponder {
    let body: ByteBuffer

    func respond(to request: Request, context: OpenADRRequestContext) async throws -> Hummingbird.Response {
        for try await _ in request.body {}
        return Hummingbird.Response(
            status: .ok,
            headers: [
                .contentType: "application/xml; charset=utf-8", .contentLength: String(body.readableBytes),
            ],
            body: ResponseBody(byteBuffer: body))
    }

    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let port = Int(words[1]) else {
            print("usage: FixedAnswer PORT CREDENTIALS SCHEMAS")
            return
        }
        let folder = words[2]
        let tls = try TLSServerContext(
            identities: try ["vtn-rsa", "vtn-ec"].map {
                try TLSIdentity(chainFile: "\(folder)/\($0).crt", privateKeyFile: "\(folder)/\($0).key")
            },
            clients: .required(try TrustRoots(file: "\(folder)/ca.crt")))
        let codec = OpenADRCodec(schemas: try SchemaSet(folder: words[3]))
        let answer = Payload.response(OpenADR.Response(response: EiResponse(), venID: "ven-00000"))
        let listener = OpenADRServer.application(
            host: "127.0.0.1", port: port, tls: tls,
            responder: FixedAnswer(body: ByteBuffer(bytes: codec.encode(answer))),
            logger: Logger(label: "fixed") { _ in SwiftLogNoOpLogHandler() })
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [listener], logger: Logger(label: "fixed"))
        ).run()
    }
}
