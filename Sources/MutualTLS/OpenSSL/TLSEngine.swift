import COpenSSL
import NIOCore

/// One side of one TLS connection: an `SSL` between two buffers. Knows nothing of channels.
///
/// Ciphertext goes in through ``receive(_:)`` and comes out of ``takeOutput()``; every call does all that it can with
/// what is there.
final class TLSEngine {
    enum Handshake {
        case wantsInput
        case completed
        case failed(TLSFailure)
    }

    enum Read {
        /// All that had come is decrypted.
        case drained
        /// The peer has said that it sends no more (close_notify).
        case ended
        case failed(TLSFailure)
    }

    private let ssl: OpaquePointer
    private let buffers = CiphertextBuffers()
    /// Called with every session that the server hands out; a client only.
    private let sessions: TLSSessionSlot?

    /// - Parameter sessions: Where a client keeps its session, and takes up the one that is there.
    init(context: ContextReference, role: ContextReference.Role, sessions: TLSSessionSlot? = nil)
        throws(TLSConfigurationError)
    {
        OpenSSLErrors.clear()
        guard let ssl = SSL_new(context.pointer) else { throw .settingRefused(OpenSSLErrors.takeText()) }
        guard let bio = ByteBufferBIO.make(over: buffers) else {
            SSL_free(ssl)
            throw .settingRefused("out of memory")
        }
        SSL_set_bio(ssl, bio, bio)
        self.ssl = ssl
        self.sessions = sessions
        switch role {
        case .server:
            SSL_set_accept_state(ssl)
        case .client:
            SSL_set_connect_state(ssl)
            SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
            sessions?.offer(on: ssl)
        }
    }

    deinit {
        // OpenSSL forgets the session of a connection without close_notify, as SSL 3 wanted it; TLS does not.
        if SSL_is_init_finished(ssl) == 1 { SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN) }
        SSL_free(ssl)
    }

    /// Makes the certificate's names part of the verification.
    func expect(serverName name: String) throws(TLSConfigurationError) {
        guard !name.isEmpty, !name.utf8.contains(0) else { throw .badServerName(name) }
        let parameters = SSL_get0_param(ssl)
        if X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1 { return }
        OpenSSLErrors.clear()
        X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard X509_VERIFY_PARAM_set1_host(parameters, name, name.utf8.count) == 1 else { throw .badServerName(name) }
        let accepted = name.withCString { text in
            let pointer = UnsafeMutableRawPointer(mutating: text)
            return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), pointer)
        }
        guard accepted == 1 else { throw .badServerName(name) }
    }

    /// Whether there are bytes that have not been looked at.
    var hasInput: Bool { buffers.inbound.readableBytes > 0 || SSL_has_pending(ssl) == 1 }

    /// About how much plaintext comes out of what is there.
    var expectedPlaintext: Int { max(buffers.inbound.readableBytes, 1_024) }

    func receive(_ ciphertext: ByteBuffer) {
        if buffers.inbound.readableBytes == 0 {
            buffers.inbound = ciphertext
        } else {
            var rest = ciphertext
            buffers.inbound.writeBuffer(&rest)
        }
    }

    /// What has to go to the peer now: a whole flight, or the records of all that was written. Nil when there is none.
    func takeOutput() -> ByteBuffer? {
        guard buffers.outbound.readableBytes > 0 else { return nil }
        defer { buffers.outbound = ByteBuffer() }
        return buffers.outbound
    }

    /// Lets go of the memory of input that has been read: an idle connection keeps none.
    func releaseInput() {
        if buffers.inbound.readableBytes == 0 { buffers.inbound = ByteBuffer() }
    }

    func handshake() -> Handshake {
        OpenSSLErrors.clear()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return .completed }
        return switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: .wantsInput
        case SSL_ERROR_ZERO_RETURN: .failed(TLSFailure(.closedInHandshake, "close_notify"))
        default: .failed(.last(on: ssl))
        }
    }

    /// Appends to `plaintext` all that can be decrypted.
    func read(into plaintext: inout ByteBuffer) -> Read {
        while true {
            OpenSSLErrors.clear()
            var result: Int32 = 0
            // A record holds 16 KiB at most; ask for room for what is there, not for the longest record.
            let room = min(max(buffers.inbound.readableBytes, 1_024), 16_384)
            plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                result = SSL_read(ssl, target.baseAddress, Int32(clamping: target.count))
                return max(Int(result), 0)
            }
            guard result <= 0 else { continue }
            return switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ: .drained
            case SSL_ERROR_ZERO_RETURN: .ended
            default: .failed(.last(on: ssl))
            }
        }
    }

    /// Encrypts all of it.
    func write(_ plaintext: ByteBuffer) -> TLSFailure? {
        plaintext.withUnsafeReadableBytes { source in
            var rest = source[...]
            // The output grows once instead of record by record.
            buffers.outbound.reserveCapacity(minimumWritableBytes: source.count + (source.count / 16_384 + 1) * 96)
            while !rest.isEmpty {
                OpenSSLErrors.clear()
                let chunk = UnsafeRawBufferPointer(rebasing: rest)
                let result = SSL_write(ssl, chunk.baseAddress, Int32(clamping: chunk.count))
                guard result > 0 else { return TLSFailure.last(on: ssl) }
                rest = rest.dropFirst(Int(result))
            }
            return nil
        }
    }

    /// Puts a close_notify into the output, once.
    func closeOutput() {
        OpenSSLErrors.clear()
        if SSL_is_init_finished(ssl) == 1, SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN == 0 { SSL_shutdown(ssl) }
    }

    /// What both sides agreed on; valid once the handshake has completed.
    func outcome() -> TLSHandshakeCompleted {
        TLSHandshakeCompleted(
            peer: SSL_get0_peer_certificate(ssl).flatMap(PeerCertificate.init),
            cipher: String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))),
            version: String(cString: SSL_get_version(ssl)),
            resumed: SSL_session_reused(ssl) == 1)
    }

    /// OpenSSL's callback for a new session: gives it to the client's slot, which then owns it.
    static let storeSession: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = { ssl, session in
        guard let ssl, let session, let pointer = SSL_get_ex_data(ssl, 0) else { return 0 }
        let engine = Unmanaged<TLSEngine>.fromOpaque(pointer).takeUnretainedValue()
        guard let slot = engine.sessions else { return 0 }
        slot.keep(SessionReference(adopting: session))
        return 1
    }
}
