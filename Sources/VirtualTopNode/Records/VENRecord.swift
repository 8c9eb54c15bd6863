public import Measures
public import OpenADR

/// A VEN that the operator admitted: one certificate, one venID (clause 10.5.1, rule 70).
public struct VENRecord: Hashable, Sendable {
    /// Unique in the VTN, case-sensitive (rule 512), never changed.
    public let venID: VENID
    /// For people; the VEN's own name for itself is in `endpoint`.
    public var name: String
    /// Unique; another one takes an operator.
    public var certificate: CertificateDigest
    public var registration: RegistrationState
    /// What the VEN said of itself when it registered last; nil before.
    public var endpoint: VENEndpoint?
    /// What a pull VEN is told to poll at.
    public var pollFrequency: TimeSpan
    /// The loads behind it; an event may be aimed at some of them.
    public var resources: [ResourceID]

    public init(
        venID: VENID, name: String, certificate: CertificateDigest, registration: RegistrationState = .provisioned,
        endpoint: VENEndpoint? = nil, pollFrequency: TimeSpan = .seconds(10), resources: [ResourceID] = []
    ) {
        self.venID = venID
        self.name = name
        self.certificate = certificate
        self.registration = registration
        self.endpoint = endpoint
        self.pollFrequency = pollFrequency
        self.resources = resources
    }
}

/// How a VEN wants to be spoken to (rule 402).
public struct VENEndpoint: Hashable, Sendable {
    public var transport: Transport
    /// The VEN offers reports and takes no events.
    public var isReportOnly: Bool
    public var usesXMLSignature: Bool
    public var venName: String?

    public init(
        transport: Transport, isReportOnly: Bool = false, usesXMLSignature: Bool = false, venName: String? = nil
    ) {
        self.transport = transport
        self.isReportOnly = isReportOnly
        self.usesXMLSignature = usesXMLSignature
        self.venName = venName
    }
}
