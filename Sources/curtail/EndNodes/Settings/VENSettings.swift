import Foundation
import Measures
import MutualTLS
import OpenADR
import VirtualEndNode
import Yams

/// What an installer tells a VEN, checked.
struct VENSettings: Sendable {
    /// How the VTN proves who it is.
    enum Verification: String, CaseIterable, Sendable {
        /// Its certificate names the host of the URL.
        case name
        /// Its certificate has one of the fingerprints: for device certificates, which name no host.
        case fingerprint
        case both
    }

    let venID: VENID?
    let venName: String
    let vtnURL: String
    let endpoint: VTNEndpoint
    let vtnID: VTNID?
    let fingerprints: [String]
    let verification: Verification
    let profile: TLSProfile
    let certificate: String
    let privateKey: String
    let authority: String
    /// Whether messages are signed, both ways.
    let signs: Bool
    let poll: TimeSpan
    let state: String
    let opt: OptType
    let marketContexts: [MarketContext]
    let load: Watts
    let share: Double
    /// A site whose plan the simulated load follows; nil for a constant load.
    let site: String?
    let resources: [ResourceSettings]
    let failSafe: FailSafe?
    /// Empty for a simulated load.
    let meters: [MeterSettings]
    /// What is offered to the VTN.
    let reports: Set<TelemetryOffer.Kind>
    /// Where the VEN takes pushes; nil polls.
    let push: Push?

    struct Push: Sendable {
        let host: String
        let port: Int
        /// What the VTN is told: the base of the VEN's paths.
        let address: String
    }

    static let keys = [
        SettingKey("venID", flag: "--ven-id", "the id that the VTN's operator gave; without it the VTN gives one"),
        SettingKey("venName", "a name for people; without it the venID"),
        SettingKey("vtn.url", flag: "--url", "where the VTN is, such as https://vtn.example.com:8443"),
        SettingKey("vtn.id", "the VTN's id, compared by 'curtail ven doctor'"),
        SettingKey("vtn.fingerprints", "the fingerprints of the VTN's certificates"),
        SettingKey(
            "vtn.verify", standard: "name", "what proves the VTN beside its authority: name, fingerprint or both"),
        SettingKey("tls", standard: "openadr", "TLS versions and suites: openadr, strict or modern"),
        SettingKey("certificate", standard: "ven.crt", "the VEN's certificate (PEM)"),
        SettingKey("privateKey", standard: "ven.key", "its private key (PEM, without passphrase)"),
        SettingKey("authority", standard: "ca.crt", "the authority of the VTN's certificate (PEM)"),
        SettingKey(
            "signatures", standard: "off", "XML signatures both ways (high security level): on or off"),
        SettingKey("poll", flag: "--poll", standard: "10s", "how often to poll where the VTN names nothing"),
        SettingKey("state", flag: "--state", standard: "state", "the folder of what the VEN must not forget"),
        SettingKey("opt", flag: "--opt", standard: "in", "what the VEN says to every event: in or out"),
        SettingKey("marketContexts", "the programmes to take part in; without it all"),
        SettingKey("resources", "the loads: a list of id, output (command, webhook or plugin) and limits"),
        SettingKey(
            "meters",
            "where readings come from: a list of resource, unit, every and command, url or csv; else a simulated load"),
        SettingKey("reports", "the reports to offer: a list of usage, status and history; without it all of them"),
        SettingKey("failSafe.after", "how long the VTN may be gone before the loads are made safe, such as 10m"),
        SettingKey(
            "failSafe.do", standard: "normal",
            "what the loads do then: carryOn, normal, 'level 1' or 'setpoint 5 kW'"),
        SettingKey("push.listen", "host:port on which the VEN takes pushes; without it the VEN polls"),
        SettingKey("push.address", "the URL under which the VTN reaches that, such as https://site.example.com:8444"),
        SettingKey("load", flag: "--load", standard: "10000", "watts that the simulated load draws without an event"),
        SettingKey(
            "share", flag: "--share", standard: "0.5", "the part of the simulated load that can be shed, 0 to 1"),
        SettingKey(
            "site", flag: "--site",
            "a site's file ('curtail site plan'): the simulated load follows its plan, by its model"),
    ]

    static let prefix = "CURTAIL_VEN_"

    /// - Parameter folder: where relative paths begin: that of the file.
    init(_ settings: LayeredSettings, folder: String) throws {
        func reader(_ path: String) -> SettingReader? { settings[path].map { SettingReader($0, path: path) } }
        func required(_ path: String) throws -> SettingReader {
            if let found = reader(path) { return found }
            throw CommandFailure(
                "The setting '\(path)' is missing.",
                hint: "a bundle of 'curtail cert issue NAME' has it; or --set \(path)=VALUE", status: .usage)
        }
        func file(_ path: String) throws -> String {
            let text = try required(path).text("a path")
            return text.hasPrefix("/") ? text : "\(folder)/\(text)"
        }
        func choice<Choice: RawRepresentable & CaseIterable>(_ path: String) throws -> Choice
        where Choice.RawValue == String {
            try required(path).value(Choice.allCases.map(\.rawValue).joined(separator: ", "), Choice.init)
        }
        venID = try reader("venID").map { VENID(try $0.text("an id")) }
        venName = try reader("venName")?.text("a name") ?? venID?.rawValue ?? "ven"
        vtnURL = try required("vtn.url").text("a URL")
        endpoint = try required("vtn.url").value("a URL like https://vtn.example.com:8443", VTNEndpoint.init)
        vtnID = try reader("vtn.id").map { VTNID(try $0.text("an id")) }
        fingerprints =
            try reader("vtn.fingerprints")?.list().map {
                try $0.value("a fingerprint like 01:23:45:67:89:AB:CD:EF:01:23", Self.fingerprint)
            } ?? []
        verification = try choice("vtn.verify")
        if verification != .name, fingerprints.isEmpty {
            throw CommandFailure(
                "vtn.verify is '\(verification.rawValue)', and no fingerprint is set.",
                hint: "set vtn.fingerprints to what the VTN's operator gave you", status: .usage)
        }
        profile = try choice("tls")
        certificate = try file("certificate")
        privateKey = try file("privateKey")
        authority = try file("authority")
        signs = try required("signatures").value("on or off") { ["on": true, "off": false][$0] }
        poll = try required("poll").value("a span from 1s to 1d, such as 10s") { text in
            SpanArgument(argument: text).map(\.span).flatMap {
                (TimeSpan.seconds(1)...(.days(1))).contains($0) ? $0 : nil
            }
        }
        state = try file("state")
        opt = try required("opt").value("in or out") { ["in": OptType.optIn, "out": .optOut][$0] }
        marketContexts = try reader("marketContexts")?.list().map { MarketContext(try $0.text("a URI")) } ?? []
        load = try required("load").value("0 to 1000000000 watts") { text in
            Double(text).flatMap { $0.isFinite && (0...1e9).contains($0) ? Watts($0) : nil }
        }
        resources = try reader("resources")?.list().map(ResourceSettings.init) ?? []
        let ids = resources.map(\.id)
        if let twice = ids.indices.first(where: { ids[..<$0].contains(ids[$0]) }), let reader = reader("resources") {
            throw reader.refusal("each resource once, and '\(ids[twice]?.rawValue ?? "the whole VEN")' is there twice")
        }
        let action = try required("failSafe.do").value(
            "carryOn, normal, 'level 1' or 'setpoint 5 kW'", FailSafe.action)
        meters = try reader("meters")?.list().map { try MeterSettings($0, folder: folder) } ?? []
        let metered = meters.map(\.resource)
        if let twice = metered.indices.first(where: { metered[..<$0].contains(metered[$0]) }),
            let reader = reader("meters")
        {
            let name = metered[twice]?.rawValue ?? "the whole VEN"
            throw reader.refusal("one meter for each resource, and there are two for '\(name)'")
        }
        reports =
            try reader("reports").map {
                Set(try $0.list().map { try $0.value("usage, status or history", TelemetryOffer.Kind.init) })
            } ?? Set(TelemetryOffer.Kind.allCases)
        failSafe = try reader("failSafe.after").map { FailSafe(after: try $0.span(), action: action) }
        push = try Self.push(listen: reader("push.listen"), address: reader("push.address"), fingerprints)
        site = reader("site") == nil ? nil : try file("site")
        share = try required("share").value("0 to 1") { text in
            Double(text).flatMap { $0.isFinite && (0...1).contains($0) ? $0 : nil }
        }
    }

    var identity: TLSIdentity {
        get throws { try TLSIdentity(chainFile: certificate, privateKeyFile: privateKey) }
    }

    var trustRoots: TrustRoots {
        get throws { try TrustRoots(file: authority) }
    }

    var serverVerification: ServerVerification {
        switch verification {
        case .name: .name(endpoint.host)
        case .fingerprint: .fingerprints(fingerprints)
        case .both: .nameAndFingerprints(name: endpoint.host, fingerprints: fingerprints)
        }
    }

    private static func push(
        listen: SettingReader?, address: SettingReader?, _ fingerprints: [String]
    ) throws -> Push? {
        guard listen != nil || address != nil else { return nil }
        guard let listen, let address else {
            throw CommandFailure(
                "A VEN that takes pushes needs both push.listen and push.address.",
                hint: "set the other one too, or neither to poll", status: .usage)
        }
        guard !fingerprints.isEmpty else {
            throw CommandFailure(
                "A VEN that takes pushes needs vtn.fingerprints: by them it knows the VTN.",
                hint: "set what the VTN's operator gave you", status: .usage)
        }
        let (host, port) = try listen.value("host:port such as 0.0.0.0:8444") { text -> (String, Int)? in
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (0...65_535).contains(port), colon != text.startIndex
            else { return nil }
            return (text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]")), port)
        }
        let url = try address.value("a URL like https://site.example.com:8444") { VTNEndpoint($0) == nil ? nil : $0 }
        return Push(host: host, port: port, address: url)
    }

    /// Ten bytes of hex, with or without colons, in any case.
    private static func fingerprint(_ text: String) -> String? {
        let digits = text.uppercased().filter { $0 != ":" && $0 != " " }
        guard digits.count == 20, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        return stride(from: 0, to: 20, by: 2).map { String(digits.dropFirst($0).prefix(2)) }.joined(separator: ":")
    }
}
