import Crypto
import Glibc

/// A file to which lines are added, each of them on the disk before anything is done because of it.
///
/// ```
/// curtail-journal 1
/// 1 5f2c…e1 {"registration":…}
/// 2 90ab…07 [{"event":…},{"noOpt":…}]
/// ▲ ▲       └ what was to be remembered, in one line
/// │ └ the first 16 hex digits of the SHA-256 of number, space and content
/// └ counts up by one
/// ```
///
/// A process that is killed leaves at most one line that is not whole, and nothing was done because of it: it is cut
/// off when the file is opened again. A line that is damaged *before* others that are sound is no such thing, and the
/// file is refused. When the file has grown, it is written anew beside its place and renamed, so that there is always
/// one whole file. A lock keeps a second process out.
public final class Journal {
    public let path: String
    /// In bytes.
    public private(set) var size = 0
    private var file: Int32 = -1
    private let lock: Int32
    private var number: UInt64 = 0

    private static let header = Array("curtail-journal 1\n".utf8)
    /// A journal is small; what is longer is another file.
    private static let longest = 256 << 20

    /// Opens a journal, or makes it, readable by its owner only.
    ///
    /// - Parameter replay: gets the contents of the lines, oldest first.
    public init(path: String, replay: ([UInt8]) throws -> Void) throws {
        self.path = path
        lock = try Self.lock("\(path).lock")
        unlink("\(path).new")
        let reading = try Self.read(path)
        number = reading.last
        for content in reading.contents { try replay(content) }
        file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw JournalError.last(at: path) }
        size = reading.isNew ? 0 : reading.soundBytes
        guard ftruncate(file, size) == 0, fsync(file) == 0 else { throw JournalError.last(at: path) }
        if reading.isNew {
            try Self.write(Self.header, to: file, path: path)
            try Self.syncFolder(of: path)
            size = Self.header.count
        }
    }

    deinit {
        if file >= 0 { close(file) }
        // A child process that is being made holds a copy for a moment: the lock must not live on in it.
        flock(lock, LOCK_UN)
        close(lock)
    }

    /// The contents of a journal that another process may be writing to; nothing is changed. Empty without a file.
    public static func contents(at path: String) throws -> [[UInt8]] { try read(path).contents }

    /// Adds a line. When this returns, it survives everything but the disk.
    ///
    /// - Parameter content: without a newline.
    public func append(_ content: [UInt8]) throws(JournalError) {
        let line = Self.line(number + 1, content)
        do throws(JournalError) {
            try Self.write(line, to: file, path: path)
        } catch {
            // A line half written would hide those that follow.
            _ = ftruncate(file, size)
            throw error
        }
        number += 1
        size += line.count
    }

    /// Puts these lines in the place of all others; a reader, or the next start, finds the old ones or the new ones.
    public func replace(with contents: [[UInt8]]) throws(JournalError) {
        var bytes = Self.header
        var count: UInt64 = 0
        for content in contents {
            count += 1
            bytes += Self.line(count, content)
        }
        let new = open("\(path).new", O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
        guard new >= 0 else { throw .last(at: "\(path).new") }
        do throws(JournalError) {
            try Self.write(bytes, to: new, path: "\(path).new")
            guard rename("\(path).new", path) == 0 else { throw JournalError.last(at: path) }
        } catch {
            close(new)
            unlink("\(path).new")
            throw error
        }
        close(file)
        file = new
        size = bytes.count
        number = count
        try Self.syncFolder(of: path)
    }

    // MARK: The form

    private static func line(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
        Array("\(number) \(digest(number, content)) ".utf8) + content + [UInt8(ascii: "\n")]
    }

    private static func digest(_ number: UInt64, _ content: [UInt8]) -> String {
        SHA256.hash(data: Array("\(number) ".utf8) + content).prefix(8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private struct Reading {
        var contents: [[UInt8]] = []
        var soundBytes = 0
        var last: UInt64 = 0
        var isNew = false
    }

    private static func read(_ path: String) throws(JournalError) -> Reading {
        let bytes = try Self.bytes(at: path)
        guard bytes.count >= header.count, bytes.starts(with: header) else {
            // Not even the first line was finished.
            guard header.starts(with: bytes) else { throw .foreign(path: path) }
            return Reading(isNew: true)
        }
        var reading = Reading(soundBytes: header.count)
        var lineNumber = 1
        var position = header.count
        var firstBad: Int?
        while position < bytes.count {
            lineNumber += 1
            let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n"))
            let line = bytes[position..<(end ?? bytes.count)]
            if end != nil, let (number, content) = parsed(line), firstBad != nil || number == reading.last + 1 {
                if let firstBad { throw .damaged(path: path, line: firstBad) }
                reading.last = number
                reading.contents.append(content)
                reading.soundBytes = position + line.count + 1
            } else if firstBad == nil {
                firstBad = lineNumber
            }
            position += line.count + 1
        }
        return reading
    }

    /// Nil unless the line is whole.
    private static func parsed(_ line: ArraySlice<UInt8>) -> (UInt64, [UInt8])? {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let number = UInt64(String(decoding: parts[0], as: UTF8.self)) else { return nil }
        let content = Array(parts[2])
        guard String(decoding: parts[1], as: UTF8.self) == digest(number, content) else { return nil }
        return (number, content)
    }

    // MARK: The disk

    private static func bytes(at path: String) throws(JournalError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0, errno == ENOENT { return [] }
        guard file >= 0 else { throw .last(at: path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last(at: path) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= longest else { throw .foreign(path: path) }
        }
    }

    private static func write(_ bytes: [UInt8], to file: Int32, path: String) throws(JournalError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last(at: path) }
            written += count
        }
        guard fsync(file) == 0 else { throw .last(at: path) }
    }

    private static func syncFolder(of path: String) throws(JournalError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let file = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw .last(at: folder) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw .last(at: folder) }
    }

    private static func lock(_ path: String) throws(JournalError) -> Int32 {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .last(at: path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            let failure = JournalError.last(at: path)
            close(file)
            throw isHeld ? .inUse(path: path) : failure
        }
        return file
    }
}

/// Why a VEN's memory cannot be read or written.
public enum JournalError: Error, Hashable, Sendable {
    case file(path: String, reason: String)
    /// Another process holds it.
    case inUse(path: String)
    /// The file is something else.
    case foreign(path: String)
    /// A line that was whole once is not any more, and others follow it.
    case damaged(path: String, line: Int)
    /// A line is whole and says nothing that this version understands.
    case unreadable(String)

    fileprivate static func last(at path: String) -> JournalError {
        .file(path: path, reason: String(cString: strerror(errno)))
    }
}

extension JournalError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)"
        case .inUse(let path): "another VEN works with this state (\(path))"
        case .foreign(let path): "\(path) is no journal of a VEN"
        case .damaged(let path, let line): "line \(line) of \(path) is damaged, though others follow it"
        case .unreadable(let reason): "the journal holds something that cannot be read: \(reason)"
        }
    }
}
