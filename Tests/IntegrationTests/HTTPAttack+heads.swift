import OpenADR

/// Methods, paths, versions, fields.
extension HTTPAttack {
    static let methods: [HTTPAttack] =
        ["GET", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "REPORT", "MKCOL", "NOTIFY"].map {
            HTTPAttack("method \($0)", request("\($0) \(ServiceName.oadrPoll.path) HTTP/1.1"), [501], .open, "method")
        } + [
            HTTPAttack(
                "method GET without a body",
                request("GET \(ServiceName.oadrPoll.path) HTTP/1.1", fields: [], body: ""), [501], .open, "method"),
            HTTPAttack(
                "method HEAD", request("HEAD \(ServiceName.oadrPoll.path) HTTP/1.1", fields: [], body: ""), [501],
                .open, "method"),
            HTTPAttack(
                "method CONNECT", request("CONNECT vtn:443 HTTP/1.1", fields: [], body: ""), [501], .closed, "method"),
            HTTPAttack("method nobody knows", request("FETCH \(ServiceName.oadrPoll.path) HTTP/1.1"), [400]),
            HTTPAttack("method in small letters", request("post \(ServiceName.oadrPoll.path) HTTP/1.1"), [400]),
            HTTPAttack("method of 10,000 letters", raw(many("A", 10_000)), [400]),
            HTTPAttack(
                "method with a control character", request("PO\u{1}ST \(ServiceName.oadrPoll.path) HTTP/1.1"), [400]),
            HTTPAttack("HTTP/2's preface", raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), [400]),
        ]

    private static func missing(_ name: String, _ path: String) -> HTTPAttack {
        HTTPAttack("path \(name)", to(path), [404], .open, "path")
    }

    static let paths: [HTTPAttack] = [
        missing("unknown", "/OpenADR2/Simple/2.0b/OadrPull"), missing("of 2.0a", "/OpenADR2/Simple/EiEvent"),
        missing("in another case", "/openadr2/simple/2.0b/oadrpoll"),
        missing("with a slash behind", "/OpenADR2/Simple/2.0b/OadrPoll/"),
        missing("with two slashes", "//OpenADR2/Simple/2.0b/OadrPoll"), missing("of the root", "/"),
        missing("out of the root", "/../../../etc/passwd"), missing("out of it, encoded", "/%2e%2e/%2e%2e/etc/passwd"),
        missing("with an encoded slash", "/OpenADR2%2FSimple/2.0b/OadrPoll"),
        missing("with an encoded NUL", "/OpenADR2/Simple/2.0b/OadrPoll%00"),
        missing("with a percent sign alone", "/OpenADR2/Simple/2.0b/OadrPoll%"),
        missing("with half a code", "/OpenADR2/Simple/2.0b/OadrPoll%2"),
        missing("with backslashes", "/OpenADR2\\Simple\\2.0b\\OadrPoll"),
        missing("with a parameter", "/OpenADR2/Simple/2.0b/OadrPoll;a=b"),
        missing("of 600 characters", "/OpenADR2/Simple/2.0b/" + many("./", 290) + "OadrPoll"),
        missing("of another scheme's other path", "https://vtn/metrics"),
        taken("path with dots", to("/OpenADR2/x/../Simple/./2.0b/OadrPoll")),
        taken("path with an encoded letter", to("/OpenADR2/Simple/2%2E0b/%4FadrPoll")),
        taken("path in absolute form", to("https://vtn.example\(ServiceName.oadrPoll.path)")),
        HTTPAttack("path with a blank", to("/OpenADR2/Simple/2.0b/Oadr Poll"), [400]),
        HTTPAttack("path with a control character", to("/OpenADR2/Simple/2.0b/OadrPoll\u{1}"), [400]),
        HTTPAttack("path without a slash", to("OadrPoll"), [400]),
        HTTPAttack("no path", request("POST HTTP/1.1"), [400]),
        HTTPAttack("path of 9 KiB", to("/" + many("a", 9 << 10)), [414], .closed, "uri"),
        HTTPAttack("path of a mebibyte", to("/" + many("a", 1 << 20)), [414], .closed, "uri"),
    ]

    static let versions: [HTTPAttack] = [
        HTTPAttack("version 2.0", request("POST \(ServiceName.oadrPoll.path) HTTP/2.0"), [400]),
        HTTPAttack("version 1.2", request("POST \(ServiceName.oadrPoll.path) HTTP/1.2"), [400]),
        HTTPAttack("version 0.9", raw("POST \(ServiceName.oadrPoll.path)\r\n\r\n"), [400]),
        HTTPAttack("version in small letters", request("POST \(ServiceName.oadrPoll.path) http/1.1"), [400]),
        HTTPAttack("version of many digits", request("POST \(ServiceName.oadrPoll.path) HTTP/1.1111111"), [400]),
    ]

    static let fields: [HTTPAttack] = [
        HTTPAttack("field of 9 KiB", with("X-A: " + many("a", 9 << 10)), [431], .closed, "header"),
        HTTPAttack("field of a mebibyte", with("X-A: " + many("a", 1 << 20)), [431], .closed, "header"),
        HTTPAttack("field name of 9 KiB", with(many("a", 9 << 10) + ": a"), [431], .closed, "header"),
        HTTPAttack(
            "fields of 17 KiB", request(fields: [type, length] + (0..<17).map { "X-\($0): " + many("a", 1 << 10) }),
            [431],
            .closed, "header"),
        HTTPAttack(
            "101 fields", request(fields: [type, length] + (0..<98).map { "X-\($0): a" }), [431], .closed, "header"),
        taken("100 fields", request(fields: [type, length] + (0..<97).map { "X-\($0): a" })),
        HTTPAttack("field folded", with("X-A: a\r\n b"), [400]),
        HTTPAttack("field folded with a tab", with("X-A: a\r\n\tb"), [400]),
        HTTPAttack("field without a colon", with("X-A"), [400]), HTTPAttack("field without a name", with(": a"), [400]),
        HTTPAttack("field with a blank in its name", with("X A: a"), [400]),
        HTTPAttack("field with a blank behind its name", with("X-A : a"), [400]),
        HTTPAttack("field with NUL", with("X-A: a\u{0}b"), [400]),
        HTTPAttack("field with a control character", with("X-A: a\u{1}b"), [400]),
        HTTPAttack("field with CR alone", with("X-A: a\rb"), [400]),
        HTTPAttack("field with LF alone", with("X-A: a\nX-B: b"), [400]),
        HTTPAttack("a blank before the first field", request(fields: [type, length], host: " Host: vtn"), [400]),
        HTTPAttack("lines that end with LF alone", raw("\(line)\nHost: vtn\n\(type)\n\(length)\n\n\(poll)"), [400]),
        HTTPAttack("two hosts", with("Host: other"), [400]),
        taken("no host", request(host: nil)), taken("another host", request(host: "Host: attacker.example")),
        taken(
            "a certificate in a field",
            with("X-SSL-Client-Cert: MIIB", "X-Client-Verify: SUCCESS", "X-Client-DN: CN=VEN-OTHER")),
        taken(
            "addresses in fields",
            with("X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "X-Real-IP: 127.0.0.1")),
        taken("another method in a field", with("X-HTTP-Method-Override: DELETE")),
        taken(
            "a range and conditions",
            with("Range: bytes=0-1", "If-None-Match: *", "If-Modified-Since: Sat, 21 Nov 2026 00:00:00 GMT")),
        taken("a cookie and a password", with("Cookie: session=1", "Authorization: Basic YTpi")),
        HTTPAttack("WebSocket wanted", with("Connection: Upgrade", "Upgrade: websocket"), [200], .closed, nil),
        HTTPAttack("HTTP/2 wanted", with("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"), [200], .closed, nil),
        HTTPAttack("to go on", with("Expect: 100-continue"), [100, 200], .open, nil),
        taken("to go on with nobody knows what", with("Expect: nothing")),
    ]

    private static func badType(_ name: String, _ field: String) -> HTTPAttack {
        HTTPAttack("type \(name)", typed(field), [406], .open, "content-type")
    }

    static let types: [HTTPAttack] = [
        HTTPAttack("no type", request(fields: [length]), [406], .open, "content-type"),
        badType("of nothing", "Content-Type:"), badType("JSON", "Content-Type: application/json"),
        badType("HTML", "Content-Type: text/html"),
        badType("of a form", "Content-Type: multipart/form-data; boundary=b"),
        badType("of a DTD", "Content-Type: application/xml-dtd"),
        badType("twice", "Content-Type: application/xml\r\nContent-Type: application/xml"),
        badType("in Latin 1", "Content-Type: application/xml; charset=iso-8859-1"),
        badType("in UTF-16", "Content-Type: text/xml; charset=utf-16"),
        badType("in UTF-7", "Content-Type: application/xml; charset=\"utf-7\""),
        taken("type in capitals", typed("CONTENT-TYPE: APPLICATION/XML; CHARSET=\"UTF-8\"")),
        taken("type text/xml", typed("Content-Type: text/xml;charset=utf-8")),
        HTTPAttack("coding nobody knows", with("Content-Encoding: br"), [406], .open, "content-encoding"),
        HTTPAttack("coding zstd", with("Content-Encoding: zstd"), [406], .open, "content-encoding"),
        HTTPAttack("coding twice", with("Content-Encoding: gzip, gzip"), [406], .open, "content-encoding"),
        HTTPAttack("gzip that is none", with("Content-Encoding: gzip"), [406], .open, "content-encoding"),
        HTTPAttack("deflate that is none", with("Content-Encoding: deflate"), [406], .open, "content-encoding"),
        taken("coding identity", with("Content-Encoding: identity")),
    ]
}
