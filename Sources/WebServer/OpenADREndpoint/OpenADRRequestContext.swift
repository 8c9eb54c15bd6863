public import Hummingbird
public import NIOCore

/// What a request to the OpenADR endpoint knows beside itself: the connection it came over, and so the certificate.
public struct OpenADRRequestContext: InitializableFromSource, Sendable {
    public typealias Source = ApplicationRequestContextSource

    public let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}
