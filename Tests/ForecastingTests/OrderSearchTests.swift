import Forecasting
import Foundation
import Testing

struct OrderSearchTests {
    /// A simulated (1,0,0)(0,1,1)12 of twelve years.
    static let simulated: [Double] = {
        var random = SplitMix(state: 21)
        var (errors, values, level): ([Double], [Double], Double) = ([], [], 0)
        for index in 0..<156 {
            errors.append(random.normal())
            let shock = errors[index] - 0.6 * (index >= 12 ? errors[index - 12] : 0)
            level = 0.7 * level + shock
            values.append((index >= 12 ? values[index - 12] : Double(index * 3 % 7) * 4) + level)
        }
        return values
    }()

    @Test func `a seasonal series is differenced by its season, a walk once, noise never`() {
        var random = SplitMix(state: 5)
        let noise = (0..<200).map { _ in random.normal() }
        var sum = 0.0
        let walk = noise.map { value in
            sum += value
            return sum
        }
        #expect(SeriesTests.differences(noise) == 0)
        #expect(SeriesTests.differences(walk) == 1)
        #expect(SeriesTests.seasonalDifferences(noise, period: 12) == 0)
        #expect(SeriesTests.seasonalDifferences(Self.simulated, period: 12) == 1)
        #expect(SeriesTests.kpss([1, 1, 1, 1, 1, 1, 1, 1, 1]) == nil)
    }

    @Test func `the KPSS statistic is that of its definition`() throws {
        // n = 16: trunc(3 * 4 / 13) = 0 lags, so the statistic is sum S^2 / (n^2 variance).
        let values = (0..<16).map { Double($0 * $0 % 7) }
        let mean = values.reduce(0, +) / 16
        var (level, squares, variance) = (0.0, 0.0, 0.0)
        for value in values {
            level += value - mean
            squares += level * level
            variance += (value - mean) * (value - mean) / 16
        }
        #expect((try #require(SeriesTests.kpss(values)) - squares / 256 / variance).magnitude < 1e-12)
    }

    @Test func `the search finds a model at least as good as the one that made the series`() throws {
        let result = try OrderSearch(period: 12).best(Self.simulated)
        let truth = ARIMAOrder(1, 0, 0, seasonal: [SeasonalOrder(0, 1, 1, period: 12)])
        #expect(result.fit.order.seasonal.first?.differences == 1)
        #expect(result.fit.aicc <= (try ARIMA.fit(Self.simulated, order: truth)).aicc + 1e-6)
        #expect(result.tried.count <= 94)
        #expect(result.tried.first?.order == result.fit.order)
    }

    @Test func `a constant or short series is refused with a reason`() {
        #expect(throws: ARIMAError.self) { try OrderSearch(period: 12).best([Double](repeating: 3, count: 60)) }
        #expect(throws: ARIMAError.self) { try OrderSearch(period: 12).best([1, 2]) }
    }

    @Test(.enabled(if: SharedData.isPresent))
    func `the search is as good as R's on at least 20 of its 22 series at equal differences`() throws {
        var (asGood, count) = (0, 0)
        for line in try SharedData.text("forecast/auto_select.csv").split(whereSeparator: \.isNewline).dropFirst() {
            let row = SelectionRow(String(line))
            let values = try row.values()
            let reference = try ARIMA.fit(values, order: row.order)
            let search = OrderSearch(
                period: row.period, differences: row.order.differences,
                seasonalDifferences: row.order.seasonal.first?.differences ?? 0)
            let found = try search.best(values).fit
            count += 1
            let isAsGood = found.aicc <= reference.aicc + 1e-3
            if isAsGood { asGood += 1 }
        }
        #expect(count == 22)
        #expect(asGood >= 20)
    }
}

/// A row of auto_select.csv: R's choice.
struct SelectionRow {
    let name: String
    let order: ARIMAOrder
    let period: Int

    init(_ line: String) {
        var fields: [String] = []
        var (field, isQuoted) = ("", false)
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                fields.append(field)
                field = ""
            default: field.append(character)
            }
        }
        fields.append(field)
        let periods = [
            "AirPassengers": 12, "USAccDeaths": 12, "ldeaths": 12, "wineind": 12, "co2": 12, "nottem": 12, "gas": 12,
            "UKDriverDeaths": 12, "UKgas": 4, "JohnsonJohnson": 4, "austres": 4, "woolyrnq": 4, "presidents": 4,
            "vic_hourly_21d": 24, "isone_ca_hourly_14d": 24,
        ]
        name = fields[0]
        let series = name.replacingOccurrences(of: "_log10", with: "").replacingOccurrences(of: "_log", with: "")
        period = periods[series] ?? 1
        let parts = fields[1].split(separator: ",").compactMap { Int($0) }
        let seasonal = fields[2].split(separator: ",").compactMap { Int($0) }
        let constant: ConstantTerm = fields[3] == "drift" ? .drift : fields[3] == "intercept" ? .mean : .none
        order = ARIMAOrder(
            parts[0], parts[1], parts[2],
            seasonal: period > 1 ? [SeasonalOrder(seasonal[0], seasonal[1], seasonal[2], period: period)] : [],
            constant: constant)
    }

    func values() throws -> [Double] {
        let file = name.replacingOccurrences(of: "_log10", with: "").replacingOccurrences(of: "_log", with: "")
        let raw = try SharedData.column(1, of: "forecast/series/\(file).csv")
        if name.hasSuffix("_log10") { return raw.map { log10($0) } }
        return name.hasSuffix("_log") ? raw.map { log($0) } : raw
    }
}
