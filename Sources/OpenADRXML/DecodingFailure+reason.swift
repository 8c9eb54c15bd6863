extension DecodingFailure {
    /// One word for the log and a metric; there are few of them, and none comes from a message.
    public var reason: String {
        switch self {
        case .tooLarge: "size"
        case .encoding: "encoding"
        case .doctype: "doctype"
        case .processingInstruction: "pi"
        case .tooDeep: "depth"
        case .tooManyElements: "elements"
        case .tagTooLong, .tooManyAttributes, .tooManyNamespaces: "tag"
        case .textTooLong: "text"
        case .sectionTooLong: "cdata"
        case .commentTooLong: "comment"
        case .malformed: "malformed"
        case .unknownMessage: "message"
        case .schema: "schema"
        case .content: "content"
        default: "reader"
        }
    }
}
