import Accounts
import Crypto
import Foundation
import LocalServices
import Logging
import MariaDB
import Measures
import NIOCore
import PasswordHashing
import Persistence
import Synchronization
import Testing
import VirtualTopNode

@testable import Portal

/// The portal on the real database, without sockets.
@Suite(.world) enum PortalTests {}

/// The database that all tests of the suite share; each test has people of its own.
struct World: Sendable {
    @TaskLocal static var current: World?

    let pool: MariaDBPool
    let hasher: PasswordHasher

    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    static func around(_ body: @concurrent @Sendable () async throws -> Void) async throws {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        let folder = "\(parent)/curtail-portal-tests-\(getpid())"
        let services = try await LocalServices.start(in: folder, database: "portal")
        do {
            let pool = try await MariaDBPool.open(
                MariaDBConfiguration(url: services.databaseURL), limit: 12, waitLimit: .seconds(60))
            _ = try await Migrator(SchemaFiles(directory: "\(root)/Database")) { Array(SHA256.hash(data: $0)) }
                .run(on: pool)
            let hasher = try PasswordHasher(cost: PasswordCost(memory: 64, passes: 1)) { TestBytes.random($0) }
            let first = try #require(EmailAddress("first@grid.example"))
            _ = try await StaffStore(pool).create(
                first, name: "", place: .distributor("Grid"), isAdmin: true, isOperator: false,
                passwordHash: try await hasher.hash(Place.password),
                origin: Origin(actor: "test", address: "", now: Instant(year: 2026, month: 7, day: 1)))
            try await $current.withValue(World(pool: pool, hasher: hasher), operation: body)
            let breaches = try await Invariants(directory: "\(root)/Database").breaches(on: pool)
            #expect(breaches.isEmpty, "\(breaches)")
            await hasher.close()
            await pool.close()
        } catch {
            try? await services.stop()
            throw error
        }
        try await services.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

struct WorldTrait: SuiteTrait, TestScoping {
    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await World.around(function)
    }
}

extension Trait where Self == WorldTrait {
    static var world: WorldTrait { WorldTrait() }
}

enum TestBytes {
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

/// A clock that a test moves.
final class TestClock: TimeSource {
    private let instant = Mutex(Instant(year: 2026, month: 7, day: 1, hour: 12))

    func now() -> Instant { instant.withLock { $0 } }
    func advance(_ span: TimeSpan) { instant.withLock { $0 = $0 + span } }
    func sleep(until deadline: Instant) async throws { throw CancellationError() }
}

/// A portal of its own for a test, with people who have logins.
struct Place: Sendable {
    let portal: Portal
    let clock = TestClock()
    let pool: MariaDBPool

    static let password = "correct horse battery"

    init(url: String? = nil, hasher: PasswordHasher? = nil) async throws {
        let world = try #require(World.current)
        pool = world.pool
        let parts = PortalParts(
            pool: world.pool, readings: SeriesStore(world.pool), time: clock, hasher: hasher ?? world.hasher,
            topNode: TopNode(
                store: MariaDBTopNodeStore(world.pool), configuration: TopNodeConfiguration(),
                environment: TopNodeEnvironment(makeID: { UUID().uuidString })),
            random: { TestBytes.random($0) }, makeID: { UUID().uuidString }, address: PublicAddress(url: url),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        portal = try await Portal(parts, folder: "\(World.root)/Portal")
    }

    var origin: Origin { Origin(actor: "test", address: "", now: clock.now()) }

    /// A browser in which a new person of the role is logged in.
    func person(_ role: Role, organization: String? = nil, email: String? = nil) async throws -> (
        browser: Browser, identity: PortalIdentity
    ) {
        let email = try #require(EmailAddress(email ?? "p\(UUID().uuidString.prefix(12))@example.org"))
        let place: StaffStore.Place =
            switch role {
            case .resident: .home
            case .organizationMember, .organizationAdmin:
                .organization(organization ?? "Org \(UUID().uuidString.prefix(8))")
            case .analyst, .utilityOperator, .distributorAdmin: .distributor("Grid")
            }
        let hash = try await #require(World.current).hasher.hash(Self.password)
        let made = try await StaffStore(pool).create(
            email, name: "Test Person", place: place, isAdmin: role == .organizationAdmin || role == .distributorAdmin,
            isOperator: role == .utilityOperator, passwordHash: hash, origin: origin)
        let identity = try #require(made)
        #expect(identity.role == role)
        let browser = Browser(self)
        try await browser.login(identity.email)
        return (browser, identity)
    }

    /// The newest mail to an address.
    func mail(to recipient: String) async throws -> OutgoingMail? {
        try await pool.query(
            "SELECT recipient, subject, text_body, html_body FROM mail_outbox WHERE recipient = ? ORDER BY mail_id DESC LIMIT 1",
            [.text(recipient)]
        ).first.map {
            OutgoingMail(
                recipient: try $0.text("recipient"), subject: try $0.text("subject"), text: try $0.text("text_body"),
                html: try $0.text("html_body"))
        }
    }

    func count(_ sql: StaticString, _ parameters: [MariaDBValue] = []) async throws -> Int64 {
        try await pool.query(sql, parameters).first?.integer("n") ?? -1
    }
}

/// What a mail's link points to, without the portal's address.
func link(in mail: OutgoingMail?) throws -> String {
    let text = try #require(mail).text
    let line = try #require(text.split(separator: "\n").first { $0.contains("token=") })
    let start = try #require(line.range(of: "://"))
    let path = try #require(line[start.upperBound...].firstIndex(of: "/"))
    return String(line[path...])
}
