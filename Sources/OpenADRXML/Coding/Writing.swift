internal import Measures
internal import OpenADR

extension XMLWriter {
    func leaf(_ name: String, _ id: some Identifier) { leaf(name, id.rawValue) }
    func leaf(_ name: String, _ flag: Bool) { leaf(name, flag ? "true" : "false") }
    func leaf(_ name: String, _ number: some FixedWidthInteger) { leaf(name, String(number)) }
    func leaf(_ name: String, _ instant: Instant) { leaf(name, instant.description) }

    func leaf(_ name: String, optional number: Double?) {
        if let number { leaf(name, number.xml) }
    }

    /// `xcal:dtstart`
    func start(_ instant: Instant?) {
        guard let instant else { return }
        element("xcal:dtstart") { leaf("xcal:date-time", instant) }
    }

    /// An element around an `xcal:duration`.
    func duration(_ name: String, _ span: TimeSpan?) {
        guard let span else { return }
        element(name) { leaf("xcal:duration", span.xml) }
    }
}

extension Double {
    /// As `xs:float` writes it.
    var xml: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-INF" : "INF" }
        return description
    }

    /// As `xs:decimal` writes it: without an exponent. What is not finite is zero.
    var xmlDecimal: String {
        guard isFinite else { return "0" }
        let parts = description.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return description }
        let mantissa = parts[0].drop { $0 == "-" }.split(separator: ".")
        let whole = String(mantissa[0])
        let fraction = mantissa.count > 1 && mantissa[1] != "0" ? String(mantissa[1]) : ""
        let digits = whole + fraction
        let point = whole.count + exponent
        let sign = self < 0 ? "-" : ""
        if point <= 0 { return "\(sign)0.\(String(repeating: "0", count: -point))\(digits)" }
        if point >= digits.count { return "\(sign)\(digits)\(String(repeating: "0", count: point - digits.count))" }
        return "\(sign)\(digits.prefix(point)).\(digits.dropFirst(point))"
    }
}
