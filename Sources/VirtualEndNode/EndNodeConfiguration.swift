public import Measures
public import OpenADR

/// What an installer tells a VEN.
public struct EndNodeConfiguration: Sendable {
    /// For people.
    public var venName: String
    /// The id that the operator gave beforehand; nil takes the one that the VTN gives.
    public var venID: VENID?
    /// Tells the VTN that this VEN signs its messages (high security level).
    public var usesXMLSignature: Bool
    /// The loads behind this VEN; an event that names another one is refused (rule 48).
    public var resources: [ResourceID]
    /// The programmes to take part in; nil takes any (rule 48).
    public var marketContexts: Set<MarketContext>?
    /// Whether the VEN asks for its messages or gets them at an address of its own.
    public var transport: Transport
    /// The reports to offer.
    public var reports: [TelemetryOffer]
    /// How often to poll when the VTN names nothing.
    public var pollFrequency: TimeSpan
    /// The longest pause between attempts that fail, and the shortest between polls of a VTN that never says that it
    /// has nothing more.
    public var longestPause: TimeSpan
    /// How often in a row a VTN may refuse to register this VEN before it gives up.
    public var registrationAttempts: Int
    /// When to register again after the VTN ended the registration (rule 401); nil stops.
    public var pauseAfterCancellation: TimeSpan?
    /// How often a VEN that takes pushes asks for its events all the same: a push may have been lost.
    public var resynchronisation: TimeSpan

    public init(
        venName: String, venID: VENID? = nil, usesXMLSignature: Bool = false, resources: [ResourceID] = [],
        marketContexts: Set<MarketContext>? = nil, transport: Transport = .httpPull,
        reports: [TelemetryOffer] = [], pollFrequency: TimeSpan = .seconds(10),
        longestPause: TimeSpan = .minutes(2), registrationAttempts: Int = 5,
        pauseAfterCancellation: TimeSpan? = .minutes(1), resynchronisation: TimeSpan = .minutes(5)
    ) {
        self.venName = venName
        self.venID = venID
        self.usesXMLSignature = usesXMLSignature
        self.resources = resources
        self.marketContexts = marketContexts
        self.transport = transport
        self.reports = reports
        self.pollFrequency = pollFrequency
        self.longestPause = longestPause
        self.registrationAttempts = registrationAttempts
        self.pauseAfterCancellation = pauseAfterCancellation
        self.resynchronisation = resynchronisation
    }

    /// What the VTN was told when the VEN registered: another one has to be told anew.
    var announcement: String {
        let reports = reports.map { offer in
            let points = offer.points.map { "\($0.rID)@\($0.resource?.rawValue ?? "")" }.joined(separator: ",")
            let periods = [offer.minPeriod, offer.maxPeriod, offer.capacity].map { "\($0.seconds)" }
            let kind = "\(offer.kind.rawValue)\(offer.onChange ? "+" : "")"
            return "\(offer.specifierID):\(kind):\(points):\(offer.unit.rawValue):\(periods.joined(separator: "-"))"
        }
        return "\(venName);\(transport);\(reports.joined(separator: ";"))"
    }
}

/// What a VEN takes from the world besides the time of a call.
public struct EndNodeEnvironment: Sendable {
    /// A new id for a request.
    public var makeID: @Sendable () -> String
    /// A number from 0 up to, but not including, 1.
    public var random: @Sendable () -> Double

    public init(makeID: @escaping @Sendable () -> String, random: @escaping @Sendable () -> Double) {
        self.makeID = makeID
        self.random = random
    }
}

/// What a VTN gave a VEN when it registered; worth keeping over a restart.
public struct EndNodeRegistration: Hashable, Codable, Sendable {
    public var registrationID: RegistrationID
    public var venID: VENID
    /// Every distribution of events is checked against it (rule 21).
    public var vtnID: VTNID
    public var pollFrequency: TimeSpan

    public init(registrationID: RegistrationID, venID: VENID, vtnID: VTNID, pollFrequency: TimeSpan) {
        self.registrationID = registrationID
        self.venID = venID
        self.vtnID = vtnID
        self.pollFrequency = pollFrequency
    }
}
