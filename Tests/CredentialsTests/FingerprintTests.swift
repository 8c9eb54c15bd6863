import Testing

@testable import Credentials

@Suite struct FingerprintTests {
    @Test func `The fingerprint is the tail of the SHA-256, in upper-case pairs`() {
        // SHA-256("abc") ends in ...b410ff61f20015ad (FIPS 180-2, appendix B.1).
        #expect("\(Fingerprint(certificateDER: Array("abc".utf8)))" == "7A:9C:B4:10:FF:61:F2:00:15:AD")
    }

    @Test(arguments: [
        "00:11:22:33:44:55:66:77:88:AB", "001122334455667788ab", " 00:11:22 33 44 55:66:77:88:aB\n",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001122334455667788AB",
    ])
    func `People may write it in several ways`(text: String) {
        #expect(Fingerprint(text)?.description == "00:11:22:33:44:55:66:77:88:AB")
    }

    @Test(arguments: ["", "00", "00:11:22:33:44:55:66:77:88:GB", "00:11:22:33:44:55:66:77:88", "٠٠112233445566778899"])
    func `Anything else is none`(text: String) {
        #expect(Fingerprint(text) == nil)
    }
}
