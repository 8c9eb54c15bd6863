import Glibc

/// A folder of PEM files: `<name>.crt` and `<name>.key`.
///
/// Every file appears whole or not at all, and a key is never, not even for a moment, readable by others.
public struct CredentialFolder: Sendable {
    public let path: String

    /// Takes a folder, making it (mode 0700) when it is missing; its parent must exist.
    public init(path: String) throws(CredentialError) {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw .lastError(at: path) }
    }

    public func certificatePath(_ name: String) -> String { "\(path)/\(name).crt" }
    public func privateKeyPath(_ name: String) -> String { "\(path)/\(name).key" }

    /// Writes the key, then the chain: a certificate that is there always has its key.
    public func write(_ issued: IssuedCertificate, name: String) throws(CredentialError) {
        try write(issued.privateKeyPEM, to: privateKeyPath(name), mode: 0o600)
        try write(issued.chainPEM, to: certificatePath(name), mode: 0o644)
    }

    /// Writes what somebody else issued, the key first; without one only the chain.
    public func write(chainPEM: String, privateKeyPEM: String?, name: String) throws(CredentialError) {
        if let privateKeyPEM { try write(privateKeyPEM, to: privateKeyPath(name), mode: 0o600) }
        try write(chainPEM, to: certificatePath(name), mode: 0o644)
    }

    /// Writes a chain whose key is elsewhere.
    public func write(_ signed: SignedCertificate, name: String) throws(CredentialError) {
        try write(signed.chainPEM, to: certificatePath(name), mode: 0o644)
    }

    public func write(_ authority: CertificateAuthority, name: String) throws(CredentialError) {
        try write(authority.privateKeyPEM, to: privateKeyPath(name), mode: 0o600)
        try write(authority.certificatePEM, to: certificatePath(name), mode: 0o644)
    }

    /// Reads an authority that ``write(_:name:)`` left here; nil when there is none.
    public func authority(name: String) throws -> CertificateAuthority? {
        guard access(certificatePath(name), F_OK) == 0 else { return nil }
        return try CertificateAuthority(
            certificatePEM: Self.text(at: certificatePath(name)), privateKeyPEM: Self.text(at: privateKeyPath(name)))
    }

    /// The PEM texts of a certificate and its key.
    public func texts(of name: String) throws(CredentialError) -> (certificatePEM: String, privateKeyPEM: String) {
        (try Self.text(at: certificatePath(name)), try Self.text(at: privateKeyPath(name)))
    }

    private func write(_ text: String, to destination: String, mode: mode_t) throws(CredentialError) {
        guard !destination.dropFirst(path.count + 1).contains("/") else {
            throw .file(path: destination, reason: "a name of a credential holds no slash")
        }
        let temporary = "\(destination).\(getpid()).new"
        unlink(temporary)  // What a killed process of the same number may have left.
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw .lastError(at: temporary) }
        do throws(CredentialError) {
            defer { close(file) }
            try Self.writeAll(Array(text.utf8), to: file, path: temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, destination) == 0 else {
            let failure = CredentialError.lastError(at: destination)
            unlink(temporary)
            throw failure
        }
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32, path: String) throws(CredentialError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .lastError(at: path) }
            written += count
        }
        guard fsync(file) == 0 else { throw .lastError(at: path) }
    }

    /// The whole of a small text file; more than a mebibyte is refused.
    public static func text(at path: String) throws(CredentialError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .lastError(at: path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .lastError(at: path) }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
            guard bytes.count <= 1_048_576 else { throw .file(path: path, reason: "too long for a PEM file") }
        }
    }
}

extension CredentialError {
    static func lastError(at path: String) -> CredentialError {
        .file(path: path, reason: String(cString: strerror(errno)))
    }
}
