internal import CLibXML2

/// A parsed document; elements of it are good as long as it lives.
struct Document: ~Copyable {
    let pointer: xmlDocPtr

    /// Takes over a document, and frees it.
    init(owning pointer: xmlDocPtr) {
        self.pointer = pointer
    }

    /// Reads UTF-8. No network, no entities, no document type: `Admission` has seen to the rest. The result is to be
    /// owned by a `Document`.
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodingFailure) -> xmlDocPtr {
        guard !bytes.isEmpty, let base = bytes.baseAddress else {
            throw .malformed(line: 1, message: "the document is empty")
        }
        let context = try ParserContext()
        let options =
            XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
            | XML_PARSE_NOCDATA.rawValue | XML_PARSE_COMPACT.rawValue
        let document = base.withMemoryRebound(to: CChar.self, capacity: bytes.count) { start in
            xmlCtxtReadMemory(context.pointer, start, Int32(bytes.count), nil, "UTF-8", Int32(options))
        }
        guard let document else { throw context.failure }
        return document
    }

    /// Reads a file of our own.
    init(path: String) throws(DecodingFailure) {
        let context = try ParserContext()
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        guard let document = xmlCtxtReadFile(context.pointer, path, nil, Int32(options)) else {
            throw context.failure
        }
        pointer = document
    }

    deinit { xmlFreeDoc(pointer) }

    var root: Element? { xmlDocGetRootElement(pointer).map(Element.init) }
}

private struct ParserContext: ~Copyable {
    let pointer: xmlParserCtxtPtr

    init() throws(DecodingFailure) {
        prepareLibrary()
        guard let pointer = xmlNewParserCtxt() else { throw .library("out of memory") }
        self.pointer = pointer
    }

    deinit { xmlFreeParserCtxt(pointer) }

    var failure: DecodingFailure {
        let error = pointer.pointee.lastError
        switch xmlParserErrors(UInt32(max(0, error.code))) {
        case XML_ERR_INVALID_ENCODING, XML_ERR_UNKNOWN_ENCODING, XML_ERR_UNSUPPORTED_ENCODING: return .encoding
        case XML_ERR_NO_MEMORY: return .library("out of memory")
        default: return .malformed(line: Int(error.line), message: tidy(error.message))
        }
    }
}
