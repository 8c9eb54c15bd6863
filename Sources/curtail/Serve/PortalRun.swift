import ArgumentParser
import Foundation
import Logging
import Mail
import MariaDB
import Measures
import PasswordHashing
import Persistence
import Portal
import VirtualTopNode

/// Where the portal listens, and by which name people know it.
struct PortalOptions: Sendable {
    let host: String
    let port: Int
    /// Nil: this machine only.
    let url: String?
    /// The address that mail comes from.
    let mailSender: String
    /// Where mail goes; nil: into a folder.
    let mailServer: String?

    /// Completes what the flags leave open from the environment.
    init(host: String, port: Int, url: String?, mailSender: String) throws {
        let environment = ProcessInfo.processInfo.environment
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.host = host
        self.port = port
        self.url = url ?? variable("CURTAIL_WEB_URL")
        self.mailSender = mailSender
        mailServer = variable("CURTAIL_SMTP_URL")
        if let url = self.url {
            let parts = URLComponents(string: url)
            guard let parts, ["http", "https"].contains(parts.scheme), parts.host?.isEmpty == false,
                ["", "/"].contains(parts.path), parts.query == nil, parts.user == nil
            else {
                throw ValidationError("--web-url takes an address such as https://portal.example.com, not '\(url)'.")
            }
        }
        guard MailMessage.isAddress(mailSender) else {
            throw ValidationError("--mail-from takes an address such as portal@example.com, not '\(mailSender)'.")
        }
    }
}

/// The portal with what it runs on.
struct PortalRun: Sendable {
    let portal: Portal
    let address: PublicAddress
    let hasher: PasswordHasher
    let mail: MailSender
    let jobs: JobRunner

    static func make(
        _ options: PortalOptions, services: ResolvedServices, pool: MariaDBPool, readings: SeriesStore,
        topNode: TopNode,
        time: any TimeSource, logger: Logger
    ) async throws -> PortalRun {
        let transport = try transport(options, services, time)
        let hasher = try makeHasher()
        let address = PublicAddress(url: options.url)
        let parts = PortalParts(
            pool: pool, readings: readings, time: time, hasher: hasher, topNode: topNode,
            random: { SystemBytes.random($0) }, makeID: { UUID().uuidString }, address: address, logger: logger)
        do {
            let portal = try await Portal(parts, folder: services.portal)
            let mail = MailSender(pool: pool, transport: transport, time: time, logger: logger)
            return PortalRun(
                portal: portal, address: address, hasher: hasher, mail: mail, jobs: JobRunner(portal))
        } catch let error as PortalError {
            await hasher.close()
            throw CommandFailure(
                error.description, hint: "name the folder that holds Portal, Schemas and Database with --root",
                status: .notReady)
        }
    }

    static func makeHasher() throws -> PasswordHasher {
        do {
            return try PasswordHasher(
                threads: max(1, ProcessInfo.processInfo.activeProcessorCount), makeSalt: { SystemBytes.random($0) })
        } catch {
            throw CommandFailure("Passwords cannot be hashed: \(error).", hint: "give the machine more memory")
        }
    }

    private static func transport(
        _ options: PortalOptions, _ services: ResolvedServices, _ time: any TimeSource
    ) throws -> any MailTransport {
        guard let server = options.mailServer else {
            return FolderTransport(folder: "\(services.stateDirectory)/mail", sender: options.mailSender, time: time)
        }
        guard let configuration = SMTPTransport.Configuration(url: server, sender: options.mailSender) else {
            throw CommandFailure(
                "CURTAIL_SMTP_URL is no address of a mail server.",
                hint: "use smtp://user:password@host:587, smtps://host:465 or smtp://127.0.0.1:25?protection=none",
                status: .usage)
        }
        return SMTPTransport(configuration, time: time)
    }
}

/// Bytes of the system's cryptographic generator.
enum SystemBytes {
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
