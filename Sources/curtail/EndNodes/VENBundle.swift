import Credentials
import Foundation
import Measures
import MutualTLS

/// Everything a VEN needs to reach its VTN, in a folder that an installer carries over.
///
/// ```
/// ven.yaml   who it is, where the VTN is, and whatever else an installer sets
/// ven.crt    its certificate
/// ven.key    its private key, for its user only
/// ca.crt     the authority of the VTN's certificate
/// ```
///
/// Bundles of the first version have a `ven.json` in place of `ven.yaml`; they are read as well.
struct VENBundle {
    struct Settings: Codable, Hashable {
        let venID: String
        /// Where the VTN is, without the path of a service.
        let vtnURL: String
        let vtnID: String
        let vtnFingerprints: VTNFingerprints
        let pollSeconds: Int64
        /// Whether messages are signed both ways (high security level); missing is no.
        var xmlSignature: Bool?

        var fingerprints: [String] { [vtnFingerprints.rsa, vtnFingerprints.ec] }

        /// As the settings file says it.
        var yaml: String {
            """
            # The settings of a VEN. 'curtail ven run --config ven.yaml' runs it, 'curtail ven config' explains each line
            # and lists what else can be set, 'curtail ven doctor' looks for what is wrong.
            venID: \(JSONText.quoted(venID))
            vtn:
              url: \(JSONText.quoted(vtnURL))
              id: \(JSONText.quoted(vtnID))
              # Of its RSA and its EC certificate. People compare them; 'verify: both' has the VEN do so.
              fingerprints: [\(fingerprints.map(JSONText.quoted).joined(separator: ", "))]
              verify: name
            certificate: ven.crt
            privateKey: ven.key
            authority: ca.crt
            poll: \(SpanArgument(.seconds(pollSeconds)))
            # Whether messages are signed, both ways (high security level): on or off.
            signatures: "\(xmlSignature == true ? "on" : "off")"

            """
        }
    }

    let folder: String
    /// The settings file's text and name.
    let text: String
    let file: String

    private static let name = "ven"
    private static let authorityName = "ca"

    /// Reads the settings of a folder that `write` made, now or in the first version.
    init(folder: String) throws {
        let files = FileManager.default
        let path = "\(folder)/\(Self.name).yaml"
        let old = "\(folder)/\(Self.name).json"
        guard files.fileExists(atPath: path) || files.fileExists(atPath: old) else {
            throw CommandFailure(
                "There is no bundle of a VEN in \(folder): it holds neither \(Self.name).yaml nor \(Self.name).json.",
                hint: "make one with 'curtail cert issue NAME'", status: .notFound)
        }
        self.folder = folder
        guard !files.fileExists(atPath: path) else {
            text = try LayeredSettings.text(ofFile: path)
            file = path
            return
        }
        file = old
        do {
            let data = Data(try LayeredSettings.text(ofFile: old).utf8)
            text = try JSONDecoder().decode(Settings.self, from: data).yaml
        } catch is DecodingError {
            throw CommandFailure(
                "The file \(old) is no settings of a VEN.", hint: "make a new one with 'curtail cert issue NAME'")
        }
    }

    /// The settings as they stand in the file alone, checked.
    func settings() throws -> VENSettings {
        try VENSettings(
            LayeredSettings(
                keys: VENSettings.keys, text: text, name: file, environment: [:], prefix: VENSettings.prefix, flags: []),
            folder: folder)
    }

    /// Writes a new folder, readable by its owner only.
    static func write(
        _ settings: Settings, identity: IssuedCertificate, authorityPEM: String, to folder: String
    ) throws {
        try write(settings, authorityPEM: authorityPEM, to: folder) { try $0.write(identity, name: name) }
    }

    /// The same without a key: it is where the signing request was made.
    static func write(
        _ settings: Settings, certificate: SignedCertificate, authorityPEM: String, to folder: String
    ) throws {
        try write(settings, authorityPEM: authorityPEM, to: folder) { try $0.write(certificate, name: name) }
    }

    /// - Parameter identity: writes the certificate, and the key where there is one.
    static func write(
        _ settings: Settings, authorityPEM: String, to folder: String, identity: (CredentialFolder) throws -> Void
    ) throws {
        let files = FileManager.default
        do {
            let parent = URL(fileURLWithPath: folder).deletingLastPathComponent()
            try files.createDirectory(at: parent, withIntermediateDirectories: true)
            try identity(CredentialFolder(path: folder))
            try Data(authorityPEM.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(authorityName).crt"))
            try Data(settings.yaml.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name).yaml"))
        } catch let error as CredentialError {
            throw error
        } catch {
            throw CommandFailure(
                "The folder \(folder) cannot be written: \(error.localizedDescription)",
                hint: "choose another one with --out")
        }
    }

    /// Puts a bundle in the place of another one; a reader finds one of the two.
    static func replace(_ folder: String, by new: String) throws {
        let files = FileManager.default
        do {
            if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
            try files.moveItem(atPath: new, toPath: folder)
        } catch {
            throw CommandFailure(
                "The new bundle is in \(new); it cannot be moved to \(folder): \(error.localizedDescription)",
                hint: "move it by hand")
        }
    }
}

/// `https://host[:port][/path]`, the place of a VTN.
struct VTNEndpoint: Hashable {
    let host: String
    let port: Int
    let path: String

    /// Nil for anything but https, without a host, or with a query, a user or a fragment.
    init?(_ url: String) {
        guard let parts = URLComponents(string: url), parts.scheme?.lowercased() == "https",
            let host = parts.host?.trimmingCharacters(in: CharacterSet(charactersIn: "[]")), !host.isEmpty,
            parts.query == nil, parts.fragment == nil, parts.user == nil,
            (1...65_535).contains(parts.port ?? 443)
        else { return nil }
        self.host = host
        port = parts.port ?? 443
        path = parts.percentEncodedPath
    }
}
