/// The namespaces of the profile, with the prefixes that its own documents use.
enum Namespace: CaseIterable {
    case oadr, ei, pyld, xcal, strm, emix, power, scale, gml
    /// Of Green Button, which few messages carry.
    case atom, espi

    /// Those that every message declares.
    static let common = allCases.filter { $0 != .atom && $0 != .espi }

    var uri: StaticString {
        switch self {
        case .oadr: "http://openadr.org/oadr-2.0b/2012/07"
        case .ei: "http://docs.oasis-open.org/ns/energyinterop/201110"
        case .pyld: "http://docs.oasis-open.org/ns/energyinterop/201110/payloads"
        case .xcal: "urn:ietf:params:xml:ns:icalendar-2.0"
        case .strm: "urn:ietf:params:xml:ns:icalendar-2.0:stream"
        case .emix: "http://docs.oasis-open.org/ns/emix/2011/06"
        case .power: "http://docs.oasis-open.org/ns/emix/2011/06/power"
        case .scale: "http://docs.oasis-open.org/ns/emix/2011/06/siscale"
        case .gml: "http://www.opengis.net/gml/3.2"
        case .atom: "http://www.w3.org/2005/Atom"
        case .espi: "http://naesb.org/espi"
        }
    }

    /// Each prefix is the case's own name.
    var prefix: String {
        switch self {
        case .oadr: "oadr"
        case .ei: "ei"
        case .pyld: "pyld"
        case .xcal: "xcal"
        case .strm: "strm"
        case .emix: "emix"
        case .power: "power"
        case .scale: "scale"
        case .gml: "gml"
        case .atom: "atom"
        case .espi: "espi"
        }
    }

    /// The attribute that declares it, and its value; made once.
    static let declarations: [(name: String, uri: String)] = common.map { ("xmlns:\($0.prefix)", "\($0.uri)") }
}

/// What an element is called. Documents may use any prefix, so only the namespace and the local name count.
struct Name {
    let namespace: Namespace
    let local: StaticString

    static func oadr(_ local: StaticString) -> Name { Name(namespace: .oadr, local: local) }
    static func ei(_ local: StaticString) -> Name { Name(namespace: .ei, local: local) }
    static func pyld(_ local: StaticString) -> Name { Name(namespace: .pyld, local: local) }
    static func xcal(_ local: StaticString) -> Name { Name(namespace: .xcal, local: local) }
    static func strm(_ local: StaticString) -> Name { Name(namespace: .strm, local: local) }
    static func emix(_ local: StaticString) -> Name { Name(namespace: .emix, local: local) }
    static func power(_ local: StaticString) -> Name { Name(namespace: .power, local: local) }
    static func scale(_ local: StaticString) -> Name { Name(namespace: .scale, local: local) }
    static func atom(_ local: StaticString) -> Name { Name(namespace: .atom, local: local) }
    static func gml(_ local: StaticString) -> Name { Name(namespace: .gml, local: local) }
}
