import Measures
import OpenADR

/// Turns the energy in a Green Button feed into measurements of the data points that were asked for.
///
/// A feed names its meter readings itself. One belongs to a data point when its title or the last part of its address is the
/// rID; and when a single data point was asked for, the only reading does, or the only two when one of them is what flowed
/// to the grid: their sum is the usage, net.
struct GreenButtonIntake {
    let ven: VENID
    let offer: ReportOffer
    let request: ReportRequestRecord
    let report: DataReport
    let now: Instant

    func measurements(_ feed: GreenButtonFeed) throws(Refusal) -> [Measurement] {
        let series = feed.series.filter { !$0.isRegister }
        guard !series.isEmpty else {
            throw Refusal(code: .invalidData, explanation: "a Green Button feed without energy of intervals")
        }
        var measurements: [Measurement] = []
        for rID in request.dataPoints {
            let own = try Self.series(of: rID, among: series, in: request)
            for value in net(own) { measurements.append(try measurement(value, rID)) }
        }
        guard !measurements.isEmpty else { throw .unknown("rID") }
        return measurements
    }

    private static func series(
        of rID: RID, among series: [GreenButtonSeries], in request: ReportRequestRecord
    ) throws(Refusal) -> [GreenButtonSeries] {
        let named = series.filter { series in
            series.name == rID.rawValue || series.address.split(separator: "/").last.map(String.init) == rID.rawValue
        }
        guard named.isEmpty, request.dataPoints.count == 1 else { return named }
        guard series.count == 1 || (series.count == 2 && series[0].isReverse != series[1].isReverse) else {
            throw .unknown("rID")
        }
        return series
    }

    /// Values of one time added up; the worse quality counts.
    private func net(_ series: [GreenButtonSeries]) -> [GreenButtonSeries.Value] {
        guard let first = series.first, series.count > 1 else { return series.first?.values ?? [] }
        var sums = Dictionary(uniqueKeysWithValues: first.values.map { ($0.reading.start, $0) })
        for value in series.dropFirst().flatMap(\.values) {
            guard let other = sums[value.reading.start] else {
                sums[value.reading.start] = value
                continue
            }
            sums[value.reading.start] = GreenButtonSeries.Value(
                reading: IntervalReading(
                    start: other.reading.start, duration: other.reading.duration,
                    energy: (other.reading.energy ?? .zero) + (value.reading.energy ?? .zero)),
                quality: [other.quality, value.quality].compactMap(\.self).max { $0.rawValue < $1.rawValue })
        }
        return sums.values.sorted { $0.reading.start < $1.reading.start }
    }

    private func measurement(_ value: GreenButtonSeries.Value, _ rID: RID) throws(Refusal) -> Measurement {
        let reading = value.reading
        guard reading.start.isStorable, let energy = reading.energy, energy.value.isFinite,
            energy.value.magnitude <= ReportIntake.largest
        else { throw .outOfRange }
        let quality: Measurement.Quality =
            value.quality == .questionable ? .bad : value.quality?.isEstimated == true ? .estimated : .ok
        return Measurement(
            venID: ven, specifierID: report.specifierID, rID: rID,
            resource: offer.dataPoints.first { $0.rID == rID }?.resource, start: reading.start,
            duration: reading.duration, value: .energy(energy), quality: quality,
            reportedAt: report.createdDateTime, receivedAt: now)
    }
}
