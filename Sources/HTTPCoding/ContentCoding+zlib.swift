internal import CZlib

extension ContentCoding {
    /// What zlib adds to the logarithm of a window's size for the coding's frame.
    private var frame: Int32 {
        switch self {
        case .gzip: 16
        case .deflate: 0
        }
    }

    /// A window of 32 KiB.
    private static let wholeWindow: Int32 = 15

    /// The window that a body needs: for the few hundred bytes of most answers zlib takes 8 KiB then instead of 256.
    private static func window(for count: Int) -> Int32 {
        let bits = Int32(Int.bitWidth - max(count - 1, 1).leadingZeroBitCount)
        return min(max(bits, 9), wholeWindow)
    }

    /// The body in this coding.
    public func encode(_ bytes: [UInt8]) throws(ContentCodingFailure) -> [UInt8] {
        var stream = z_stream()
        let window = Self.window(for: bytes.count)
        guard bytes.count < 1 << 30, curtail_deflate_init(&stream, window + frame, max(window - 7, 1)) == Z_OK else {
            throw .unavailable
        }
        defer { deflateEnd(&stream) }
        // Room for all of it: one call is enough.
        let room = Int(deflateBound(&stream, UInt(bytes.count))) + 32
        let (body, status) = Self.run(&stream, bytes, room: room) { CZlib.deflate($0, Z_FINISH) }
        guard status == Z_STREAM_END else { throw .unavailable }
        return body
    }

    /// The body as it was. Work and memory end at `limit` bytes of it, whatever `bytes` promise.
    public func decode(_ bytes: [UInt8], limit: Int) throws(ContentCodingFailure) -> [UInt8] {
        precondition(limit < 1 << 30, "a limit is meant to limit")
        var stream = z_stream()
        guard bytes.count < 1 << 30 else { throw .tooLarge(limit: limit) }
        guard curtail_inflate_init(&stream, Self.wholeWindow + frame) == Z_OK else { throw .unavailable }
        defer { inflateEnd(&stream) }
        // One byte more than is taken tells a body of the limit from a longer one.
        let (body, status) = Self.run(&stream, bytes, room: limit + 1) { CZlib.inflate($0, Z_FINISH) }
        guard body.count <= limit else { throw .tooLarge(limit: limit) }
        guard status != Z_MEM_ERROR else { throw .unavailable }
        guard status == Z_STREAM_END, stream.avail_in == 0 else { throw .malformed }
        return body
    }

    /// One call of the library over the whole input, and what it said.
    private static func run(
        _ stream: inout z_stream, _ input: [UInt8], room: Int, _ step: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> (output: [UInt8], status: Int32) {
        var status = Z_OK
        let output = input.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: room) { target, count in
                // zlib only reads its input, though its type does not say so.
                stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(room)
                status = step(&stream)
                count = room - Int(stream.avail_out)
            }
        }
        return (output, status)
    }
}
