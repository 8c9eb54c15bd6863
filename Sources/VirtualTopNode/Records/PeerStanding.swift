public import Measures
public import OpenADR

/// What the VTN knows of a certificate before it reads a message.
public struct PeerStanding: Hashable, Sendable {
    /// Nil for a certificate that nobody admitted.
    public var venID: VENID?
    public var settings: WireSettings
    /// What the VEN was told to poll at.
    public var pollFrequency: TimeSpan
    /// Whether it is registered, and asks for what waits for it.
    public var isPolling: Bool

    public init(
        venID: VENID? = nil, settings: WireSettings = WireSettings(), pollFrequency: TimeSpan = .seconds(10),
        isPolling: Bool = false
    ) {
        self.isPolling = isPolling
        self.venID = venID
        self.pollFrequency = pollFrequency
        self.settings = settings
    }
}
