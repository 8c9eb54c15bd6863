import OpenADR

/// Where a body begins and ends, and what hides behind it.
extension HTTPAttack {
    private static let count = poll.utf8.count
    private static let hex = String(poll.utf8.count, radix: 16)
    private static let whole = "\(hex)\r\n\(poll)\r\n0\r\n\r\n"

    static let lengths: [HTTPAttack] = [
        HTTPAttack("two equal lengths", with(length), [400]),
        HTTPAttack("two lengths", with("Content-Length: 1"), [400]),
        HTTPAttack("a list of lengths", framed("Content-Length: \(count), \(count)", body: poll), [400]),
        HTTPAttack("a negative length", framed("Content-Length: -1", body: poll), [400]),
        HTTPAttack("a length with a plus", framed("Content-Length: +\(count)", body: poll), [400]),
        HTTPAttack("a length in hexadecimal", framed("Content-Length: 0x\(hex)", body: poll), [400]),
        HTTPAttack("a length with an exponent", framed("Content-Length: 1e2", body: poll), [400]),
        HTTPAttack("a length with a point", framed("Content-Length: \(count).0", body: poll), [400]),
        HTTPAttack("a length with a blank", framed("Content-Length: 1 2", body: poll), [400]),
        HTTPAttack("an empty length", framed("Content-Length:", body: poll), [400]),
        HTTPAttack("a length of words", framed("Content-Length: many", body: poll), [400]),
        HTTPAttack("a length of 2^64", framed("Content-Length: 18446744073709551616", body: poll), [400]),
        HTTPAttack("a length of 40 digits", framed("Content-Length: " + many("9", 40), body: poll), [400]),
        HTTPAttack(
            "a length of 2^63", framed("Content-Length: 9223372036854775808", body: poll), [413], .closed, "size"),
        HTTPAttack(
            "a length of 2^62", framed("Content-Length: 4611686018427387904", body: poll), [413], .closed, "size"),
        HTTPAttack("a length above the limit", framed("Content-Length: 65537", body: poll), [413], .closed, "size"),
        HTTPAttack(
            "a report above the limit",
            request("POST \(ServiceName.eiReport.path) HTTP/1.1", fields: [type, "Content-Length: 1048577"]), [413],
            .closed,
            "size"),
        HTTPAttack(
            "an event answer above the limit",
            request("POST \(ServiceName.eiEvent.path) HTTP/1.1", fields: [type, "Content-Length: 262145"]), [413],
            .closed,
            "size"),
        taken("a length with zeros before", framed("Content-Length: 000\(count)", body: poll)),
        HTTPAttack("no length", framed(body: ""), [406], .open, "malformed"),
        HTTPAttack("a length of nothing", framed("Content-Length: 0", body: ""), [406], .open, "malformed"),
        HTTPAttack(
            "a length that cuts the message off", framed("Content-Length: 50", body: String(poll.prefix(50))), [406],
            .open,
            "malformed"),
        HTTPAttack("a body that never comes", framed(length, body: ""), [400], endsInput: true),
        HTTPAttack("half a body", framed(length, body: String(poll.prefix(60))), [400], endsInput: true),
        HTTPAttack("half a head", raw("\(line)\r\nHost: v"), [400], endsInput: true),
    ]

    static let codings: [HTTPAttack] = [
        HTTPAttack("length and chunks", framed(length, "Transfer-Encoding: chunked", body: whole), [400]),
        HTTPAttack("chunks and length", framed("Transfer-Encoding: chunked", length, body: whole), [400]),
        HTTPAttack(
            "chunks twice", framed("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body: whole), [400]),
        HTTPAttack(
            "chunks that are none", framed("Transfer-Encoding: xchunked", body: whole), [501],
            .closed, "transfer-encoding"),
        HTTPAttack("chunks before identity", framed("Transfer-Encoding: chunked, identity", body: whole), [400]),
        HTTPAttack(
            "identity", framed("Transfer-Encoding: identity", body: whole), [501], .closed,
            "transfer-encoding"),
        HTTPAttack(
            "gzip in chunks", framed("Transfer-Encoding: gzip, chunked", body: whole), [501], .closed,
            "transfer-encoding"),
        HTTPAttack("chunks with a vertical tab", framed("Transfer-Encoding: \u{B}chunked", body: whole), [400]),
        HTTPAttack(
            "chunks with a quotation mark", framed("Transfer-Encoding: \"chunked\"", body: whole), [501],
            .closed, "transfer-encoding"),
        HTTPAttack("chunks behind a blank", framed("Transfer-Encoding : chunked", body: whole), [400]),
        HTTPAttack("chunks on a folded line", framed("Transfer-Encoding:\r\n chunked", body: whole), [400]),
        HTTPAttack("chunks behind LF alone", framed("X-A: a\nTransfer-Encoding: chunked", body: whole), [400]),
        taken("chunks in capitals", framed("TRANSFER-ENCODING: CHUNKED", body: whole)),
        taken("chunks of one byte", chunked(poll.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n")),
        taken("a chunk with zeros before its size", chunked("00000\(hex)\r\n\(poll)\r\n0\r\n\r\n")),
        taken("a chunk with an extension", chunked("\(hex);a=b;c=\"d\"\r\n\(poll)\r\n0\r\n\r\n")),
        taken("a trailer", chunked("\(hex)\r\n\(poll)\r\n0\r\nX-A: a\r\n\r\n")),
        taken("a trailer that would be a length", chunked("\(hex)\r\n\(poll)\r\n0\r\nX-Length: 3\r\n\r\n")),
        HTTPAttack("no chunk's size", chunked("\r\n\(poll)\r\n0\r\n\r\n"), [400]),
        HTTPAttack("a chunk's size in words", chunked("size\r\n\(poll)\r\n0\r\n\r\n"), [400]),
        HTTPAttack("a negative chunk", chunked("-1\r\n\(poll)\r\n0\r\n\r\n"), [400]),
        HTTPAttack("a chunk's size with 0x", chunked("0x\(hex)\r\n\(poll)\r\n0\r\n\r\n"), [400]),
        HTTPAttack("a chunk of 2^64", chunked("10000000000000000\r\n\(poll)"), [400]),
        HTTPAttack("a chunk's size of 40 digits", chunked(many("f", 40) + "\r\n\(poll)"), [400]),
        HTTPAttack("a chunk longer than it says", chunked("5\r\n\(poll)\r\n0\r\n\r\n"), [400]),
        HTTPAttack("a chunk with a blank before its size", chunked(" \(hex)\r\n\(poll)\r\n0\r\n\r\n"), [400]),
        HTTPAttack("chunks that end with LF alone", chunked("\(hex)\n\(poll)\n0\n\n"), [400]),
        HTTPAttack("chunks without an end", chunked("\(hex)\r\n\(poll)\r\n"), [400], endsInput: true),
        HTTPAttack(
            "chunks above the limit", chunked(many("1000\r\n" + many(" ", 4_096) + "\r\n", 17)), [413], .closed, "size"),
        HTTPAttack(
            "101 trailers",
            chunked("\(hex)\r\n\(poll)\r\n0\r\n" + (0..<101).map { "X-\($0): a\r\n" }.joined() + "\r\n"), [400]),
    ]

    private static func cancellation() -> String {
        let body =
            #"<oadrCancelPartyRegistration xmlns="http://openadr.org/oadr-2.0b/2012/07"><requestID xmlns="http://docs.oasis-open.org/ns/energyinterop/201110/payloads">s</requestID></oadrCancelPartyRegistration>"#
        return
            "POST \(ServiceName.eiRegisterParty.path) HTTP/1.1\r\nHost: vtn\r\n\(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static let smuggling: [HTTPAttack] = [
        HTTPAttack(
            "length of all, chunks of nothing, a request behind",
            framed(
                "Content-Length: \(5 + cancellation().utf8.count)", "Transfer-Encoding: chunked",
                body: "0\r\n\r\n" + cancellation()), [400]),
        HTTPAttack(
            "chunks of all, length of a little, a request inside",
            framed(
                "Content-Length: 4", "Transfer-Encoding: chunked",
                body: "\(String(cancellation().utf8.count, radix: 16))\r\n\(cancellation())\r\n0\r\n\r\n"), [400]),
        HTTPAttack(
            "two codings, one of them hidden",
            framed(
                "Content-Length: 4", "Transfer-Encoding: chunked", "Transfer-encoding: cow",
                body: "0\r\n\r\n" + cancellation()), [400]),
        HTTPAttack(
            "a request behind a GET",
            request(
                "GET / HTTP/1.1", fields: [type, "Content-Length: \(cancellation().utf8.count)"], body: cancellation()),
            [501], .open, "method"),
        HTTPAttack(
            "a request behind a refusal",
            request(
                "POST / HTTP/1.1", fields: [type, "Content-Length: \(cancellation().utf8.count)"], body: cancellation()),
            [404], .open, "path"),
        HTTPAttack(
            "a request behind one that is too long", framed("Content-Length: 99999", body: cancellation()), [413],
            .closed, "size"),
        HTTPAttack("a request behind what is no HTTP", raw("what?\r\n\r\n" + cancellation()), [400]),
        taken("two polls at once", request() + request(), times: 2),
        taken("twenty polls at once", (0..<20).flatMap { _ in request() }, times: 20),
        HTTPAttack("a poll, and what is no HTTP", request() + raw("what?\r\n\r\n"), [200, 400]),
        HTTPAttack(
            "a poll, and a head too long", request() + with("X-A: " + many("a", 9 << 10)), [200, 431], .closed, "header"
        ),
        HTTPAttack("a poll, and two lengths", request() + with("Content-Length: 1"), [200, 400]),
        HTTPAttack("a poll, and a wrong method", request() + request("PUT / HTTP/1.1"), [200, 501], .open, "method"),
        HTTPAttack("a poll that is the last one, in capitals", with("Connection: CLOSE"), [200], .closed, nil),
        HTTPAttack(
            "a poll that is the last one, and noise", with("Connection: close") + raw("what?\r\n"), [200], .closed, nil),
        HTTPAttack(
            "a poll that is the last one, and another", with("Connection: close") + request(), [200], .closed, nil),
    ]

    static let noise: [HTTPAttack] = [
        taken("empty lines before", raw("\r\n\r\n") + request()),
        HTTPAttack("nothing but NUL", [UInt8](repeating: 0, count: 1_000), [400]),
        HTTPAttack(
            "a handshake inside", [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3] + [UInt8](repeating: 7, count: 501), [400]),
        HTTPAttack("SSH", raw("SSH-2.0-OpenSSH_9.2\r\n"), [400]), HTTPAttack("SMTP", raw("EHLO vtn\r\n"), [400]),
        HTTPAttack("Redis", raw("*1\r\n$4\r\nPING\r\n"), [400]),
        HTTPAttack("an answer", raw("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), [400]),
        HTTPAttack("XML alone", raw(poll), [400]), HTTPAttack("wide characters", raw("⚡️⚡️⚡️\r\n\r\n"), [400]),
    ]

    static let all = methods + paths + versions + fields + types + lengths + codings + smuggling + noise
}
