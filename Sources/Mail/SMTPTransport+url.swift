import FoundationEssentials

extension SMTPTransport.Configuration {
    /// `smtp://user:password@host:587` for STARTTLS, `smtps://...:465` for TLS from the start, and
    /// `smtp://127.0.0.1:1025?protection=none` for a server on this machine. Nil for anything else.
    public init?(url: String, sender: String, authorities: String? = nil) {
        guard MailMessage.isAddress(sender), let parts = URL(string: url), let scheme = parts.scheme,
            let host = parts.host, !host.isEmpty
        else { return nil }
        let protection: Protection
        switch (scheme, parts.query) {
        case ("smtp", nil): protection = .startTLS
        case ("smtps", nil): protection = .tls
        case ("smtp", "protection=none"): protection = .none
        default: return nil
        }
        self.init(
            host: host, port: parts.port ?? (protection == .tls ? 465 : 587), protection: protection,
            user: parts.user(percentEncoded: false), password: parts.password(percentEncoded: false), sender: sender,
            authorities: authorities)
    }
}
