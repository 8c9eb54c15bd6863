import Forecasting
import Foundation
import Testing

/// Reads the shared oracles; the folder is named by the environment variable CURTAIL_SHARED.
enum SharedData {
    static let folder = ProcessInfo.processInfo.environment["CURTAIL_SHARED"].map {
        URL(fileURLWithPath: $0).appending(path: "data")
    }
    static var isPresent: Bool { folder != nil }

    static func text(_ path: String) throws -> String {
        let folder = try #require(folder)
        return try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }

    /// One column of a CSV file with a header; NA and empty fields are NaN.
    static func column(_ index: Int, of path: String) throws -> [Double] {
        try text(path).split(whereSeparator: \.isNewline).dropFirst().map { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            return Double(fields[index].trimmingCharacters(in: .whitespaces)) ?? .nan
        }
    }
}

/// One case of reference.json.
struct ReferenceCase: Decodable, Sendable {
    struct Probe: Decodable {
        var params: [String: Double]
        var loglik: Double
        var sigma2: Double
    }
    struct Exact: Decodable {
        struct Forecast: Decodable {
            var mean: [Double]
            var se: [Double]
        }
        var loglik: Double
        var sigma2: Double
        var coef: [String: Double]
        var aicc: Double
        var bic: Double
        var forecast: Forecast
    }
    var id: String
    var series: String
    var transform: String
    var order: [Int]
    var seasonal: [Int]
    var period: Int
    var const: String
    var xreg: String?
    var probe: Probe
    var exact: Exact

    static func all() throws -> [ReferenceCase] {
        struct Document: Decodable { var cases: [String: ReferenceCase] }
        // The file writes NaN for what a peer could not compute: not JSON, and not read here.
        let text = try SharedData.text("forecast/reference.json").replacingOccurrences(of: "NaN", with: "null")
        let data = Data(text.utf8)
        return try JSONDecoder().decode(Document.self, from: data).cases.values.sorted { $0.id < $1.id }
    }

    func values() throws -> [Double] {
        let raw = try SharedData.column(1, of: "forecast/series/\(series).csv")
        switch transform {
        case "log": return raw.map { log($0) }
        case "log10": return raw.map { log10($0) }
        default: return raw
        }
    }

    /// Regressor columns of the series and of the twelve steps after it.
    func regressors(count: Int) throws -> (past: [[Double]], future: [[Double]]) {
        guard let xreg else { return ([], []) }
        let column = try SharedData.column(1, of: "forecast/series/xreg_\(xreg).csv")
        return ([Array(column.prefix(count))], [Array(column.dropFirst(count))])
    }

    var modelOrder: ARIMAOrder {
        let factor = SeasonalOrder(seasonal[0], seasonal[1], seasonal[2], period: period)
        let constant: ConstantTerm = const == "mean" ? .mean : const == "drift" ? .drift : .none
        return ARIMAOrder(
            order[0], order[1], order[2], seasonal: seasonal == [0, 0, 0] ? [] : [factor], constant: constant)
    }

    func coefficients(_ named: [String: Double]) -> ARIMACoefficients {
        func pick(_ name: String, _ count: Int) -> [Double] {
            count == 0 ? [] : (1...count).map { named["\(name)\($0)"] ?? .nan }
        }
        let isSeasonal = seasonal != [0, 0, 0]
        return ARIMACoefficients(
            autoregressive: pick("ar", order[0]), movingAverage: pick("ma", order[2]),
            seasonalAutoregressive: isSeasonal ? [pick("sar", seasonal[0])] : [],
            seasonalMovingAverage: isSeasonal ? [pick("sma", seasonal[2])] : [])
    }
}
