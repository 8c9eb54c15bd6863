internal import CXMLSec

/// A parsed document, freed at the end.
struct XMLTree: ~Copyable {
    let pointer: xmlDocPtr

    /// Reads UTF-8 that a codec has admitted before. No network, no entities, no document type.
    init(_ bytes: [UInt8]) throws(SignatureFailure) {
        try XMLSec.prepare()
        pointer = try Self.parse(bytes)
    }

    private static func parse(_ bytes: [UInt8]) throws(SignatureFailure) -> xmlDocPtr {
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        let document = bytes.withUnsafeBytes { buffer in
            xmlReadMemory(
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: buffer.count), nil, "UTF-8",
                Int32(options))
        }
        guard let document else { throw SignatureFailure(.structure, "not well-formed") }
        guard document.pointee.intSubset == nil, document.pointee.extSubset == nil else {
            xmlFreeDoc(document)
            throw SignatureFailure(.structure, "a document type declaration")
        }
        return document
    }

    deinit { xmlFreeDoc(pointer) }

    var root: XMLNode? { xmlDocGetRootElement(pointer).map(XMLNode.init) }

    /// UTF-8.
    func serialized() throws(SignatureFailure) -> [UInt8] {
        var memory: UnsafeMutablePointer<xmlChar>?
        var size: Int32 = 0
        xmlDocDumpMemoryEnc(pointer, &memory, &size, "UTF-8")
        guard let memory else { throw SignatureFailure(.unavailable, "out of memory") }
        defer { curtail_xmlsec_free(memory) }
        return Array(UnsafeBufferPointer(start: memory, count: Int(size)))
    }
}

/// The namespaces that a signed payload is made of.
enum XMLNamespace {
    static let oadr = "http://openadr.org/oadr-2.0b/2012/07"
    static let ds = "http://www.w3.org/2000/09/xmldsig#"
    static let dsp = "http://openadr.org/oadr-2.0b/2012/07/xmldsig-properties"
}

/// An element of a tree that is alive.
struct XMLNode: Equatable {
    let pointer: xmlNodePtr

    func isNamed(_ local: String, _ namespace: String) -> Bool {
        guard let name = pointer.pointee.name, let own = pointer.pointee.ns, let href = own.pointee.href else {
            return false
        }
        return String(cString: name) == local && String(cString: href) == namespace
    }

    var parent: XMLNode? {
        pointer.pointee.parent.flatMap { $0.pointee.type == XML_ELEMENT_NODE ? XMLNode(pointer: $0) : nil }
    }

    var children: [XMLNode] {
        var found: [XMLNode] = []
        var child = pointer.pointee.children
        while let current = child {
            if current.pointee.type == XML_ELEMENT_NODE { found.append(XMLNode(pointer: current)) }
            child = current.pointee.next
        }
        return found
    }

    func children(_ local: String, _ namespace: String) -> [XMLNode] {
        children.filter { $0.isNamed(local, namespace) }
    }

    /// The one child of that name; nil when there is none or another one.
    func only(_ local: String, _ namespace: String = XMLNamespace.ds) -> XMLNode? {
        let found = children(local, namespace)
        return found.count == 1 ? found[0] : nil
    }

    /// Directly inside.
    var text: String {
        guard let content = xmlNodeGetContent(pointer) else { return "" }
        defer { curtail_xmlsec_free(content) }
        return String(cString: content)
    }

    struct Attribute {
        let pointer: xmlAttrPtr
        let name: String
        /// Nil without a prefix.
        let namespace: String?
        let value: String
    }

    var attributes: [Attribute] {
        var found: [Attribute] = []
        var property = pointer.pointee.properties
        while let current = property {
            let value = xmlNodeListGetString(pointer.pointee.doc, current.pointee.children, 1)
            found.append(
                Attribute(
                    pointer: current, name: current.pointee.name.map { String(cString: $0) } ?? "",
                    namespace: current.pointee.ns.flatMap { $0.pointee.href }.map { String(cString: $0) },
                    value: value.map { String(cString: $0) } ?? ""))
            if let value { curtail_xmlsec_free(value) }
            property = current.pointee.next
        }
        return found
    }

    func attribute(_ name: String) -> String? {
        attributes.first { $0.name == name && $0.namespace == nil }?.value
    }

    /// This element and all below it, in document order; the admission before bounds their number and depth.
    func forEach(_ body: (XMLNode) throws(SignatureFailure) -> Void) throws(SignatureFailure) {
        try body(self)
        for child in children { try child.forEach(body) }
    }
}
