internal import CCurl
public import Measures
import NIOPosix

/// Sends over SMTP with libcurl: STARTTLS or TLS from the start, AUTH, and time limits come with it.
public final class SMTPTransport: MailTransport {
    public struct Configuration: Hashable, Sendable {
        /// How the connection is protected.
        public enum Protection: Hashable, Sendable {
            /// STARTTLS, and nothing is sent when the server does not offer it.
            case startTLS
            /// TLS from the first byte (port 465).
            case tls
            /// None: for a server on the same machine.
            case none
        }

        public let host: String
        public let port: Int
        public let protection: Protection
        public let user: String?
        public let password: String?
        /// The address that stands under `From`.
        public let sender: String
        /// A file of certificates to trust; nil: those of the system.
        public let authorities: String?
        /// For the whole delivery, in seconds.
        public let timeout: Int

        public init(
            host: String, port: Int, protection: Protection, user: String? = nil, password: String? = nil,
            sender: String, authorities: String? = nil, timeout: Int = 30
        ) {
            self.host = host
            self.port = port
            self.protection = protection
            self.user = user
            self.password = password
            self.sender = sender
            self.authorities = authorities
            self.timeout = timeout
        }
    }

    private let configuration: Configuration
    private let time: any TimeSource
    /// libcurl blocks: one delivery at a time, on a thread of its own.
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private static let isReady = curtail_curl_start() == CURLE_OK

    public init(_ configuration: Configuration, time: any TimeSource) {
        self.configuration = configuration
        self.time = time
        pool.start()
    }

    public func close() async {
        try? await pool.shutdownGracefully()
    }

    public func send(_ message: MailMessage) async throws(MailError) {
        guard Self.isReady else { throw .temporary("libcurl did not start") }
        let source = MIMEBuilder.render(message, from: configuration.sender, at: time.now())
        let outcome: Result<Void, MailError>
        do {
            outcome = try await pool.runIfActive { [configuration] in
                Self.deliver(Array(source.utf8), to: message.recipient, configuration)
            }
        } catch {
            throw .temporary("the transport is closed")
        }
        try outcome.get()
    }

    // MARK: libcurl

    /// What libcurl has yet to read.
    private final class Reader {
        var rest: ArraySlice<UInt8>
        init(_ bytes: [UInt8]) { rest = bytes[...] }
    }

    private static func deliver(
        _ source: [UInt8], to recipient: String, _ configuration: Configuration
    ) -> Result<Void, MailError> {
        guard let handle = curl_easy_init() else { return .failure(.temporary("libcurl has no memory")) }
        defer { curl_easy_cleanup(handle) }
        let recipients = curl_slist_append(nil, "<\(recipient)>")
        defer { curl_slist_free_all(recipients) }
        let scheme = configuration.protection == .tls ? "smtps" : "smtp"
        let reader = Reader(source)
        var codes = [
            curtail_curl_text(handle, CURLOPT_URL, "\(scheme)://\(configuration.host):\(configuration.port)"),
            curtail_curl_text(handle, CURLOPT_MAIL_FROM, "<\(configuration.sender)>"),
            curtail_curl_list(handle, CURLOPT_MAIL_RCPT, recipients),
            curtail_curl_number(handle, CURLOPT_UPLOAD, 1), curtail_curl_number(handle, CURLOPT_NOSIGNAL, 1),
            curtail_curl_number(handle, CURLOPT_TIMEOUT, configuration.timeout),
            // Read only while curl_easy_perform runs, which `reader` outlives (withExtendedLifetime below).
            curtail_curl_reader(handle, readChunk, Unmanaged.passUnretained(reader).toOpaque()),
        ]
        if configuration.protection == .startTLS {
            codes.append(curtail_curl_number(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)))
        }
        if let authorities = configuration.authorities {
            codes.append(curtail_curl_text(handle, CURLOPT_CAINFO, authorities))
        }
        if let user = configuration.user, let password = configuration.password {
            codes.append(curtail_curl_text(handle, CURLOPT_USERNAME, user))
            codes.append(curtail_curl_text(handle, CURLOPT_PASSWORD, password))
        }
        if let bad = codes.first(where: { $0 != CURLE_OK }) { return .failure(failure(bad, status: 0)) }
        let code = withExtendedLifetime(reader) { curl_easy_perform(handle) }
        guard code != CURLE_OK else { return .success(()) }
        var status = 0
        _ = curtail_curl_status(handle, &status)
        return .failure(failure(code, status: status))
    }

    private static func failure(_ code: CURLcode, status: Int) -> MailError {
        let text = "\(String(cString: curl_easy_strerror(code)))\(status > 0 ? " (SMTP \(status))" : "")"
        return (500..<600).contains(status) && code != CURLE_LOGIN_DENIED ? .refused(text) : .temporary(text)
    }

    private static let readChunk:
        @convention(c) (
            UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?
        ) -> Int = { buffer, size, count, context in
            guard let buffer, let context else { return 0 }
            // The context is the reader that `deliver` keeps alive.
            let reader = Unmanaged<Reader>.fromOpaque(context).takeUnretainedValue()
            let chunk = reader.rest.prefix(size * count)
            reader.rest = reader.rest.dropFirst(chunk.count)
            for (offset, byte) in chunk.enumerated() { buffer[offset] = CChar(bitPattern: byte) }
            return chunk.count
        }
}
