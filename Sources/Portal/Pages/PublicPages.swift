import Hummingbird

/// What everyone sees: the first page, and the files that pages load.
enum PublicPages {
    static let routes: [Route] = [
        .page(.get, "/", .anyone, "First page") { visit in
            guard visit.viewerIfAny == nil else { return .redirect(to: "/dashboard") }
            return try visit.portal.page("landing", "Demand response that pays", visit)
        },
        .page(.get, "/assets/{file}", .anyone, "Style sheets, scripts and pictures") { visit in
            try visit.portal.files.response(
                try visit.parameter("file"), ifNoneMatch: visit.request.headers[.ifNoneMatch],
                version: visit.query.optional("v"))
        },
        .page(.get, "/favicon.ico", .anyone, "Icon for the browser's tab") { visit in
            try visit.portal.files.response(
                "favicon.svg", ifNoneMatch: visit.request.headers[.ifNoneMatch], version: nil)
        },
        .page(.get, "/robots.txt", .anyone, "Keeps search engines off") { visit in
            Response(
                status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: .init(string: "User-agent: *\nDisallow: /\n")))
        },
    ]
}
