public import OpenADR

/// Why bytes were refused. Everything but `content` and `library` is a bad document, which HTTP answers with 406, and
/// with 413 when it is `tooLarge`.
public enum DecodingFailure: Error, Hashable, Sendable {
    /// More bytes than `limit`.
    case tooLarge(limit: Int)
    /// Not UTF-8, or said to be something else.
    case encoding
    /// A document type declaration, which alone could define entities.
    case doctype
    case processingInstruction
    case tooDeep(limit: Int)
    case tooManyElements(limit: Int)
    case tagTooLong(limit: Int)
    case tooManyAttributes(limit: Int)
    case tooManyNamespaces(limit: Int)
    case textTooLong(limit: Int)
    case sectionTooLong(limit: Int)
    case commentTooLong(limit: Int)
    /// Not well-formed. The message is libxml2's, or ours when the document ends inside a tag.
    case malformed(line: Int, message: String)
    /// The root, or what the wrapper holds, is no message of OpenADR 2.0b; the name is `{namespace}local`.
    case unknownMessage(name: String)
    /// Against the schema.
    case schema(line: Int, message: String)
    /// A valid document whose content makes no sense; it can be answered with a response code.
    case content(FaultyMessage, line: Int)
    /// A schema check that could not run, or memory that ran out: not the sender's fault.
    case library(String)
}

extension DecodingFailure: CustomStringConvertible {
    /// One line for the log.
    public var description: String {
        switch self {
        case .tooLarge(let limit): "more than \(limit) bytes"
        case .encoding: "not UTF-8"
        case .doctype: "a document type declaration"
        case .processingInstruction: "a processing instruction"
        case .tooDeep(let limit): "elements nested deeper than \(limit)"
        case .tooManyElements(let limit): "more than \(limit) elements"
        case .tagTooLong(let limit): "a tag of more than \(limit) bytes"
        case .tooManyAttributes(let limit): "more than \(limit) attributes in a tag"
        case .tooManyNamespaces(let limit): "more than \(limit) namespace declarations in a tag"
        case .textTooLong(let limit): "a text of more than \(limit) bytes"
        case .sectionTooLong(let limit): "a CDATA section of more than \(limit) bytes"
        case .commentTooLong(let limit): "a comment of more than \(limit) bytes"
        case .malformed(let line, let message): "line \(line): not well-formed: \(message)"
        case .unknownMessage(let name): "no message of OpenADR 2.0b: \(name)"
        case .schema(let line, let message): "line \(line): against the schema: \(message)"
        case .content(let message, let line):
            "line \(line): \(message.elementName): \(message.reason) (\(message.code))"
        case .library(let message): "libxml2: \(message)"
        }
    }
}
