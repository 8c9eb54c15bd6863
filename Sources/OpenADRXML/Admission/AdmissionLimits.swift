/// How much of each thing a document may hold before a parser sees it.
public struct AdmissionLimits: Hashable, Sendable {
    /// Bytes of the whole document.
    public var size = 1 << 20
    public var depth = 40
    /// A tenth of a mebibyte of tags; what an honest document of the greatest size has at most.
    public var elements = 65_536
    /// Bytes between `<` and `>`.
    public var tag = 4_096
    /// Per tag, without namespace declarations.
    public var attributes = 16
    /// Per tag.
    public var namespaces = 32
    /// Bytes between two tags.
    public var text = 65_536
    /// Bytes between `<!--` and `-->`.
    public var comment = 4_096

    public init() {}
}
