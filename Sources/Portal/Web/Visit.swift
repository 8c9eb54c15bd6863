import Accounts
import Foundation
import HTTPTypes
import Hummingbird
import Measures
import Persistence

/// Who sent a request.
enum Visitor: Sendable {
    case anonymous
    /// A browser.
    case session(SessionStore.Session)
    /// A program.
    case token(Viewer)
}

/// A request on its way to its handler: who sent it, from where, and what it says.
struct Visit: Sendable {
    let portal: Portal
    let request: Request
    let parameters: Parameters
    let visitor: Visitor
    /// What the browser's cookie holds: of the session, or of a visitor who is not logged in. The tokens of forms come
    /// from it.
    let cookie: SecretToken
    let body: [UInt8]
    let query: Form
    let address: String
    let now: Instant

    /// The one who is logged in.
    var viewer: Viewer {
        get throws {
            guard let known = viewerIfAny else { throw Problem.unauthorized }
            return known
        }
    }

    var viewerIfAny: Viewer? { Gate.viewer(visitor) }

    var identity: PortalIdentity? {
        if case .session(let session) = visitor, session.stage == .full { session.identity } else { nil }
    }

    var session: SessionStore.Session? {
        if case .session(let session) = visitor { session } else { nil }
    }

    /// For what the visitor changes.
    var origin: Origin {
        Origin(actor: viewerIfAny?.email ?? "visitor", address: address, now: now)
    }

    func origin(_ actor: String) -> Origin { Origin(actor: actor, address: address, now: now) }

    /// What every form of this visitor has to bring back.
    var formToken: String { cookie.derived(for: "form") }

    /// The body as the fields of a form.
    var form: Form {
        get throws {
            guard let text = String(validating: body, as: UTF8.self), let form = Form(encoded: text) else {
                throw Problem.badRequest("The form is broken.")
            }
            return form
        }
    }

    /// The body as a form with a file.
    var multipart: MultipartForm {
        get throws {
            guard let form = MultipartForm(body, contentType: request.headers[.contentType] ?? "") else {
                throw Problem.badRequest("The form is broken.")
            }
            return form
        }
    }

    /// A part of the path; every route that asks for it has it.
    func parameter(_ name: String) throws -> String {
        guard let value = parameters.get(name)?.removingPercentEncoding, !value.isEmpty else { throw Problem.notFound }
        return value
    }

    /// A number in the path; anything else names nothing.
    func number(_ name: String) throws -> Int64 {
        guard let number = Int64(try parameter(name)), number > 0 else { throw Problem.notFound }
        return number
    }

    var agent: String { request.headers[.userAgent] ?? "" }
}
