import HTTPCoding
import HTTPTypes
import Hummingbird
import NIOCore
import OpenADR

/// Takes a request apart as section 9.1 of the profile has it, and refuses what is no message: method (501), path (404),
/// content type (406), size (413).
struct RequestReader {
    let request: Request

    /// What the request asks for, by its head alone.
    func service() throws(HTTPRefusal) -> ServiceName {
        guard request.method == .post else {
            // An answer to HEAD has no body (RFC 9110, 9.3.2).
            throw HTTPRefusal(
                .notImplemented, reason: "method", detail: "only POST is served", isSilent: request.method == .head)
        }
        guard request.headers[.transferEncoding].map({ $0.lowercased() == "chunked" }) ?? true else {
            throw HTTPRefusal(
                .notImplemented, reason: "transfer-encoding", detail: "only chunked is served", closes: true)
        }
        guard let service = ServiceName(path: request.uri.path) else {
            throw HTTPRefusal(.notFound, reason: "path", detail: "no such service")
        }
        guard let type = request.headers[.contentType].map(MediaType.init), type.isXML else {
            throw HTTPRefusal(.notAcceptable, reason: "content-type", detail: "send application/xml")
        }
        guard type.isUTF8 else {
            throw HTTPRefusal(.notAcceptable, reason: "content-type", detail: "send charset=utf-8")
        }
        return service
    }

    /// The message's bytes, unpacked. Neither reading nor unpacking goes beyond the service's limit.
    func body(for service: ServiceName) async throws -> [UInt8] {
        let coding = try contentCoding()
        let packed = try await collect(limit: service.bodyLimit)
        guard let coding else { return packed }
        do {
            return try coding.decode(packed, limit: service.bodyLimit)
        } catch .tooLarge {
            throw Self.tooLarge(service.bodyLimit)
        } catch {
            throw HTTPRefusal(.notAcceptable, reason: "content-encoding", detail: "the body is not \(coding.rawValue)")
        }
    }

    private func contentCoding() throws(HTTPRefusal) -> ContentCoding? {
        let name = request.headers[.contentEncoding]?.filter { $0 != " " } ?? ""
        guard !name.isEmpty, name.lowercased() != "identity" else { return nil }
        guard let coding = ContentCoding(named: name) else {
            throw HTTPRefusal(
                .notAcceptable, reason: "content-encoding", detail: "send it plain, or as gzip or deflate")
        }
        return coding
    }

    private func collect(limit: Int) async throws -> [UInt8] {
        // The decoder has seen that these are digits; what is no Int is beyond any limit.
        if let length = request.headers[.contentLength], Int(length).map({ $0 > limit }) ?? true {
            throw Self.tooLarge(limit)
        }
        var bytes: [UInt8] = []
        do {
            for try await chunk in request.body {
                guard bytes.count + chunk.readableBytes <= limit else { throw Self.tooLarge(limit) }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
        } catch let refusal as HTTPRefusal {
            throw refusal
        } catch {
            throw HTTPRefusal(.badRequest, reason: "http", detail: "the body does not come through", closes: true)
        }
        return bytes
    }

    private static func tooLarge(_ limit: Int) -> HTTPRefusal {
        HTTPRefusal(.contentTooLarge, reason: "size", detail: "at most \(limit) bytes", closes: true)
    }
}

/// The value of a Content-Type header.
struct MediaType {
    private let name: String
    private let charset: String?

    init(_ header: String) {
        guard header != "application/xml" else {
            (name, charset) = (header, nil)
            return
        }
        let parts = header.split(separator: ";", omittingEmptySubsequences: false).map {
            $0.filter { $0 != " " && $0 != "\t" }.lowercased()
        }
        name = parts.first ?? ""
        charset = parts.dropFirst().first { $0.hasPrefix("charset=") }?.dropFirst(8).filter { $0 != "\"" }
    }

    /// The profile's name, and the one that some software sends.
    var isXML: Bool { name == "application/xml" || name == "text/xml" }

    var isUTF8: Bool { charset == nil || charset == "utf-8" || charset == "utf8" }

    /// Whether a message may be of this type.
    var isReadable: Bool { isXML && isUTF8 }
}

extension ServiceName {
    /// The largest body that the service reads, in bytes: a report may be long, a poll may not.
    var bodyLimit: Int {
        switch self {
        case .eiReport: 1 << 20
        case .eiEvent: 256 << 10
        case .eiRegisterParty, .eiOpt, .oadrPoll: 64 << 10
        }
    }
}
