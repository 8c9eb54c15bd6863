import Accounts
import HTTPTypes
import Hummingbird
import Measures
import Mustache
import NIOCore
import Persistence

/// What a template is filled with.
typealias PageData = [String: Any]

extension Portal {
    /// A page inside the common frame.
    ///
    /// - Parameters:
    ///   - template: its file in `pages`, without the ending.
    ///   - title: stands in the window's title and as the first heading.
    ///   - scripts: files of `assets` that the page loads beside the common one.
    func page(
        _ template: String, _ title: String, _ visit: Visit, _ data: PageData = [:], scripts: [String] = [],
        styles: [String] = [], status: HTTPResponse.Status = .ok
    ) throws -> Response {
        var frame = data
        frame["title"] = title
        frame["token"] = visit.formToken
        frame["style"] = (["bootstrap.min.css"] + styles + ["portal.css"]).filter(files.has).map(files.address)
        frame["script"] = (scripts + ["portal.js"]).filter(files.has).map(files.address)
        frame["icon"] = files.address("favicon.svg")
        if let done = Notices.text(visit.query.text("done")) { frame["notice"] = done }
        if let viewer = visit.viewerIfAny {
            frame["person"] = [
                "email": viewer.email,
                "name": visit.identity.map { $0.name.isEmpty ? $0.email : $0.name } ?? viewer.email,
                "role": viewer.role.title, "organization": visit.identity?.organizationName ?? "",
            ]
            frame["places"] = Navigation.places(for: viewer, at: visit.request.uri.path)
        }
        guard let html = templates.render(frame, withTemplate: template) else {
            throw Problem(
                status: .internalServerError, kind: "internal", title: "Something went wrong",
                detail: "The page \(template) is missing.")
        }
        return Response(
            status: status,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    /// A problem as people see it.
    func errorPage(_ problem: Problem, _ visit: Visit?) throws -> Response {
        let headers: HTTPFields = problem.retryAfter.map { [.retryAfter: "\($0)"] } ?? [:]
        guard let visit else {
            var response = Response(
                status: problem.status,
                headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: "\(problem.title)\n\(problem.detail)\n")))
            response.headers.append(contentsOf: headers)
            return response
        }
        let fields = problem.fields.sorted { $0.key < $1.key }.map { ["name": $0.key, "text": $0.value] }
        var response = try page(
            "problem", problem.title, visit,
            ["detail": problem.detail, "fields": fields, "code": "\(problem.status.code)"], status: problem.status)
        response.headers.append(contentsOf: headers)
        return response
    }
}

/// What is said at the top of a page after something was done; the address only carries the word.
enum Notices {
    static func text(_ word: String) -> String? {
        switch word {
        case "": nil
        case "password": "Your password is changed. All other sessions have ended."
        case "reset": "Your password is set. Log in with it."
        case "logout": "You are logged out."
        case "confirmed": "Your address is confirmed. You can log in."
        case "profile": "Your profile is saved."
        case "session": "The session has ended."
        case "token": "The token does not work any more."
        case "factor-on": "The second factor is on: the next login asks for a code."
        case "factor-off": "The second factor is off."
        case "decided": "Your decision is saved, and the person gets an e-mail."
        case "role": "The role is changed."
        case "invited": "The invitation is on its way."
        case "assigned": "The meter's owners are changed."
        case "meter": "The meter is there, and belongs to the distributor."
        case "published": "The event is published. VENs get it with their next poll."
        case "modified": "The event is changed. VENs get the new version with their next poll."
        case "cancelled": "The event is cancelled. VENs hear of it with their next poll."
        case "edited": "The reading is changed."
        case "undone": "The change is undone."
        case "deleted": "Your account is deleted."
        case "tested": "The test event is published. The VEN gets it with its next poll."
        case "report": "The VEN is asked to register again with its next poll."
        default: nil
        }
    }
}

/// The places of the portal that a role has.
enum Navigation {
    private static let all: [(path: String, title: String, permission: Permission)] = [
        ("/dashboard", "Dashboard", .seeOwn), ("/meters", "Meters", .seeOwn),
        ("/imports", "Imports", .editReadings), ("/events", "Events", .seeOwn),
        ("/calendar", "Calendar", .seeOwn), ("/programs", "Programmes", .seeOwn), ("/rewards", "Rewards", .seeOwn),
        ("/vens", "VENs", .seePortfolio), ("/organization", "People", .manageMembers),
        ("/admin", "Administration", .manageAccounts), ("/audit", "Audit", .seeOwn), ("/system", "System", .seeSystem),
    ]

    static func places(for viewer: Viewer, at path: String) -> [PageData] {
        all.filter { viewer.may($0.permission) }.map { place in
            let isHere = path == place.path || path.hasPrefix(place.path + "/")
            return ["path": place.path, "title": place.title, "here": isHere]
        }
    }
}

/// Figures and times as pages write them.
enum Written {
    /// For a `<time>` element: machines read the first, people the second; a script puts it into their own zone.
    static func time(_ instant: Instant?) -> PageData {
        guard let instant else { return ["none": true] }
        let text = instant.description
        return ["machine": text, "people": "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"]
    }

    static func number(_ value: Double, _ digits: Int = 1) -> String {
        guard value.isFinite, value.magnitude < 1e15 else { return "-" }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let whole = Int64((value.magnitude * scale).rounded())
        let text = String(whole)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        let sign = value < 0 && whole > 0 ? "−" : ""
        let head = grouped(String(padded.dropLast(digits)))
        return digits > 0 ? "\(sign)\(head).\(padded.suffix(digits))" : "\(sign)\(head)"
    }

    /// Narrow spaces between thousands.
    private static func grouped(_ digits: String) -> String {
        guard digits.count > 4 else { return digits }
        var output = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { output += "\u{202F}" }
            output.append(digit)
        }
        return output
    }

    static func energy(_ energy: WattHours) -> String {
        energy.value.magnitude >= 1e7
            ? "\(number(energy.value / 1e6, 2)) MWh" : "\(number(energy.kilowattHours, 1)) kWh"
    }

    static func power(_ power: Watts) -> String {
        power.value.magnitude >= 1e7 ? "\(number(power.value / 1e6, 2)) MW" : "\(number(power.kilowatts, 1)) kW"
    }

    static func money(_ money: Money) -> String {
        "\(number(Double(money.minorUnits) / 100, 2)) \(money.currency.rawValue)"
    }

    static func span(_ span: TimeSpan) -> String {
        let minutes = span.seconds / 60
        switch (minutes / 60, minutes % 60) {
        case (0, 0): return "\(span.seconds) s"
        case (0, let minutes): return "\(minutes) min"
        case (let hours, 0): return "\(hours) h"
        case (let hours, let minutes): return "\(hours) h \(minutes) min"
        }
    }

    /// How long ago something was.
    static func ago(_ instant: Instant?, now: Instant) -> String {
        guard let instant else { return "never" }
        let seconds = max((now - instant).seconds, 0)
        switch seconds {
        case ..<60: return "\(seconds) s ago"
        case ..<3_600: return "\(seconds / 60) min ago"
        case ..<172_800: return "\(seconds / 3_600) h ago"
        default: return "\(seconds / 86_400) days ago"
        }
    }
}
