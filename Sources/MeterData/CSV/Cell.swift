import Measures

/// Reads what a cell says, from its bytes.
enum Cell {
    /// Without spaces at both ends.
    static func trimmed(_ cell: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var cell = cell
        while let first = cell.first, first == 32 || first == 9 { cell = cell.dropFirst() }
        while let last = cell.last, last == 32 || last == 9 { cell = cell.dropLast() }
        return cell
    }

    /// What programs write where a meter gave no value.
    static func isMissing(_ cell: ArraySlice<UInt8>) -> Bool {
        guard !cell.isEmpty else { return true }
        guard cell.count <= 4, cell.first.map({ $0 | 0x20 }) == UInt8(ascii: "n") else { return false }
        return ["na", "n/a", "nan", "null"].contains(String(decoding: cell, as: UTF8.self).lowercased())
    }

    /// A finite decimal number; neither hexadecimal nor infinite nor grouped by thousands.
    static func decimal(_ cell: ArraySlice<UInt8>, decimalComma: Bool = false) -> Double? {
        let point = decimalComma ? UInt8(ascii: ",") : UInt8(ascii: ".")
        var digits = 0
        var decimals = 0
        var mantissa: UInt64 = 0
        var seenPoint = false
        let isNegative = cell.first == UInt8(ascii: "-")
        for byte in isNegative || cell.first == UInt8(ascii: "+") ? cell.dropFirst() : cell {
            if byte == point, !seenPoint {
                seenPoint = true
            } else if let digit = digit(byte), digits < 15 {
                mantissa = mantissa * 10 + UInt64(digit)
                digits += 1
                if seenPoint { decimals += 1 }
            } else {
                return slowDecimal(cell, point: point)
            }
        }
        guard digits > 0 else { return nil }
        // Both numbers are exact, so their quotient is the nearest double.
        let value = Double(mantissa) / powersOfTen[decimals]
        return isNegative ? -value : value
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// Many digits or an exponent.
    private static func slowDecimal(_ cell: ArraySlice<UInt8>, point: UInt8) -> Double? {
        let allowed = Set("+-0123456789eE".utf8).union([point])
        guard cell.count <= 40, cell.allSatisfy(allowed.contains) else { return nil }
        let text = String(decoding: cell.map { $0 == point ? UInt8(ascii: ".") : $0 }, as: UTF8.self)
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// A whole number of at most nine digits.
    static func integer(_ cell: some Collection<UInt8>) -> Int? {
        guard !cell.isEmpty, cell.count <= 9 else { return nil }
        var value = 0
        for byte in cell {
            guard let digit = digit(byte) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    static func digit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }

    /// `YYYY-MM-DD`
    static func day(_ cell: ArraySlice<UInt8>) -> CivilDay? {
        let base = cell.startIndex
        guard cell.count == 10, cell[base + 4] == UInt8(ascii: "-"), cell[base + 7] == UInt8(ascii: "-"),
            let year = integer(cell[base..<(base + 4)]), let month = integer(cell[(base + 5)..<(base + 7)]),
            let day = integer(cell[(base + 8)...]), (1_900...2_200).contains(year), (1...12).contains(month),
            (1...CivilDay.length(ofMonth: month, year: year)).contains(day)
        else { return nil }
        return CivilDay(year: year, month: month, day: day)
    }
}
