/// A content coding of HTTP (RFC 9110, 8.4.1): how a body is squeezed on its way.
///
/// ```
/// Content-Encoding: gzip      ContentCoding(named: "gzip")?.decode(body, limit: 65_536)
/// Accept-Encoding: gzip;q=1   ContentCoding.preferred(by: "gzip;q=1")?.encode(answer)
/// ```
public enum ContentCoding: String, Hashable, Sendable, CaseIterable {
    /// RFC 1952.
    case gzip
    /// RFC 1950, which HTTP calls by the name of what is inside.
    case deflate

    /// By its name in a header, in any case of letters; `x-gzip` is `gzip`.
    public init?(named name: some StringProtocol) {
        let name = name.lowercased()
        self.init(rawValue: name == "x-gzip" ? "gzip" : name)
    }

    /// What an answer is best sent in, by the request's Accept-Encoding: the best weight wins, gzip among equals; nil when
    /// the header is missing or wants neither.
    public static func preferred(by accepted: String?) -> ContentCoding? {
        guard let accepted else { return nil }
        var weights: [ContentCoding: Double] = [:]
        var others = 0.0
        for item in accepted.split(separator: ",").prefix(32) {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let name = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if name == "*" { others = weight }
            if let coding = ContentCoding(named: name) { weights[coding] = weight }
        }
        let ranked = allCases.map { (coding: $0, weight: weights[$0] ?? others) }
        guard let best = ranked.map(\.weight).max(), best > 0 else { return nil }
        return ranked.first { $0.weight == best }?.coding
    }
}

/// Why a squeezed body was not read.
public enum ContentCodingFailure: Error, Hashable, Sendable {
    /// It would grow beyond `limit` bytes: it was not unpacked further.
    case tooLarge(limit: Int)
    /// Not of this coding, cut off, damaged, or followed by something else.
    case malformed
    /// Memory ran out.
    case unavailable
}
