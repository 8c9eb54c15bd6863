import Credentials
import Foundation
import Glibc
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// Makes a VEN's certificate, admits the VEN, and writes its bundle: all of it, or nothing that counts.
struct VENAdmission: Sendable {
    let services: ResolvedServices
    let venID: VENID
    let key: KeyType
    /// Where the bundle goes.
    let folder: String
    /// Nil takes where the VTN ran last.
    let url: String?
    /// Nil keeps what a known VEN has, and is ten seconds for a new one.
    let poll: TimeSpan?
    /// Whether its messages are signed both ways; nil keeps what a known VEN has.
    let signatures: WireSettings.Signatures?
    /// Whether a VEN that is known gets another certificate.
    let renews: Bool
    /// Under which the VTN pushes to it; none for a VEN that polls.
    let hostNames: [String]
    /// PKCS #10 in PEM form, of a key that stays where it is; nil makes one.
    var signingRequest: String?

    static let standardURL = "https://localhost:8443"

    /// What was done.
    struct Admitted: Encodable {
        let venID: String
        let fingerprint: String
        let sha256: String
        let notAfter: String
        let bundle: String
        let vtnURL: String
        let renewed: Bool
        let signatures: String
        /// Whether the bundle has the private key.
        let hasKey: Bool

        var text: String {
            """
            \(venID) is admitted\(renewed ? " with its new certificate" : ""); it finds the VTN at \(vtnURL)
              fingerprint  \(fingerprint), valid until \(notAfter)
              signatures   \(signatures)
              bundle       \(bundle): ven.yaml ven.crt \(hasKey ? "ven.key " : "")ca.crt\(
                hasKey ? "" : "; put the key of the signing request beside them as ven.key")
              next         curtail ven run --config \(bundle)/ven.yaml
            """
        }
    }

    /// A name that is safe as an id, a common name and a folder.
    static func isName(_ text: String) -> Bool {
        let isFit = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isFit && (1...64).contains(text.utf8.count) && text.first != "-" && text.first != "."
            && text.first != "_"
    }

    func perform() async throws -> Admitted {
        try checkFolder()
        return try await OperatorDatabase.with(services) { database in
            let known = try await MariaDBTopNodeStore(database.pool).transaction { try await $0.ven(venID) }
            guard known == nil || renews else {
                throw CommandFailure(
                    "The VEN \(venID) is admitted already.",
                    hint: "add --renew to replace its certificate, or choose another name", status: .refused)
            }
            return try await admit(known, database)
        }
    }

    private func admit(_ known: VENRecord?, _ database: OperatorDatabase) async throws -> Admitted {
        let now = SystemTime().now()
        let vtn = try VTNCredentials(path: services.credentials, now: now)
        let issued: IssuedCertificate?
        let signed: SignedCertificate
        if let signingRequest {
            issued = nil
            signed = try vtn.signClient(
                venID.rawValue, signingRequest: signingRequest, hostNames: hostNames, now: now)
        } else {
            let made = try vtn.makeClient(venID.rawValue, keyType: key, hostNames: hostNames, now: now)
            (issued, signed) = (made, made.signed)
        }
        let summary = try CertificateSummary(pem: signed.certificatePEM)
        guard let digest = CertificateDigest(bytes: signed.derSHA256) else {
            throw CommandFailure("The new certificate has no digest.", hint: "report this as a defect")
        }
        let address = VTNAddress.read(from: services)
        let wire = WireSettingsStore(database.pool)
        var wireSettings = try await wire.settings(of: venID)
        if let signatures { wireSettings.signatures = signatures }
        let pollFrequency = poll ?? known?.pollFrequency ?? .seconds(10)
        let settings = VENBundle.Settings(
            venID: venID.rawValue, vtnURL: url ?? address?.url ?? Self.standardURL,
            vtnID: address?.vtnID ?? TopNodeConfiguration().vtnID.rawValue,
            vtnFingerprints: try vtn.fingerprints(), pollSeconds: pollFrequency.seconds,
            xmlSignature: wireSettings.signatures == .required)
        // Written beside its place first: a full disk admits nobody, and a failed admission keeps the old bundle.
        let draft = "\(folder).\(getpid()).new"
        do {
            let authority = vtn.authority.certificatePEM
            if let issued {
                try VENBundle.write(settings, identity: issued, authorityPEM: authority, to: draft)
            } else {
                try VENBundle.write(settings, certificate: signed, authorityPEM: authority, to: draft)
            }
            try await database.topNode.admit(
                venID, name: known?.name ?? venID.rawValue, certificate: digest, pollFrequency: pollFrequency,
                resources: known?.resources ?? [])
            try await wire.save(wireSettings, of: venID)
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw error
        }
        try VENBundle.replace(folder, by: draft)
        return Admitted(
            venID: venID.rawValue, fingerprint: digest.fingerprint, sha256: digest.hexadecimal,
            notAfter: summary.notAfter.description, bundle: folder, vtnURL: settings.vtnURL, renewed: known != nil,
            signatures: wireSettings.signatures.rawValue, hasKey: issued != nil)
    }

    /// Only a bundle of the same VEN may be written over.
    private func checkFolder() throws {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        let existing = try? VENBundle(folder: folder)
        guard renews, try existing?.settings().venID == venID else {
            throw CommandFailure(
                "The folder \(folder) is there already.",
                hint: "choose another one with --out; --renew replaces the bundle of the same VEN", status: .refused)
        }
    }
}
