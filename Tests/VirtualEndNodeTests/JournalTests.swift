import Foundation
import Testing
import VirtualEndNode

/// The file under a VEN's memory: whatever a kill or a disk does to it, it never says anything that was not written.
@Suite struct JournalTests {
    private let folder = Scratch()
    private var path: String { "\(folder.path)/a.journal" }

    private func open(_ replay: ([UInt8]) throws -> Void = { _ in }) throws -> Journal {
        try Journal(path: path, replay: replay)
    }

    private func texts() throws -> [String] {
        try Journal.contents(at: path).map { String(decoding: $0, as: UTF8.self) }
    }

    private func written(_ lines: [String]) throws -> [UInt8] {
        let journal = try open()
        for line in lines { try journal.append(Array(line.utf8)) }
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    private static let lines = ["{\"a\":1}", "[]", "some words with blanks", ""]

    @Test func `what was added comes back, and more can be added`() throws {
        _ = try written(Self.lines)
        var replayed: [String] = []
        let journal = try open { replayed.append(String(decoding: $0, as: UTF8.self)) }
        #expect(replayed == Self.lines)
        try journal.append(Array("last".utf8))
        #expect(try texts() == Self.lines + ["last"])
    }

    @Test func `a file that ends at any byte holds the lines that were whole, and goes on after them`() throws {
        let bytes = try written(Self.lines)
        for length in 0...bytes.count {
            try Data(bytes.prefix(length)).write(to: URL(filePath: path))
            var replayed: [String] = []
            do {
                let journal = try open { replayed.append(String(decoding: $0, as: UTF8.self)) }
                try journal.append(Array("next".utf8))
            }
            let whole = max(0, bytes.prefix(length).count { $0 == UInt8(ascii: "\n") } - 1)
            #expect(replayed == Array(Self.lines.prefix(whole)))
            #expect(try texts() == replayed + ["next"])
        }
    }

    @Test func `a tail of zeros, as a file system may leave it, is cut off`() throws {
        let bytes = try written(Self.lines)
        try Data(bytes + [UInt8](repeating: 0, count: 5_000)).write(to: URL(filePath: path))
        let journal = try open()
        #expect(journal.size == bytes.count)
        #expect(try texts() == Self.lines)
    }

    @Test func `a changed byte before the last line is damage, and in the last line a tail`() throws {
        let bytes = try written(Self.lines)
        let header = try #require(bytes.firstIndex(of: UInt8(ascii: "\n"))) + 1
        let lastLine = try #require(bytes.dropLast().lastIndex(of: UInt8(ascii: "\n"))) + 1
        for position in bytes.indices where bytes[position] != UInt8(ascii: "\n") {
            var changed = bytes
            changed[position] ^= 0x01
            try Data(changed).write(to: URL(filePath: path))
            if position < header {
                #expect(throws: JournalError.foreign(path: path)) { _ = try open() }
            } else if position < lastLine {
                #expect(throws: JournalError.self) { _ = try open() }
            } else {
                _ = try open()
                #expect(try texts() == Self.lines.dropLast())
            }
        }
    }

    @Test func `a snapshot takes the place of all lines`() throws {
        let journal = try open()
        for line in Self.lines { try journal.append(Array(line.utf8)) }
        try journal.replace(with: [Array("snapshot".utf8)])
        try journal.append(Array("after".utf8))
        #expect(try texts() == ["snapshot", "after"])
        #expect(journal.size == (try Data(contentsOf: URL(filePath: path))).count)
    }

    @Test func `what a killed snapshot left is no harm`() throws {
        _ = try written(Self.lines)
        try Data("half a snap".utf8).write(to: URL(filePath: "\(path).new"))
        _ = try open()
        #expect(try texts() == Self.lines)
        #expect(!FileManager.default.fileExists(atPath: "\(path).new"))
    }

    @Test func `a second process is kept out, a reader is not`() throws {
        let journal = try open()
        try journal.append(Array("mine".utf8))
        #expect(throws: JournalError.inUse(path: "\(path).lock")) { _ = try open() }
        #expect(try texts() == ["mine"])
    }

    @Test func `a file that is something else is refused and left alone`() throws {
        let text = "venID: plant-7\n"
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(throws: JournalError.foreign(path: path)) { _ = try open() }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test func `a folder that is not there has its reason`() {
        #expect(throws: JournalError.self) { _ = try Journal(path: "\(folder.path)/no/a.journal") { _ in } }
    }
}

/// A folder for one test.
final class Scratch: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "curtail-ven-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
