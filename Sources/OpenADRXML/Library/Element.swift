internal import CLibXML2

/// An element of a `Document` that is alive.
struct Element {
    private let node: xmlNodePtr

    init(node: xmlNodePtr) { self.node = node }

    var line: Int { Int(xmlGetLineNo(node)) }

    func isNamed(_ name: Name) -> Bool {
        xmlStrEqual(node.pointee.name, name.local.utf8Start) == 1 && namespaceIs(name.namespace)
    }

    func namespaceIs(_ namespace: Namespace) -> Bool {
        guard let own = node.pointee.ns else { return false }
        return xmlStrEqual(own.pointee.href, namespace.uri.utf8Start) == 1
    }

    /// In any namespace.
    func hasLocalName(_ name: String) -> Bool { xmlStrEqual(node.pointee.name, name) == 1 }

    var localName: String { node.pointee.name.map { String(cString: $0) } ?? "" }

    /// `{namespace}local`
    var qualifiedName: String {
        "{\(node.pointee.ns.flatMap { $0.pointee.href }.map { String(cString: $0) } ?? "")}\(localName)"
    }

    /// All text directly inside, comments and other elements left out.
    var text: String {
        var child = node.pointee.children
        var only: String?
        while let current = child {
            if current.pointee.type == XML_TEXT_NODE || current.pointee.type == XML_CDATA_SECTION_NODE,
                let content = current.pointee.content
            {
                only = only.map { $0 + String(cString: content) } ?? String(cString: content)
            }
            child = current.pointee.next
        }
        return only ?? ""
    }

    /// Puts a text in the place of all that is inside.
    func replaceText(_ text: String) {
        xmlNodeSetContent(node, nil)
        xmlNodeAddContent(node, text)
    }

    // MARK: Changes

    /// Gives an attribute without namespace the one that it is meant to have; false when there is none to change.
    func qualifyAttribute(_ name: String, _ namespace: Namespace) -> Bool {
        guard let attribute = xmlHasNsProp(node, name, nil), attribute.pointee.ns == nil,
            xmlHasNsProp(node, name, namespace.uri.utf8Start) == nil, let own = self.namespace(namespace)
        else { return false }
        xmlSetNs(UnsafeMutableRawPointer(attribute).assumingMemoryBound(to: xmlNode.self), own)
        return true
    }

    /// Adds an empty child at the end; false when memory ran out.
    func appendEmpty(_ name: Name) -> Bool {
        guard let own = namespace(name.namespace),
            xmlNewChild(node, own, name.local.utf8Start, nil) != nil
        else { return false }
        return true
    }

    /// Moves the element behind its new brothers.
    func moveToEnd(of parent: Element) {
        xmlUnlinkNode(node)
        xmlAddChild(parent.node, node)
    }

    var parent: Element? {
        guard let parent = node.pointee.parent, parent.pointee.type == XML_ELEMENT_NODE else { return nil }
        return Element(node: parent)
    }

    /// The declaration in force, or a new one.
    private func namespace(_ namespace: Namespace) -> xmlNsPtr? {
        xmlSearchNsByHref(node.pointee.doc, node, namespace.uri.utf8Start)
            ?? xmlNewNs(node, namespace.uri.utf8Start, namespace.prefix)
    }

    var firstChild: Element? { Self.element(from: node.pointee.children) }
    var next: Element? { Self.element(from: node.pointee.next) }

    var children: [Element] {
        Array(
            sequence(state: firstChild) { state in
                defer { state = state?.next }
                return state
            })
    }

    /// By local name alone.
    func attribute(_ name: String) -> String? {
        guard let value = xmlGetProp(node, name) else { return nil }
        defer { curtail_xml_free(value) }
        return String(cString: value)
    }

    private static func element(from node: xmlNodePtr?) -> Element? {
        var candidate = node
        while let current = candidate, current.pointee.type != XML_ELEMENT_NODE { candidate = current.pointee.next }
        return candidate.map(Element.init)
    }
}
