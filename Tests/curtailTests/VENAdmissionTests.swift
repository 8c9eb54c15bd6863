import Testing

@testable import curtail

@Suite struct VENAdmissionTests {
    @Test(arguments: ["a", "plant-7", "A.b_c", "0", String(repeating: "x", count: 64)])
    func `a plain name is a name`(text: String) {
        #expect(VENAdmission.isName(text))
    }

    @Test(arguments: ["", ".", "..", ".a", "-a", "_a", "a/b", "a b", "ä", "a\n", String(repeating: "x", count: 65)])
    func `what is unsafe as a folder, id or option is none`(text: String) {
        #expect(!VENAdmission.isName(text))
    }
}
