import DemandResponse
import Foundation
import SiteScheduling

/// Files that people give to commands, and get from them.
enum InputFile {
    /// Reads a JSON file.
    ///
    /// - Parameter what: what it should be, for the refusal.
    static func decode<Value: Decodable>(_ type: Value.Type, from path: String, what: String) throws -> Value {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("There is no file \(path).", hint: "check the path of the \(what)", status: .notFound)
        }
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DispatchProblemError {
            throw CommandFailure(
                "The \(what) \(path) makes no sense: \(error).", hint: "Documentation/optimizer.md has the fields",
                status: .refused)
        } catch let error as SiteError {
            throw CommandFailure(
                "The \(what) \(path) makes no sense: \(error.sentence).",
                hint: "Documentation/optimizer.md has the fields", status: .refused)
        } catch let error as DecodingError {
            throw CommandFailure(
                "\(path) is no \(what): \(sentence(error)).", hint: "Documentation/optimizer.md has the fields",
                status: .refused)
        }
    }

    /// Writes a file; an existing one is replaced.
    static func write(_ text: String, to path: String, flag: String) throws {
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure(
                "\(path) cannot be written: \(error.localizedDescription)", hint: "choose another place with \(flag)")
        }
    }

    private static func sentence(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
            let keys = context.codingPath + (key.map { [$0] } ?? [])
            return keys.reduce("") { text, key in
                key.intValue.map { "\(text)[\($0)]" } ?? (text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)")
            }
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context, key)) is missing"
        case .valueNotFound(_, let context): return "\(place(context)) is empty"
        case .typeMismatch(_, let context): return "\(place(context)) is of another type: \(context.debugDescription)"
        case .dataCorrupted(let context):
            let at = place(context)
            return at.isEmpty ? "it is not JSON" : "\(at) \(context.debugDescription)"
        @unknown default: return "it cannot be read"
        }
    }
}

extension SiteError {
    /// For people.
    var sentence: String {
        switch self {
        case .battery:
            "a battery's floor, start and capacity are not in order, or an efficiency is not above 0 and at most 1"
        case .lengths: "the series are empty or of different lengths"
        case .numbers: "a number is not finite, or negative where that makes no sense"
        case .steps: "a load or an outage lies outside of the steps"
        case .zones: "the zones' shares add up to more than the whole load"
        }
    }
}
