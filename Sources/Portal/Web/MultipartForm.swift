import Foundation

/// A form with a file (`multipart/form-data`, RFC 7578): how a browser without scripts sends one.
struct MultipartForm: Sendable {
    struct File: Sendable {
        /// Without a folder; some browsers send one.
        let name: String
        let bytes: [UInt8]
    }

    private(set) var fields: [String: String] = [:]
    private(set) var files: [String: File] = [:]

    /// So many parts a form has at most.
    private static let parts = 20
    private static let headerBytes = 2_048

    /// Nil for anything that is not such a form to the letter: no browser sends that.
    ///
    /// - Parameter contentType: the header, with the boundary.
    init?(_ body: [UInt8], contentType: String) {
        guard let boundary = Self.boundary(contentType) else { return nil }
        let data = Data(body)
        let mark = Data("--\(boundary)".utf8)
        let lineEnd = Data("\r\n".utf8)
        let blank = Data("\r\n\r\n".utf8)
        let next = Data("\r\n--\(boundary)".utf8)
        guard data.starts(with: mark) else { return nil }
        var index = mark.count
        for _ in 0..<Self.parts {
            if data[index...].starts(with: Data("--".utf8)) { return }
            guard data[index...].starts(with: lineEnd) else { return nil }
            let head = index + 2
            guard
                let headEnd = data.range(of: blank, in: head..<min(head + Self.headerBytes, data.count)),
                let end = data.range(of: next, in: headEnd.upperBound..<data.count)
            else { return nil }
            guard take(data[head..<headEnd.lowerBound], data[headEnd.upperBound..<end.lowerBound]) else { return nil }
            index = end.upperBound
        }
        return nil
    }

    private mutating func take(_ head: Data, _ content: Data) -> Bool {
        guard let text = String(data: head, encoding: .utf8),
            let line = text.components(separatedBy: "\r\n").first(where: {
                $0.lowercased().hasPrefix("content-disposition: form-data;")
            }), let name = Self.parameter("name", of: line), fields[name] == nil, files[name] == nil
        else { return false }
        if let file = Self.parameter("filename", of: line) {
            let last = file.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
            files[name] = File(name: last.filter { !$0.isNewline && $0 != "\0" }, bytes: [UInt8](content))
            return true
        }
        guard content.count <= 4_096, !content.contains(0), let value = String(data: content, encoding: .utf8) else {
            return false
        }
        fields[name] = value
        return true
    }

    /// `name="value"`, with `%22` for a quote as browsers write it.
    private static func parameter(_ name: String, of line: String) -> String? {
        guard let start = line.range(of: "; \(name)=\"") else { return nil }
        let rest = line[start.upperBound...]
        guard let end = rest.firstIndex(of: "\"") else { return nil }
        return String(rest[..<end]).replacing("%22", with: "\"")
    }

    private static func boundary(_ contentType: String) -> String? {
        guard contentType.lowercased().hasPrefix("multipart/form-data;"), let start = contentType.range(of: "boundary=")
        else { return nil }
        var text = contentType[start.upperBound...].prefix { $0 != ";" }
        if text.hasPrefix("\"") { text = text.dropFirst().prefix { $0 != "\"" } }
        guard (1...70).contains(text.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        return String(text)
    }
}
