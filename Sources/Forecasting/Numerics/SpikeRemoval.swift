/// Removes isolated spikes that a meter or a line made, and nothing that a load could do.
public enum SpikeRemoval {
    /// How many times the usual distance makes a spike.
    static let factor = 12.0

    /// The series with spikes as missing values, and how many there were.
    ///
    /// A value is a spike if it is far from all of its like: its neighbours and the values one day and one week before
    /// and after. Far means `factor` times the distance that only a twentieth of the values exceed. A step, a ramp, an
    /// unusual day or hour has neighbours like itself and stays.
    public static func clean(_ series: [Double], stepsPerDay: Int) -> (values: [Double], removed: Int) {
        guard stepsPerDay > 0, series.count >= 2 * stepsPerDay else { return (series, 0) }
        let lags = [1, stepsPerDay, 7 * stepsPerDay]
        let distances = series.indices.map { index -> Double in
            var nearest = Double.infinity
            for lag in lags {
                for place in [index - lag, index + lag] where series.indices.contains(place) {
                    let distance = (series[index] - series[place]).magnitude
                    if distance < nearest { nearest = distance }
                }
            }
            return series[index].isNaN ? .nan : nearest
        }
        let usual = distances.filter { $0.isFinite }.sorted()
        guard usual.count >= 20 else { return (series, 0) }
        let limit = factor * usual[usual.count * 19 / 20]
        // A series without noise has no usual distance: nothing is removed.
        guard limit > 0 else { return (series, 0) }
        var values = series
        var removed = 0
        for index in values.indices where distances[index].isFinite && distances[index] > limit {
            values[index] = .nan
            removed += 1
        }
        return (values, removed)
    }
}
