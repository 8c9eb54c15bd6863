internal import CLibXML2
internal import Glibc
internal import Synchronization

/// The compiled schemas of OpenADR 2.0b.
///
/// `@unchecked Sendable`: libxml2 only reads a compiled `xmlSchema` while it validates; all that a validation writes to
/// is in its own `xmlSchemaValidCtxt`, made afresh for each document. The library's table of built-in types is made by
/// the first schema, and schemas are made one at a time (`loading`). So one set serves any number of threads.
public final class SchemaSet: @unchecked Sendable {
    /// Why a folder gave no schemas.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// A file that is not there, or cannot be read.
        case missing(path: String)
        case invalid(path: String, line: Int, message: String)

        public var description: String {
            switch self {
            case .missing(let path): "the schema \(path) cannot be read"
            case .invalid(let path, let line, let message): "the schema \(path) is not valid: line \(line): \(message)"
            }
        }
    }

    /// The file that imports all others.
    public static let rootFile = "oadr_20b.xsd"

    private static let loading = Mutex(())

    private let schema: xmlSchemaPtr

    /// Loads `oadr_20b.xsd` and what it imports from `folder`.
    public init(folder: String) throws(Failure) {
        prepareLibrary()
        let path = "\(folder)/\(Self.rootFile)"
        var seen: Set<String> = []
        try Self.checkPresence(of: Self.rootFile, in: folder, seen: &seen)
        guard let context = xmlSchemaNewParserCtxt(path) else { throw .missing(path: path) }
        defer { xmlSchemaFreeParserCtxt(context) }
        let complaint = FirstComplaint()
        xmlSchemaSetParserStructuredErrors(
            context, FirstComplaint.handler, Unmanaged.passUnretained(complaint).toOpaque())
        let address = Self.loading.withLock { _ in
            withExtendedLifetime(complaint) { UInt(bitPattern: xmlSchemaParse(context)) }
        }
        guard let schema = xmlSchemaPtr(bitPattern: address) else {
            throw .invalid(path: path, line: complaint.line, message: complaint.message ?? "no reason given")
        }
        self.schema = schema
    }

    deinit { xmlSchemaFree(schema) }

    /// libxml2 passes over an import that it cannot load and complains about what it lacks then; this names the file.
    private static func checkPresence(
        of file: String, in folder: String, seen: inout Set<String>
    ) throws(Failure) {
        guard seen.insert(file).inserted else { return }
        let path = "\(folder)/\(file)"
        // libxml2 would say so on standard error.
        guard access(path, R_OK) == 0 else { throw .missing(path: path) }
        var imports: [String] = []
        do {
            let document = try Document(path: path)
            imports = withExtendedLifetime(document) { document in
                document.root?.children.compactMap { $0.attribute("schemaLocation") } ?? []
            }
        } catch .malformed(let line, let message) where line > 0 {
            throw .invalid(path: path, line: line, message: message)
        } catch {
            throw .missing(path: path)
        }
        for name in imports { try checkPresence(of: name, in: folder, seen: &seen) }
    }

    /// Throws the first breach.
    func validate(_ document: borrowing Document) throws(DecodingFailure) {
        guard let context = xmlSchemaNewValidCtxt(schema) else { throw .library("out of memory") }
        defer { xmlSchemaFreeValidCtxt(context) }
        let complaint = FirstComplaint()
        xmlSchemaSetValidStructuredErrors(
            context, FirstComplaint.handler, Unmanaged.passUnretained(complaint).toOpaque())
        let verdict = withExtendedLifetime(complaint) { xmlSchemaValidateDoc(context, document.pointer) }
        guard verdict >= 0 else { throw .library("the schema check did not run") }
        guard verdict == 0 else {
            throw .schema(line: complaint.line, message: complaint.message ?? "no reason given")
        }
    }
}
