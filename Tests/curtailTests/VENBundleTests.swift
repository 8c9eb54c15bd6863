import Credentials
import Foundation
import Measures
import OpenADR
import Testing

@testable import curtail

@Suite struct VENBundleTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("curtail-\(UUID().uuidString)")
        .path
    private let now = Instant(year: 2026, month: 7, day: 1)
    private let settings = VENBundle.Settings(
        venID: "plant-7", vtnURL: "https://localhost:8443", vtnID: "VTN_1",
        vtnFingerprints: VTNFingerprints(
            rsa: "00:11:22:33:44:55:66:77:88:99", ec: "AA:BB:CC:DD:EE:FF:00:11:22:33"), pollSeconds: 10)

    private func write() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let vtn = try VTNCredentials(path: "\(folder)/credentials", now: now)
        try VENBundle.write(
            settings, identity: try vtn.makeClient("plant-7", keyType: .p256, now: now),
            authorityPEM: vtn.authority.certificatePEM, to: "\(folder)/plant-7")
    }

    @Test func `a bundle reads back, and its key is for its owner only`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write()
        let bundle = try VENBundle(folder: "\(folder)/plant-7")
        let read = try bundle.settings()
        #expect(read.venID == "plant-7")
        #expect(read.vtnURL == "https://localhost:8443")
        #expect(read.vtnID == "VTN_1")
        #expect(read.fingerprints == settings.fingerprints)
        #expect(read.poll == .seconds(10))
        _ = try read.identity
        _ = try read.trustRoots
        let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/plant-7/ven.key")[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let summary = try CertificateSummary(file: "\(folder)/plant-7/ven.crt")
        #expect(summary.commonName == "plant-7")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/credentials/plant-7.key"))
    }

    @Test(arguments: ["{", "[]", "venID: ''", "venID: [a]", "nonsense: 1"])
    func `damaged settings are refused with their place`(text: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write()
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/plant-7/ven.yaml"))
        let failure = #expect(throws: CommandFailure.self) { try VENBundle(folder: "\(folder)/plant-7").settings() }
        #expect(failure?.message.contains("ven.yaml line ") == true)
    }

    @Test func `a bundle of the first version is read`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write()
        let files = FileManager.default
        try files.removeItem(atPath: "\(folder)/plant-7/ven.yaml")
        let old = URL(fileURLWithPath: "\(folder)/plant-7/ven.json")
        try JSONEncoder().encode(settings).write(to: old)
        #expect(try VENBundle(folder: "\(folder)/plant-7").settings().venID == "plant-7")
        for text in ["", "{", "[]", #"{"venID":1}"#] {
            try Data(text.utf8).write(to: old)
            #expect(throws: CommandFailure.self) { try VENBundle(folder: "\(folder)/plant-7") }
        }
    }

    @Test func `a folder without a bundle is not found`() {
        let failure = #expect(throws: CommandFailure.self) { try VENBundle(folder: "\(folder)/nowhere") }
        #expect(failure?.status == .notFound)
    }
}
