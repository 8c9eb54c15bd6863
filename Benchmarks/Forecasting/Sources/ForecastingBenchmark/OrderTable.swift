import Forecasting
import Foundation

/// What the order search chooses beside R's choice, at the same d and D, both by the AICc of the exact likelihood.
enum OrderTable {
    /// Steps per season of the series that have one.
    private static let periods = [
        "AirPassengers": 12, "USAccDeaths": 12, "ldeaths": 12, "wineind": 12, "co2": 12, "nottem": 12,
        "UKDriverDeaths": 12, "UKgas": 4, "JohnsonJohnson": 4, "austres": 4, "woolyrnq": 4, "presidents": 4,
        "vic_hourly_21d": 24, "isone_ca_hourly_14d": 24,
    ]

    /// Prints the table of `forecast/auto_select.csv`; true if at least 20 series have the same or a better AICc.
    static func print(_ folder: URL) throws -> Bool {
        Swift.print("| series | R's choice | exact AICc | ours | exact AICc | as good | CPU ms |")
        Swift.print("|---|---|---:|---|---:|---|---:|")
        var (asGood, count) = (0, 0)
        for fields in try LoadData.quotedRows(folder, "forecast/auto_select.csv") where fields.count > 3 {
            let (series, order, period) = try read(fields, folder)
            let rival = try ARIMA.fit(series, order: order)
            let search = OrderSearch(
                period: period, differences: order.differences,
                seasonalDifferences: order.seasonal.first?.differences ?? 0)
            let start = processorTime()
            let fit = try search.best(series).fit
            let time = processorTime() - start
            let isAsGood = fit.aicc <= rival.aicc + 1e-3
            count += 1
            asGood += isAsGood ? 1 : 0
            Swift.print(
                "| \(fields[0]) | \(order.short) | \(fixed(rival.aicc, 2)) | \(fit.order.short) | \(fixed(fit.aicc, 2)) |",
                "\(isAsGood ? "yes" : "no") | \(milliseconds(time)) |")
        }
        Swift.print("\n\(asGood) of \(count) as good or better")
        return asGood >= 20
    }

    /// The series of a row, R's order for it, and its period.
    private static func read(_ fields: [String], _ folder: URL) throws -> ([Double], ARIMAOrder, Int) {
        let name = fields[0]
        let file = name.replacingOccurrences(of: "_log10", with: "").replacingOccurrences(of: "_log", with: "")
        let raw = try LoadData.rows(folder, "forecast/series/\(file).csv").map { Double($0[1]) ?? .nan }
        let series =
            name.hasSuffix("_log10") ? raw.map { log10($0) } : name.hasSuffix("_log") ? raw.map { log($0) } : raw
        let period = periods[file] ?? 1
        let base = fields[1].split(separator: ",").compactMap { Int($0) }
        let season = fields[2].split(separator: ",").compactMap { Int($0) }
        guard base.count == 3, season.count >= 3 else { throw CocoaError(.fileReadCorruptFile) }
        let constant: ConstantTerm = fields[3] == "drift" ? .drift : fields[3] == "intercept" ? .mean : .none
        let factors = period > 1 ? [SeasonalOrder(season[0], season[1], season[2], period: period)] : []
        return (series, ARIMAOrder(base[0], base[1], base[2], seasonal: factors, constant: constant), period)
    }
}
