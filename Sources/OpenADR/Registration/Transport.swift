/// `oadrProfileName`.
public enum ProfileName: String, Hashable, Codable, Sendable, CaseIterable {
    case twoPointZeroA = "2.0a"
    case twoPointZeroB = "2.0b"
}

/// `oadrTransportName`.
public enum TransportName: String, Hashable, Codable, Sendable, CaseIterable {
    case simpleHTTP = "simpleHttp"
    case xmpp
}

/// How a VEN wants to get its messages. HTTP always says whether it pulls, and a push has an address (rule 402).
public enum Transport: Hashable, Sendable {
    case httpPull
    /// The base address, without `OpenADR2/…`.
    case httpPush(address: String)
    /// The full JID, `ven@domain/client`.
    case xmpp(address: String)

    public var name: TransportName {
        switch self {
        case .httpPull, .httpPush: .simpleHTTP
        case .xmpp: .xmpp
        }
    }
}
