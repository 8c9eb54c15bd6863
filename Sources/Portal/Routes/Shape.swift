import Accounts
import Measures

/// What JSON may stand at a place: it reads what programs send, and describes it in openapi.json.
indirect enum Shape: Hashable, Sendable {
    /// So many characters, without control characters.
    case text(ClosedRange<Int>)
    case email
    /// `2026-07-15T17:00:00Z`
    case instant
    case integer(ClosedRange<Int64>)
    /// Finite.
    case number(ClosedRange<Double>)
    case boolean
    case word([String])
    case list(Shape, ClosedRange<Int>)
    case object([Field])
    case orNull(Shape)
    /// Anything, such as figures of a rule that others define.
    case any
    /// One of the document's named schemas.
    case named(String)

    static let number: Shape = .number(-1e15...1e15)
    static let integer: Shape = .integer(Int64.min...Int64.max)
    static let text: Shape = .text(0...100_000)

    /// A member of an object.
    struct Field: Hashable, Sendable {
        let name: String
        let shape: Shape
        let about: String
        var isRequired = true
    }

    // MARK: Description

    /// As JSON Schema (2020-12) says it.
    var schema: JSONValue {
        switch self {
        case .text(let range):
            [
                "type": "string", "minLength": .integer(Int64(range.lowerBound)),
                "maxLength": .integer(Int64(range.upperBound)),
            ]
        case .email: ["type": "string", "format": "email", "maxLength": .integer(190)]
        case .instant:
            [
                "type": "string", "format": "date-time",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
            ]
        case .integer(let range):
            range == Int64.min...Int64.max
                ? ["type": "integer"]
                : ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .number(let range):
            range == -1e15...1e15
                ? ["type": "number"]
                : ["type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
        case .boolean: ["type": "boolean"]
        case .word(let words): ["type": "string", "enum": .array(words.map { .text($0) })]
        case .list(let item, let range):
            [
                "type": "array", "items": item.schema, "minItems": .integer(Int64(range.lowerBound)),
                "maxItems": .integer(Int64(range.upperBound)),
            ]
        case .object(let fields): Self.object(fields)
        case .orNull(let shape): ["anyOf": [shape.schema, ["type": "null"]]]
        case .any: [:]
        case .named(let name): ["$ref": .text("#/components/schemas/\(name)")]
        }
    }

    private static func object(_ fields: [Field]) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for field in fields {
            guard case .object(var schema) = field.shape.schema else { continue }
            // A reference stands alone before OpenAPI 3.1; here both may stand side by side.
            schema["description"] = .text(field.about)
            properties[field.name] = .object(schema)
        }
        let required = fields.filter(\.isRequired).map { JSONValue.text($0.name) }
        return [
            "type": "object", "properties": .object(properties), "required": .array(required),
            "additionalProperties": .boolean(false),
        ]
    }

    // MARK: Reading

    /// What is wrong with a value; nil when it fits.
    func objection(to value: JSONValue) -> String? {
        switch (self, value) {
        case (.orNull, .null): return nil
        case (.orNull(let shape), _): return shape.objection(to: value)
        case (.any, _), (.named, _): return nil
        case (.text(let range), .text(let text)):
            guard range.contains(text.unicodeScalars.count) else {
                return "has to have \(range.lowerBound) to \(range.upperBound) characters"
            }
            let isClean = text.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" || $0 == "\t"
            }
            return isClean ? nil : "has control characters"
        case (.email, .text(let text)):
            return EmailAddress(text) != nil ? nil : "has to be an address like name@example.com"
        case (.instant, .text(let text)):
            return Instant(told: text) == nil
                ? "has to be a time in UTC like 2026-07-15T17:00:00Z, from 1970 to 2200" : nil
        case (.integer(let range), .integer(let number)):
            return range.contains(number) ? nil : "has to be from \(range.lowerBound) to \(range.upperBound)"
        case (.integer, .number(let number)) where number == number.rounded() && number.magnitude < 9e15:
            return objection(to: .integer(Int64(number)))
        case (.number(let range), .integer(let number)):
            return range.contains(Double(number)) ? nil : "has to be from \(range.lowerBound) to \(range.upperBound)"
        case (.number(let range), .number(let number)):
            return number.isFinite && range.contains(number)
                ? nil : "has to be from \(range.lowerBound) to \(range.upperBound)"
        case (.boolean, .boolean): return nil
        case (.word(let words), .text(let text)):
            return words.contains(text) ? nil : "has to be one of \(words.joined(separator: ", "))"
        case (.list(let item, let range), .array(let values)):
            guard range.contains(values.count) else {
                return "has to have \(range.lowerBound) to \(range.upperBound) items"
            }
            return values.lazy.compactMap { item.objection(to: $0) }.first.map { "has an item that \($0)" }
        case (.object(let fields), .object(let members)):
            let errors = Self.objections(to: members, fields)
            return errors.first.map { "has a member '\($0.key)' that \($0.value)" }
        default: return "has the wrong type"
        }
    }

    /// What is wrong with the members of an object, by name; those that nobody asked for too.
    static func objections(to members: [String: JSONValue], _ fields: [Field]) -> [String: String] {
        var errors: [String: String] = [:]
        for field in fields {
            if let value = members[field.name] {
                errors[field.name] = field.shape.objection(to: value)
            } else if field.isRequired {
                errors[field.name] = "is missing"
            }
        }
        let known = Set(fields.map(\.name))
        for name in members.keys where !known.contains(name) { errors[name] = "is not known here" }
        return errors
    }
}
