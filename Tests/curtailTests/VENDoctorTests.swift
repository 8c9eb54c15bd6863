import Foundation
import Measures
import OpenADR
import Testing

@testable import curtail

/// What `curtail ven doctor` finds.
@Suite struct VENDoctorTests {
    private static func examine(_ settings: VENSettings) async throws -> [String: VENDoctor.Finding] {
        let findings = try await VENDoctor(settings: settings, schemas: TestVTN.root + "/Schemas").examine()
        return Dictionary(findings.map { ($0.check, $0) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func `a VEN that is as it should be`() async throws {
        let vtn = try await TestVTN.start()
        let fingerprints = try vtn.credentials.fingerprints()
        let settings = try vtn.settings(
            "ven-1", ["vtn.id": "VTN_1", "vtn.fingerprints": "[\"\(fingerprints.rsa)\", \"\(fingerprints.ec)\"]"])
        let found = try await Self.examine(settings)
        #expect(found.values.allSatisfy { $0.verdict == .fine }, "\(found)")
        #expect(
            Set(found.keys) == [
                "certificate", "key", "network", "TLS", "suites", "fingerprint", "clock", "registration",
            ])
        #expect(found["registration"]?.says.contains("not registered yet") == true)
        // It asks, and changes nothing.
        #expect(vtn.received == ["oadrQueryRegistration"])
        await vtn.stop()
    }

    @Test func `what is wrong is named: VTN's id, fingerprint, expiry, refusal`() async throws {
        let vtn = try await TestVTN.start { payload in
            guard case .queryRegistration(let query) = payload else { return try TestVTN.plain(payload) }
            return .createdPartyRegistration(
                CreatedPartyRegistration(
                    response: EiResponse(
                        code: .notRegistered, description: "who are you", requestID: query.requestID), vtnID: "VTN_1"))
        }
        let other = "00:11:22:33:44:55:66:77:88:99"
        let soon = try await Self.examine(
            try vtn.settings("ven-1", validFor: .days(10), ["vtn.fingerprints": "[\"\(other)\"]"]))
        #expect(soon["certificate"]?.verdict == .warning)
        #expect(soon["fingerprint"]?.verdict == .wrong)
        #expect(soon["registration"]?.verdict == .wrong)
        #expect(soon["registration"]?.says.contains("463") == true)
        let pinned = try await Self.examine(
            try vtn.settings("ven-1", ["vtn.fingerprints": "[\"\(other)\"]", "vtn.verify": "fingerprint"]))
        #expect(pinned["TLS"]?.verdict == .wrong)
        #expect(pinned["TLS"]?.says.contains("another fingerprint") == true)
        let expired = try await Self.examine(try vtn.settings("ven-1", validFor: .seconds(-60)))
        #expect(expired["certificate"]?.verdict == .wrong)
        #expect(expired["registration"] == nil)
        await vtn.stop()
    }

    @Test func `a VTN that is not there, and a key that is not there`() async throws {
        let vtn = try await TestVTN.start()
        let gone = try await Self.examine(try vtn.settings("ven-1", ["vtn.url": "https://localhost:1"]))
        #expect(gone["network"]?.verdict == .wrong)
        #expect(gone["registration"] == nil)
        let settings = try vtn.settings()
        try FileManager.default.removeItem(atPath: settings.privateKey)
        let keyless = try await Self.examine(settings)
        #expect(keyless["key"]?.verdict == .wrong)
        #expect(keyless["network"] == nil)
        await vtn.stop()
    }
}
