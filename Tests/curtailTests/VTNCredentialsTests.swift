import Credentials
import Foundation
import Measures
import Testing

@testable import curtail

@Suite struct VTNCredentialsTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("curtail-\(UUID().uuidString)")
        .path
    private let now = Instant(year: 2026, month: 7, day: 1)

    private func fingerprints(names: [String]?, _ now: Instant) throws -> VTNFingerprints {
        try VTNCredentials(path: folder, hostNames: names, now: now).fingerprints()
    }

    @Test func `certificates stay as long as they fit`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try fingerprints(names: ["vtn.example", "10.0.0.1"], now)
        #expect(try fingerprints(names: nil, now) == first)
        #expect(try fingerprints(names: ["10.0.0.1", "VTN.example"], now) == first)
        #expect(try fingerprints(names: nil, now + .days(366)) == first)
    }

    @Test func `certificates are renewed thirty days before their end, with their names`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try fingerprints(names: ["vtn.example"], now)
        let renewed = try fingerprints(names: nil, now + .days(368))
        #expect(renewed.rsa != first.rsa)
        #expect(renewed.ec != first.ec)
        let summary = try #require(try VTNCredentials.certificates(in: folder).last?.summary)
        #expect(summary.hostNames == ["vtn.example"])
        #expect(summary.notAfter == now + .days(368 + 397))
    }

    @Test func `other host names make other certificates`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try fingerprints(names: nil, now)
        #expect(try VTNCredentials.certificates(in: folder).last?.summary.hostNames == ["localhost", "127.0.0.1"])
        #expect(try fingerprints(names: ["vtn.example"], now) != first)
    }

    @Test func `certificates of another authority are replaced`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try fingerprints(names: nil, now)
        for file in ["ca.crt", "ca.key"] { try FileManager.default.removeItem(atPath: "\(folder)/\(file)") }
        #expect(try fingerprints(names: nil, now) != first)
    }
}
