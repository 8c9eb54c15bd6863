import ArgumentParser
import Measures

/// A length of time as people write it: `90s`, `10m`, `1h30m`, `2d`; a bare `0`.
struct SpanArgument: ExpressibleByArgument, Hashable {
    let span: TimeSpan

    init(_ span: TimeSpan) {
        self.span = span
    }

    /// Nil for anything else, for a unit that occurs twice or out of order, and for more than ten years.
    init?(argument: String) {
        guard argument != "0" else {
            self.init(.zero)
            return
        }
        let units: [(name: Character, seconds: Int64)] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]
        var left = units[...]
        var total: Int64 = 0
        var digits = ""
        for character in argument {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard digits.count <= 9, let number = Int64(digits),
                let unit = left.firstIndex(where: { $0.name == character })
            else { return nil }
            total += number * units[unit].seconds
            left = left[(unit + 1)...]
            digits = ""
        }
        guard digits.isEmpty, left.count < units.count, total <= 3_650 * 86_400 else { return nil }
        self.init(TimeSpan(seconds: total))
    }

    var defaultValueDescription: String { description }
}

extension SpanArgument: CustomStringConvertible {
    var description: String {
        var rest = span.seconds
        var text = ""
        for (name, seconds) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60), ("s", 1)] where rest >= seconds {
            text += "\(rest / seconds)\(name)"
            rest %= seconds
        }
        return text.isEmpty ? "0" : text
    }
}
