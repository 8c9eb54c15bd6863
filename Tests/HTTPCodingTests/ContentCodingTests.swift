import HTTPCoding
import Testing

@Suite struct ContentCodingTests {
    private static let texts = ["", "x", String(repeating: "<ei:value>1.0</ei:value>", count: 3_000)]

    @Test(arguments: ContentCoding.allCases, texts)
    func `a body comes back as it was`(coding: ContentCoding, text: String) throws {
        let packed = try coding.encode(Array(text.utf8))
        #expect(try coding.decode(packed, limit: text.utf8.count) == Array(text.utf8))
        if text.utf8.count > 1_000 { #expect(packed.count * 20 < text.utf8.count) }
    }

    /// Windows grow with the body: at the edges, with bytes that repeat only after a while.
    @Test(arguments: ContentCoding.allCases, [255, 256, 257, 512, 513, 1_025, 16_385, 32_769, 70_000])
    func `a body of any length comes back as it was`(coding: ContentCoding, count: Int) throws {
        let body = (0..<count).map { UInt8(truncatingIfNeeded: ($0 % 509) &* ($0 % 509) / 7) }
        #expect(try coding.decode(try coding.encode(body), limit: count) == body)
    }

    /// `printf 'hello' | gzip -n9`, and the same through Python's zlib.
    @Test(arguments: [
        (
            ContentCoding.gzip,
            [
                0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00,
                0x86, 0xa6, 0x10, 0x36, 0x05, 0x00, 0x00, 0x00,
            ] as [UInt8]
        ),
        (.deflate, [0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x06, 0x2c, 0x02, 0x15]),
    ])
    func `what others packed is read, and nothing that is damaged`(coding: ContentCoding, packed: [UInt8]) throws {
        #expect(try coding.decode(packed, limit: 100) == Array("hello".utf8))
        for count in packed.indices {
            #expect(throws: ContentCodingFailure.malformed, "cut at \(count)") {
                try coding.decode(Array(packed[..<count]), limit: 100)
            }
        }
        #expect(throws: ContentCodingFailure.malformed) { try coding.decode(packed + [0], limit: 100) }
        #expect(throws: ContentCodingFailure.malformed) { try coding.decode(packed + packed, limit: 100) }
        var flipped = packed
        flipped[flipped.count - 5] ^= 1
        #expect(throws: ContentCodingFailure.malformed) { try coding.decode(flipped, limit: 100) }
        let other: ContentCoding = coding == .gzip ? .deflate : .gzip
        #expect(throws: ContentCodingFailure.malformed) { try other.decode(packed, limit: 100) }
    }

    @Test(arguments: ContentCoding.allCases)
    func `a bomb ends at the limit`(coding: ContentCoding) throws {
        let bomb = try coding.encode([UInt8](repeating: 0x20, count: 20_000_000))
        #expect(bomb.count < 30_000)
        #expect(throws: ContentCodingFailure.tooLarge(limit: 65_536)) { try coding.decode(bomb, limit: 65_536) }
        let edge = try coding.encode([UInt8](repeating: 0x20, count: 1_000))
        #expect(try coding.decode(edge, limit: 1_000).count == 1_000)
        #expect(throws: ContentCodingFailure.tooLarge(limit: 999)) { try coding.decode(edge, limit: 999) }
        #expect(throws: ContentCodingFailure.tooLarge(limit: 0)) { try coding.decode(edge, limit: 0) }
    }

    @Test(
        arguments: [
            (nil, nil), ("", nil), ("identity", nil), ("br", nil), ("gzip", .gzip), ("GZIP", .gzip), ("x-gzip", .gzip),
            ("deflate", .deflate), ("gzip, deflate", .gzip), ("deflate, gzip", .gzip), ("gzip;q=0", nil),
            ("gzip;q=0.2, deflate;q=0.9", .deflate), ("gzip ; q=0.5,deflate;q=0.5", .gzip), ("*", .gzip),
            ("*;q=0", nil), ("gzip;q=0, *;q=0.5", .deflate), ("gzip;q=x", nil), (",,;;,", nil),
        ] as [(String?, ContentCoding?)])
    func `the sender of the request chooses`(header: String?, coding: ContentCoding?) {
        #expect(ContentCoding.preferred(by: header) == coding)
    }
}
