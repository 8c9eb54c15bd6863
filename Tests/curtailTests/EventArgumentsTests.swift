import ArgumentParser
import Foundation
import OpenADR
import Testing

@testable import curtail

@Suite struct EventArgumentsTests {
    private func named(_ text: String?, _ more: [String] = []) throws -> [String] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("vens-\(UUID().uuidString)").path
        if let text { try text.write(toFile: path, atomically: true, encoding: .utf8) }
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try EventShape.parse(["--vens", path] + more).named().map(\.rawValue)
    }

    @Test func `a list of VENs is one id a line, after those that are named one by one`() throws {
        #expect(try named(" a \r\n\nb\n", ["--ven", "c"]) == ["c", "a", "b"])
        #expect(try EventShape.parse(["--ven", "c"]).named().map(\.rawValue) == ["c"])
    }

    @Test func `a list with nobody in it, or that is not there, is refused`() throws {
        #expect(throws: ValidationError.self) { try named("\n \n") }
        #expect(throws: CommandFailure.self) { try named(nil) }
    }
}
