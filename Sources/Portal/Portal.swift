public import Logging
public import MariaDB
public import Measures
import Mustache
public import PasswordHashing
public import Persistence
public import VirtualTopNode

/// What the portal is made of.
public struct PortalParts: Sendable {
    public let pool: MariaDBPool
    /// What meters counted; with a cache where there is one.
    public let readings: SeriesStore
    public let time: any TimeSource
    public let hasher: PasswordHasher
    /// Publishes, changes and cancels events, as the operator's commands do.
    public let topNode: TopNode
    /// So many bytes that nobody can guess.
    public let random: @Sendable (Int) -> [UInt8]
    public let makeID: @Sendable () -> String
    public let address: PublicAddress
    public let logger: Logger

    public init(
        pool: MariaDBPool, readings: SeriesStore, time: any TimeSource, hasher: PasswordHasher, topNode: TopNode,
        random: @escaping @Sendable (Int) -> [UInt8], makeID: @escaping @Sendable () -> String, address: PublicAddress,
        logger: Logger
    ) {
        self.pool = pool
        self.readings = readings
        self.time = time
        self.hasher = hasher
        self.topNode = topNode
        self.random = random
        self.makeID = makeID
        self.address = address
        self.logger = logger
    }
}

/// The people's side: pages for browsers and an API for programs, over the same stores.
public struct Portal: Sendable {
    let parts: PortalParts
    let templates: MustacheLibrary
    let mails: MustacheLibrary
    let files: StaticFiles
    let tokens: AccessTokens
    let limits = Limits()
    let streams = OpenStreams()

    /// Requests that one address, or one account, may send.
    struct Limits: Sendable {
        /// Log in, sign up, forget a password.
        let identity = RateLimiter(capacity: 20, refill: .minutes(1))
        let pages = RateLimiter(capacity: 1_200, refill: .minutes(1))
    }

    /// Reads templates, style sheets and scripts from `folder`, as they are at that moment.
    public init(_ parts: PortalParts, folder: String) async throws {
        self.parts = parts
        templates = try await MustacheLibrary(directory: "\(folder)/pages")
        mails = try await MustacheLibrary(directory: "\(folder)/mails")
        guard templates.getTemplate(named: "layout") != nil else { throw PortalError.noTemplates(folder) }
        files = StaticFiles(folder: "\(folder)/assets")
        tokens = try await AccessTokens(parts)
    }

    var now: Instant { parts.time.now() }
    var accounts: RegistrationStore { RegistrationStore(parts.pool) }
    var logins: LoginStore { LoginStore(parts.pool) }
    var sessions: SessionStore { SessionStore(parts.pool, cache: parts.readings.cache) }
    var apiTokens: APITokenStore { APITokenStore(parts.pool) }
    var members: MemberStore { MemberStore(parts.pool) }
    var meters: MeterQueries { MeterQueries(parts.pool) }
    var readings: ReadingStore { ReadingStore(parts.pool) }
    var forecasts: ForecastStore { ForecastStore(parts.pool) }
    var events: EventQueries { EventQueries(parts.pool) }
    var series: PlotQueries { PlotQueries(parts.pool) }
    var health: HealthQueries { HealthQueries(parts.pool) }
    var portfolio: PortfolioQueries { PortfolioQueries(parts.pool) }
    var records: RecordQueries { RecordQueries(parts.pool) }
    var imports: ImportQueries { ImportQueries(parts.pool) }
    var uploads: UploadStore { UploadStore(parts.pool) }
    var jobs: JobStore { JobStore(parts.pool) }
    var cleanings: CleaningStore { CleaningStore(parts.pool) }
    var rewards: RewardQueries { RewardQueries(parts.pool) }
}

/// Why there is no portal.
public enum PortalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The folder has no pages.
    case noTemplates(String)

    public var description: String {
        switch self {
        case .noTemplates(let folder): "There are no pages in \(folder)."
        }
    }
}
