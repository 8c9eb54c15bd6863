import COpenSSL
import NIOCore

/// The two ends of a connection as OpenSSL sees them: it reads ciphertext from `inbound` and appends to `outbound`.
///
/// OpenSSL's own memory BIOs would copy every byte once more and keep their buffers for as long as a connection lives.
final class CiphertextBuffers {
    var inbound = ByteBuffer()
    var outbound = ByteBuffer()
}

/// A BIO over ``CiphertextBuffers``. Its calls never block and never fail: nothing to read is "try again".
enum ByteBufferBIO {
    /// A new BIO; it does not keep `buffers` alive. Nil when memory is out.
    static func make(over buffers: CiphertextBuffers) -> OpaquePointer? {
        guard let method = method.pointer, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(buffers).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    /// Sendable: filled once, then only read, as OpenSSL does with its own method tables.
    private struct Method: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private static let method: Method = {
        let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ByteBuffer")
        BIO_meth_set_read(method, readInbound)
        BIO_meth_set_write(method, appendOutbound)
        // The only control call that must succeed is the flush at the end of a flight.
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return Method(pointer: method)
    }()

    private static func buffers(of bio: OpaquePointer) -> CiphertextBuffers? {
        BIO_get_data(bio).map { Unmanaged<CiphertextBuffers>.fromOpaque($0).takeUnretainedValue() }
    }

    private typealias ReadCall = @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32
    private typealias WriteCall = @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32

    private static let readInbound: ReadCall = { bio, bytes, length in
        guard let bio, let bytes, length > 0, let buffers = buffers(of: bio) else { return -1 }
        BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        let count = min(Int(length), buffers.inbound.readableBytes)
        guard count > 0 else {
            BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return -1
        }
        buffers.inbound.readWithUnsafeReadableBytes { source in
            UnsafeMutableRawBufferPointer(start: bytes, count: count)
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
            return count
        }
        return Int32(count)
    }

    private static let appendOutbound: WriteCall = { bio, bytes, length in
        guard let bio, let bytes, length > 0, let buffers = buffers(of: bio) else { return 0 }
        BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        buffers.outbound.writeBytes(UnsafeRawBufferPointer(start: bytes, count: Int(length)))
        return length
    }
}
