import Foundation
import Testing

@Suite struct DocumentationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func `the example of the documentation is the one that is compiled`() throws {
        let file = try String(
            contentsOf: Self.root.appending(path: "Tests/VirtualEndNodeTests/LibraryExample.swift"), encoding: .utf8)
        let page = try String(contentsOf: Self.root.appending(path: "Documentation/ven.md"), encoding: .utf8)
        let parts = file.components(separatedBy: "// example\n")
        try #require(parts.count == 3)
        #expect(page.contains("```swift\n\(parts[1])```"))
    }
}
