public import OpenADRXML

/// Keeps a VEN's memory in a journal.
///
/// A journal and not a database: there is one writer, a few kilobytes of state and one question, "what was it last?".
/// A line that is added and synced answers that with nothing to configure, to migrate or to repair.
public struct EndNodeKeeper {
    private let journal: Journal
    private let coder: MemoryCoder
    /// What the disk holds.
    public private(set) var memory: EndNodeMemory

    /// Beyond this, and twice what the last snapshot took, the journal is written anew. In bytes.
    private static let roomy = 256 << 10
    private var snapshotSize: Int

    /// The journal's name in the folder of the VEN's state.
    public static let fileName = "ven.journal"

    /// Opens the memory in a folder that exists.
    public init(folder: String, codec: OpenADRCodec) throws {
        let coder = MemoryCoder(codec: codec)
        var memory = EndNodeMemory()
        journal = try Journal(path: "\(folder)/\(Self.fileName)") { line in
            for change in try coder.decode(line) { memory.apply(change) }
        }
        self.coder = coder
        self.memory = memory
        snapshotSize = journal.size
    }

    /// The memory of a VEN that may be running, without disturbing it.
    public static func read(folder: String, codec: OpenADRCodec) throws -> EndNodeMemory {
        let coder = MemoryCoder(codec: codec)
        var memory = EndNodeMemory()
        for line in try Journal.contents(at: "\(folder)/\(fileName)") {
            for change in try coder.decode(line) { memory.apply(change) }
        }
        return memory
    }

    /// Makes the disk hold this memory; when it returns, a loss of power does not change that.
    public mutating func keep(_ new: EndNodeMemory) throws {
        let changes = memory.changes(to: new)
        guard !changes.isEmpty else { return }
        if journal.size > max(Self.roomy, 2 * snapshotSize) {
            try journal.replace(with: [coder.encode(EndNodeMemory().changes(to: new))])
            snapshotSize = journal.size
        } else {
            try journal.append(coder.encode(changes))
        }
        memory = new
    }
}
