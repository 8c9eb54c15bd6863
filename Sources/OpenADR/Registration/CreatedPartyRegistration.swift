public import Measures

/// `oadrCreatedPartyRegistration`: the VTN's answer to a registration and to a query.
public struct CreatedPartyRegistration: Message {
    public static let elementName = "oadrCreatedPartyRegistration"
    public static let service: ServiceName? = .eiRegisterParty

    public var response: EiResponse
    /// Present after a registration, absent in the answer to an unregistered VEN's query (rules 403 and 404).
    public var registrationID: RegistrationID?
    public var venID: VENID?
    public var vtnID: VTNID
    /// All that the VTN supports; the schema wants at least one.
    public var profiles: [Profile]
    /// How often a pull VEN shall poll.
    public var pollFrequency: TimeSpan?
    public var serviceSpecificInfo: [ServiceInfo]
    public var extensions: [RegistrationExtension]

    public init(
        response: EiResponse, registrationID: RegistrationID? = nil, venID: VENID? = nil, vtnID: VTNID,
        profiles: [Profile] = [Profile()], pollFrequency: TimeSpan? = nil,
        serviceSpecificInfo: [ServiceInfo] = [], extensions: [RegistrationExtension] = []
    ) {
        self.response = response
        self.registrationID = registrationID
        self.venID = venID
        self.vtnID = vtnID
        self.profiles = profiles
        self.pollFrequency = pollFrequency
        self.serviceSpecificInfo = serviceSpecificInfo
        self.extensions = extensions
    }
}

/// `oadrProfile`: a profile with the transports it can be spoken over.
public struct Profile: Hashable, Sendable {
    public var name: ProfileName
    public var transports: [TransportName]

    public init(name: ProfileName = .twoPointZeroB, transports: [TransportName] = [.simpleHTTP]) {
        self.name = name
        self.transports = transports
    }
}

/// `oadrInfo`: a named text.
public struct KeyValue: Hashable, Sendable {
    public var key: String
    public var value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// `oadrService`: what a VEN has to know about one service of this VTN.
public struct ServiceInfo: Hashable, Sendable {
    public var service: ServiceName
    public var info: [KeyValue]

    public init(service: ServiceName, info: [KeyValue]) {
        self.service = service
        self.info = info
    }
}

/// `oadrExtension`: something beyond the standard.
public struct RegistrationExtension: Hashable, Sendable {
    public var name: String
    public var info: [KeyValue]

    public init(name: String, info: [KeyValue] = []) {
        self.name = name
        self.info = info
    }
}
