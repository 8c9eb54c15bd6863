import COpenSSL

/// OpenSSL's queue of errors, one per thread.
enum OpenSSLErrors {
    /// Must run before every call whose result `SSL_get_error` interprets.
    static func clear() { ERR_clear_error() }

    /// Takes the oldest error, the cause of the others; empties the queue.
    static func take() -> (code: UInt, text: String)? {
        let code = ERR_get_error()
        guard code != 0 else { return nil }
        ERR_clear_error()
        return (code, ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)")
    }

    /// The oldest error in words; empties the queue.
    static func takeText() -> String { take()?.text ?? "no reason given" }
}

extension TLSFailure {
    /// The failure behind an SSL_ERROR_SSL of this connection.
    static func last(on ssl: OpaquePointer) -> TLSFailure {
        guard let (code, text) = OpenSSLErrors.take() else { return TLSFailure(.protocolViolation, "no reason given") }
        let reason = ERR_GET_REASON(code)
        if reason > SSL_AD_REASON_OFFSET, reason < SSL_AD_REASON_OFFSET + 256 {
            return TLSFailure(.alertReceived, text)
        }
        switch reason {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            return refusal(of: SSL_get_verify_result(ssl))
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            return TLSFailure(.noPeerCertificate, text)
        case SSL_R_NO_SHARED_CIPHER, SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_WRONG_CIPHER_RETURNED,
            SSL_R_WRONG_SSL_VERSION:
            return TLSFailure(.nothingInCommon, text)
        default:
            return TLSFailure(.protocolViolation, text)
        }
    }

    private static func refusal(of result: Int) -> TLSFailure {
        let text = String(cString: X509_verify_cert_error_string(result))
        switch Int32(result) {
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID:
            return TLSFailure(.peerCertificateExpired, text)
        default:
            return TLSFailure(.peerCertificateRefused, text)
        }
    }
}
