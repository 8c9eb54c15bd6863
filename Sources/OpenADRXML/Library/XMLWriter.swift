internal import CLibXML2
internal import OpenADR

/// Writes UTF-8 without indentation, with the canonical prefixes: equal values give equal bytes.
///
/// libxml2's writer fails only when memory does; then the bytes end early, and the reader on the other side says so.
final class XMLWriter {
    private let buffer: xmlBufferPtr
    private let writer: xmlTextWriterPtr

    /// Nil when memory ran out.
    init?() {
        prepareLibrary()
        guard let buffer = xmlBufferCreate() else { return nil }
        guard let writer = xmlNewTextWriterMemory(buffer, 0) else {
            xmlBufferFree(buffer)
            return nil
        }
        self.buffer = buffer
        self.writer = writer
        xmlTextWriterStartDocument(writer, "1.0", "UTF-8", nil)
    }

    deinit {
        xmlFreeTextWriter(writer)
        xmlBufferFree(buffer)
    }

    func element(_ name: String, _ content: () -> Void = {}) {
        xmlTextWriterStartElement(writer, name)
        content()
        xmlTextWriterEndElement(writer)
    }

    func leaf(_ name: String, _ text: String) {
        xmlTextWriterStartElement(writer, name)
        if !text.isEmpty { xmlTextWriterWriteString(writer, writable(text)) }
        xmlTextWriterEndElement(writer)
    }

    /// Nothing for nil.
    func leaf(_ name: String, optional text: String?) {
        if let text { leaf(name, text) }
    }

    /// Nothing for nil or an empty id, which mean the same (rule 46).
    func leaf(_ name: String, optional id: (some Identifier)?) {
        if let id, !id.isEmpty { leaf(name, id.rawValue) }
    }

    func attribute(_ name: String, _ value: String) {
        xmlTextWriterWriteAttribute(writer, name, writable(value))
    }

    /// Ends the document.
    func finish() -> [UInt8] {
        xmlTextWriterEndDocument(writer)
        xmlTextWriterFlush(writer)
        guard let content = xmlBufferContent(buffer) else { return [] }
        return Array(UnsafeBufferPointer(start: content, count: Int(xmlBufferLength(buffer))))
    }

    /// XML 1.0 cannot carry most control characters in any form; they become U+FFFD.
    private func writable(_ text: String) -> String {
        // Most text has none of them, nor a byte that U+FFFE could begin with, and need not be taken apart.
        guard !text.utf8.allSatisfy({ (0x20...0xEE).contains($0) }) else { return text }
        func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x20...0xFFFD, 0x1_0000...: true
            default: false
            }
        }
        guard !text.unicodeScalars.allSatisfy(isAllowed) else { return text }
        var clean = String.UnicodeScalarView()
        clean.append(contentsOf: text.unicodeScalars.map { isAllowed($0) ? $0 : "\u{FFFD}" })
        return String(clean)
    }
}
