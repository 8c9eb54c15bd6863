import Testing
import VirtualTopNode

@Suite struct CertificateDigestTests {
    @Test func `the fingerprint is the last ten bytes in pairs`() throws {
        let digest = try #require(CertificateDigest(bytes: (0..<32).map { UInt8($0) * 8 }))
        #expect(digest.fingerprint == "B0:B8:C0:C8:D0:D8:E0:E8:F0:F8")
        #expect(digest.fingerprint.count == 29)
        #expect(CertificateDigest(hexadecimal: digest.hexadecimal.uppercased()) == digest)
    }

    @Test(arguments: ["", "00", String(repeating: "0g", count: 32), String(repeating: "00", count: 33)])
    func `anything but 32 bytes is no digest`(text: String) {
        #expect(CertificateDigest(hexadecimal: text) == nil)
    }
}
