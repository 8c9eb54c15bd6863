import Accounts
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Plots

/// Style sheets, scripts and pictures, read at start: the portal's own, and those of the Debian packages libjs-bootstrap5
/// and libjs-dygraphs. Without the packages the pages are plainer and the plots are the server's.
struct StaticFiles: Sendable {
    struct File: Sendable {
        let bytes: ByteBuffer
        let type: String
        let tag: String
    }

    private let files: [String: File]

    private static let packaged = [
        "bootstrap.min.css": "/usr/share/javascript/bootstrap5/css/bootstrap.min.css",
        "dygraph.min.js": "/usr/share/javascript/dygraphs/dygraph.min.js",
        "dygraph.min.css": "/usr/share/javascript/dygraphs/dygraph.min.css",
    ]

    /// - Parameter folder: the portal's own files.
    init(folder: String, packages: Bool = true) {
        var files: [String: File] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            files[name] = Self.read("\(folder)/\(name)", as: name)
        }
        if packages {
            for (name, path) in Self.packaged where files[name] == nil { files[name] = Self.read(path, as: name) }
        }
        files["plot.css"] = Self.file(Data(Plot.styleSheet.utf8), as: "text/css; charset=utf-8")
        self.files = files
    }

    func has(_ name: String) -> Bool { files[name] != nil }

    /// The address of a file with its content's hash, so that browsers may keep it for ever.
    func address(_ name: String) -> String {
        "/assets/\(name)\(files[name].map { "?v=\($0.tag.prefix(12))" } ?? "")"
    }

    func response(_ name: String, ifNoneMatch: String?, version: String?) throws -> Response {
        guard let file = files[name] else { throw Problem.notFound }
        let isCurrent = version.map { file.tag.hasPrefix($0) && $0.count == 12 } ?? false
        var headers: HTTPFields = [
            .contentType: file.type, .eTag: "\"\(file.tag)\"",
            .cacheControl: isCurrent ? "public, max-age=31536000, immutable" : "public, max-age=300",
        ]
        if ifNoneMatch == "\"\(file.tag)\"" { return Response(status: .notModified, headers: headers) }
        headers[.contentLength] = "\(file.bytes.readableBytes)"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.bytes))
    }

    private static let types = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        "ico": "image/x-icon", "png": "image/png",
    ]

    private static func read(_ path: String, as name: String) -> File? {
        guard let suffix = name.split(separator: ".").last.map(String.init), let type = types[suffix],
            var data = FileManager.default.contents(atPath: path)
        else { return nil }
        // A source map that is not served would be asked for and missed.
        if suffix != "svg", let text = String(data: data, encoding: .utf8),
            let end = text.range(of: "//# sourceMappingURL")
        {
            data = Data(text[..<end.lowerBound].utf8)
        }
        if suffix == "css", let text = String(data: data, encoding: .utf8),
            let end = text.range(of: "/*# sourceMappingURL")
        {
            data = Data(text[..<end.lowerBound].utf8)
        }
        return file(data, as: type)
    }

    private static func file(_ data: Data, as type: String) -> File {
        File(bytes: ByteBuffer(bytes: data), type: type, tag: Base64URL.encode(Array(SHA256.hash(data: data))))
    }
}
