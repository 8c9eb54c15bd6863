import Credentials
import Foundation
import MutualTLS

/// Everything a VEN needs to reach its VTN, in a folder that an installer carries over.
///
/// ```
/// ven.json   who it is, and where the VTN is
/// ven.crt    its certificate
/// ven.key    its private key, for its user only
/// ca.crt     the authority of the VTN's certificate
/// ```
struct VENBundle {
    struct Settings: Codable, Hashable {
        let venID: String
        /// Where the VTN is, without the path of a service.
        let vtnURL: String
        let vtnID: String
        /// To be compared by people; the VEN trusts `ca.crt`.
        let vtnFingerprints: VTNFingerprints
        let pollSeconds: Int64
    }

    let settings: Settings
    let folder: String

    private static let name = "ven"
    private static let authorityName = "ca"

    /// Reads a folder that `write` made.
    init(folder: String) throws {
        let path = "\(folder)/\(Self.name).json"
        guard let data = FileManager.default.contents(atPath: path), data.count <= 65_536 else {
            throw CommandFailure(
                "There is no bundle of a VEN in \(folder): \(path) cannot be read.",
                hint: "make one with 'curtail cert issue NAME'", status: .notFound)
        }
        do {
            settings = try JSONDecoder().decode(Settings.self, from: data)
        } catch {
            throw CommandFailure(
                "The file \(path) is no settings of a VEN.", hint: "make a new one with 'curtail cert issue NAME'")
        }
        guard !settings.venID.isEmpty, settings.pollSeconds > 0 else {
            throw CommandFailure(
                "The file \(path) has an empty venID or no poll frequency.",
                hint: "make a new one with 'curtail cert issue NAME'")
        }
        self.folder = folder
    }

    /// Writes a new folder, readable by its owner only.
    static func write(
        _ settings: Settings, identity: IssuedCertificate, authorityPEM: String, to folder: String
    ) throws {
        let files = FileManager.default
        do {
            let parent = URL(fileURLWithPath: folder).deletingLastPathComponent()
            try files.createDirectory(at: parent, withIntermediateDirectories: true)
            try CredentialFolder(path: folder).write(identity, name: name)
            try Data(authorityPEM.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(authorityName).crt"))
            try Data((try JSONOutput.text(settings) + "\n").utf8).write(
                to: URL(fileURLWithPath: "\(folder)/\(name).json"))
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

    func identity() throws -> TLSIdentity {
        try TLSIdentity(chainFile: "\(folder)/\(Self.name).crt", privateKeyFile: "\(folder)/\(Self.name).key")
    }

    func trustRoots() throws -> TrustRoots {
        try TrustRoots(file: "\(folder)/\(Self.authorityName).crt")
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
