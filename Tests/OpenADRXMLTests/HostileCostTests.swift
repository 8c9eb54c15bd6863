import Glibc
import Measures
import OpenADR
import OpenADRXML
import Testing

/// What a hostile message of a mebibyte costs beside an honest one: work in one run, never seconds.
@Suite(.serialized) struct HostileCostTests {
    private static let size = 1 << 20

    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]

        /// `unit` again and again between the two ends, up to a mebibyte.
        init(_ name: String, _ head: String, _ unit: String, _ tail: String = "") {
            testDescription = name
            let count = max(0, HostileCostTests.size - head.utf8.count - tail.utf8.count) / unit.utf8.count
            bytes = Array((head + String(repeating: unit, count: count) + tail).utf8)
        }
    }

    private static let open =
        #"<oadrPoll xmlns="http://openadr.org/oadr-2.0b/2012/07" xmlns:ei="http://docs.oasis-open.org/ns/energyinterop/201110">"#
    private static let close = "</oadrPoll>"

    private static let attacks: [Hostile] = [
        Hostile(
            "tags of 4 KiB with 16 attributes", open,
            "<x " + (0..<16).map { "a\($0)=\"\(String(repeating: "v", count: 240))\" " }.joined() + "/>", close),
        Hostile(
            "32 namespaces per tag", open, "<x " + (0..<32).map { "xmlns:n\($0)=\"urn:\($0)\" " }.joined() + "/>", close
        ),
        Hostile(
            "namespaces that nest", open,
            String(repeating: "<x xmlns:a='urn:a' xmlns:b='urn:b'>", count: 38) + String(repeating: "</x>", count: 38),
            close),
        Hostile(
            "as deep as may be", open, String(repeating: "<x>", count: 38) + String(repeating: "</x>", count: 38), close
        ),
        Hostile("as many elements as may be", open, "<xxxxxxxxxxxxx/>", close),
        Hostile("texts of 64 KiB", open, "<ei:venID>" + String(repeating: "v", count: 65_000) + "</ei:venID>", close),
        Hostile("one blank text after another", open, "<x> </x>          ", close),
        Hostile(
            "references to characters", open, "<ei:venID>" + String(repeating: "&#x76;", count: 10_000) + "</ei:venID>",
            close),
        Hostile("references in attributes", open, "<x a=\"" + String(repeating: "&amp;", count: 700) + "\"/>", close),
        Hostile("comments of 4 KiB", open, "<!--" + String(repeating: "c", count: 4_000) + "-->", close),
        Hostile("small comments", open, "<!---->", close),
        Hostile("small CDATA", open, "<![CDATA[]]>", close),
        Hostile("brackets in CDATA", open, "<![CDATA[" + String(repeating: "]", count: 60_000) + "]]>", close),
        Hostile("a tag that does not end", open, "<x a='"),
        Hostile("blanks", open, "                "),
        Hostile("end tags", open, "</x>"),
        Hostile(
            "wide characters", open, "<ei:venID>" + String(repeating: "\u{1F50C}", count: 16_000) + "</ei:venID>", close
        ),
    ]

    /// A report of about a mebibyte, as a VEN may send it.
    private static func honest(_ codec: OpenADRCodec) -> (bytes: [UInt8], payload: UpdateReport) {
        var report = Samples.data
        guard let model = report.intervals.first else {
            return ([], UpdateReport(requestID: "", reports: [], venID: ""))
        }
        var message = UpdateReport(requestID: "u-1", reports: [report], venID: "VEN_1")
        report.intervals = [model]
        message.reports = [report]
        let one = codec.encode(.updateReport(message)).count
        report.intervals = [model, model]
        message.reports = [report]
        let each = codec.encode(.updateReport(message)).count - one
        report.intervals = Array(repeating: model, count: 1 + (size - one) / each)
        message.reports = [report]
        return (codec.encode(.updateReport(message)), message)
    }

    /// Nanoseconds of this thread's CPU for one attempt to read the bytes; the better of two.
    private static func cost(_ codec: OpenADRCodec, _ bytes: [UInt8]) -> (nanoseconds: Int64, isTaken: Bool) {
        var best = Int64.max
        var isTaken = false
        for _ in 0..<2 {
            let start = threadTime()
            isTaken = (try? codec.decode(bytes)) != nil
            best = min(best, threadTime() - start)
        }
        return (best, isTaken)
    }

    private static func threadTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    @Test func `a hostile mebibyte costs at most three times an honest one`() throws {
        let codec = try makeCodec()
        let (bytes, _) = Self.honest(codec)
        #expect((Self.size * 9 / 10...Self.size).contains(bytes.count), "\(bytes.count)")
        let honest = Self.cost(codec, bytes)
        #expect(honest.isTaken)
        var worst = ("", 0.0)
        for attack in Self.attacks {
            #expect(attack.bytes.count <= Self.size && attack.bytes.count > Self.size / 2, "\(attack)")
            let hostile = Self.cost(codec, attack.bytes)
            let ratio = Double(hostile.nanoseconds) / Double(honest.nanoseconds)
            #expect(!hostile.isTaken, "\(attack)")
            #expect(ratio <= 3, "\(attack.testDescription): \(ratio) times")
            if ratio > worst.1 { worst = (attack.testDescription, ratio) }
        }
        // A report that turns out wrong at its very end has cost all that there is to pay.
        let spoiled = Array(bytes.dropLast(400)) + Array(repeating: UInt8(ascii: "x"), count: 400)
        #expect(Double(Self.cost(codec, spoiled).nanoseconds) <= 3 * Double(honest.nanoseconds))
        print("worst hostile mebibyte: \(worst.0), \(worst.1) times the honest one")
    }
}
