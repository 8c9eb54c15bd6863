import COpenSSL
import Glibc

/// Reads PEM texts. Every object that is returned belongs to the caller.
enum PEM {
    /// All certificates of the text, in order; at least one.
    static func certificates(_ bytes: [UInt8]) throws(TLSConfigurationError) -> [CertificateReference] {
        let bio = try source(bytes)
        defer { BIO_free(bio) }
        var found: [CertificateReference] = []
        OpenSSLErrors.clear()
        while let certificate = PEM_read_bio_X509(bio, nil, refuseToAsk, nil) {
            found.append(CertificateReference(adopting: certificate))
        }
        let end = OpenSSLErrors.take()
        guard let end, ERR_GET_REASON(end.code) == PEM_R_NO_START_LINE, !found.isEmpty else {
            throw .noCertificate(end?.text ?? "no reason given")
        }
        return found
    }

    /// The first private key of the text.
    static func privateKey(_ bytes: [UInt8]) throws(TLSConfigurationError) -> KeyReference {
        let bio = try source(bytes)
        defer { BIO_free(bio) }
        OpenSSLErrors.clear()
        guard let key = PEM_read_bio_PrivateKey(bio, nil, refuseToAsk, nil) else {
            throw .noPrivateKey(OpenSSLErrors.takeText())
        }
        return KeyReference(adopting: key)
    }

    /// A file as bytes; more than a mebibyte is refused.
    static func file(_ path: String) throws(TLSConfigurationError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .file(path: path, reason: String(cString: strerror(errno))) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .file(path: path, reason: String(cString: strerror(errno))) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= 1_048_576 else { throw .file(path: path, reason: "too long for a PEM file") }
        }
    }

    private typealias PassphraseCall =
        @convention(c) (
            UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
        ) -> Int32

    /// Without a callback OpenSSL asks for the passphrase of an encrypted key on the terminal.
    private static let refuseToAsk: PassphraseCall = { _, _, _, _ in -1 }

    /// A BIO with its own copy of the bytes.
    private static func source(_ bytes: [UInt8]) throws(TLSConfigurationError) -> OpaquePointer {
        guard let bio = BIO_new(BIO_s_mem()) else { throw .settingRefused("out of memory") }
        guard bytes.isEmpty || BIO_write(bio, bytes, Int32(clamping: bytes.count)) == bytes.count else {
            BIO_free(bio)
            throw .settingRefused("out of memory")
        }
        return bio
    }
}

/// An `X509`.
///
/// Sendable: OpenSSL counts references atomically, and nothing changes the object after it has been read.
final class CertificateReference: @unchecked Sendable {
    let pointer: OpaquePointer

    init(adopting pointer: OpaquePointer) { self.pointer = pointer }
    deinit { X509_free(pointer) }
}

/// An `EVP_PKEY`.
///
/// Sendable: OpenSSL counts references atomically, and nothing changes the object after it has been read.
final class KeyReference: @unchecked Sendable {
    let pointer: OpaquePointer

    init(adopting pointer: OpaquePointer) { self.pointer = pointer }
    deinit { EVP_PKEY_free(pointer) }
}
