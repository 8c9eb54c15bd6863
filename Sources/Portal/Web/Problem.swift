import HTTPTypes
import Hummingbird
import NIOCore

/// Why a request gets no answer of its own: RFC 9457 for programs, a page for people.
struct Problem: Error, Hashable, Sendable {
    let status: HTTPResponse.Status
    /// The last part of the problem's type, such as `not-found`.
    let kind: String
    let title: String
    let detail: String
    /// What is wrong with single fields.
    var fields: [String: String] = [:]
    /// In seconds.
    var retryAfter: Int64?

    var json: JSONValue {
        var object: [String: JSONValue] = [
            "type": .text("/problems/\(kind)"), "title": .text(title), "status": .integer(Int64(status.code)),
            "detail": .text(detail),
        ]
        if !fields.isEmpty { object["errors"] = .object(fields.mapValues { .text($0) }) }
        return .object(object)
    }

    func response() throws -> Response {
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        if let retryAfter { headers[.retryAfter] = "\(retryAfter)" }
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"curtail\"" }
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: try json.encoded())))
    }
}

extension Problem {
    static func badRequest(_ detail: String, fields: [String: String] = [:]) -> Problem {
        Problem(
            status: .badRequest, kind: "bad-request", title: "The request is not understood", detail: detail,
            fields: fields)
    }

    static let unauthorized = Problem(
        status: .unauthorized, kind: "not-logged-in", title: "Log in first",
        detail: "Send a token with 'Authorization: Bearer', or log in with a browser.")

    static func forbidden(_ detail: String) -> Problem {
        Problem(status: .forbidden, kind: "forbidden", title: "Not allowed", detail: detail)
    }

    /// Also for what is there and not the viewer's.
    static let notFound = Problem(
        status: .notFound, kind: "not-found", title: "Not found", detail: "There is nothing here that you may see.")

    static func conflict(_ detail: String) -> Problem {
        Problem(status: .conflict, kind: "conflict", title: "This does not fit what is there", detail: detail)
    }

    static let changedMeanwhile = Problem(
        status: .preconditionFailed, kind: "changed", title: "It has changed meanwhile",
        detail: "Read it again, and send the new ETag with If-Match.")

    static let preconditionRequired = Problem(
        status: .preconditionRequired, kind: "precondition-required", title: "Say which version you change",
        detail: "Send the ETag that you read with If-Match.")

    static func tooMany(_ seconds: Int64) -> Problem {
        Problem(
            status: .tooManyRequests, kind: "too-many-requests", title: "Too many requests",
            detail: "Try again in \(max(seconds, 1)) s.", retryAfter: max(seconds, 1))
    }

    static let busy = Problem(
        status: .serviceUnavailable, kind: "busy", title: "Too busy", detail: "Try again in a moment.", retryAfter: 2)

    static let tooLarge = Problem(
        status: .contentTooLarge, kind: "too-large", title: "Too large",
        detail: "The request has more bytes than this takes.")
}
