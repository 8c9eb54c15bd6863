import COpenSSL
import Synchronization

/// Keeps a client's latest session with one server, so that the next connection need not shake hands in full.
///
/// One slot belongs to one server and one way of verifying it: a resumed session is not verified again.
public final class TLSSessionSlot: Sendable {
    private let session = Mutex<SessionReference?>(nil)

    public init() {}

    func keep(_ new: SessionReference) {
        session.withLock { $0 = new }
    }

    /// Has the next handshake on `ssl` offer the session, if there is one.
    func offer(on ssl: OpaquePointer) {
        let session = session.withLock { $0 }
        if let session { SSL_set_session(ssl, session.pointer) }
    }

    /// Has the next handshake be a full one.
    public func forget() {
        session.withLock { $0 = nil }
    }
}

/// An `SSL_SESSION`.
///
/// Sendable: OpenSSL counts references atomically, and locks what it changes in a session.
final class SessionReference: @unchecked Sendable {
    let pointer: OpaquePointer

    init(adopting pointer: OpaquePointer) { self.pointer = pointer }
    deinit { SSL_SESSION_free(pointer) }
}
