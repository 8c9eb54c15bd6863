/// An element of a drawing, written as text.
struct SVGElement {
    private enum Child {
        case element(SVGElement)
        case text(String)
    }

    private let name: String
    private var attributes: [(name: String, value: String)]
    private var children: [Child] = []

    init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) {
        self.name = name
        self.attributes = attributes.map { ($0.key, $0.value) }
    }

    /// An element around a text.
    init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String) {
        self.init(name, attributes)
        children = [.text(text)]
    }

    /// Adds an attribute.
    mutating func set(_ name: String, _ value: String) { attributes.append((name, value)) }

    mutating func add(_ element: SVGElement) { children.append(.element(element)) }

    /// The element as text, without an XML declaration, so that HTML may hold it.
    var markup: String {
        var text = ""
        write(into: &text, depth: 0)
        return text
    }

    private func write(into text: inout String, depth: Int) {
        text += String(repeating: " ", count: depth) + "<\(name)"
        for (name, value) in attributes { text += " \(name)=\"\(Self.escape(value))\"" }
        guard !children.isEmpty else {
            text += "/>\n"
            return
        }
        text += ">"
        var isBroken = false
        for child in children {
            switch child {
            case .text(let value): text += Self.escape(value)
            case .element(let element):
                if !isBroken { text += "\n" }
                isBroken = true
                element.write(into: &text, depth: depth + 1)
            }
        }
        text += (isBroken ? String(repeating: " ", count: depth) : "") + "</\(name)>\n"
    }

    /// Text and attribute values that mean themselves; characters that XML 1.0 forbids are dropped.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result += " "
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A coordinate with at most two decimals.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let hundredths = Int((min(max(value, -1e9), 1e9) * 100).rounded())
        let (whole, rest) = (hundredths.magnitude / 100, hundredths.magnitude % 100)
        let sign = hundredths < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
