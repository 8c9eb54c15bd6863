/// Why a file of meter values cannot be imported: one sentence, and what to do about it.
public enum ImportError: Error, Hashable, Sendable {
    /// No plan was found for it.
    case unrecognized(String)
    /// The bytes are no table from this line on.
    case malformed(line: Int, found: String, expected: String)
    /// A plan that does not fit itself, such as a column that is not there.
    case badPlan(String)
}

extension ImportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unrecognized(let reason): "The file is not recognised: \(reason)."
        case .malformed(let line, let found, let expected): "Line \(line): found \(found), expected \(expected)."
        case .badPlan(let reason): "The file cannot be read that way: \(reason)."
        }
    }

    public var hint: String {
        switch self {
        case .unrecognized, .badPlan: "see the layouts in Documentation/data.md; options say what cannot be detected"
        case .malformed: "mend the line, or export the file again"
        }
    }
}
