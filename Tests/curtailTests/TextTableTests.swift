import Testing

@testable import curtail

@Suite struct TextTableTests {
    @Test func `words stand left, numbers right`() {
        var table = TextTable(["site", "kWh"], leftColumns: [0])
        table.add(["a", "1.0"])
        table.add(["long name", "12.5"])
        #expect(
            table.rendered() == """
                site        kWh
                ---------  ----
                a           1.0
                long name  12.5
                """)
    }

    @Test(arguments: [
        (0.0, 1, "0.0"), (-0.04, 1, "0.0"), (-0.06, 1, "-0.1"), (1234.565, 2, "1234.57"), (0.05, 2, "0.05"),
        (7.5, 0, "8"), (-12.345, 1, "-12.3"),
    ])
    func `a number has the decimals it was given`(value: Double, decimals: Int, text: String) {
        #expect(value.fixed(decimals) == text)
    }
}
