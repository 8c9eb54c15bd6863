/// Finds weekends in a series without a calendar.
enum DayKinds {
    /// The kind of each day and of the two weeks after: 1 for the two neighbouring days of the week that differ most
    /// from the others, if they explain at least a third of what days differ by; else all 0.
    static func infer(_ history: [Double], stepsPerDay: Int) -> [Int] {
        let days = history.count / stepsPerDay
        let all = [Int](repeating: 0, count: days + 14)
        guard days >= 14, stepsPerDay > 0 else { return all }
        let totals = (0..<days).map { day -> Double in
            let values = history[(day * stepsPerDay)..<((day + 1) * stepsPerDay)]
            // A day with gaps says little about its total.
            return values.reduce(0, +) / Double(stepsPerDay)
        }
        let trend = totals.indices.map { day -> Double in
            let start = min(max(day - 3, 0), days - 7)
            let week = totals[start..<(start + 7)].filter { !$0.isNaN }
            return week.isEmpty ? .nan : week.reduce(0, +) / Double(week.count)
        }
        let deviations = zip(totals, trend).map { $0 - $1 }
        let known = deviations.indices.filter { !deviations[$0].isNaN }
        let spread = known.reduce(0) { $0 + deviations[$1] * deviations[$1] }
        guard known.count >= 14, spread > 0 else { return all }
        var best = (gain: 0.0, start: 0)
        for start in 0..<7 {
            func isIn(_ day: Int) -> Bool { (day - start + 7) % 7 < 2 }
            var gain = 0.0
            for side in [true, false] {
                let members = known.filter { isIn($0) == side }.map { deviations[$0] }
                let sum = members.reduce(0, +)
                gain += members.isEmpty ? 0 : sum * sum / Double(members.count)
            }
            if gain > best.gain { best = (gain, start) }
        }
        guard best.gain > spread / 3 else { return all }
        return all.indices.map { ($0 - best.start + 7) % 7 < 2 ? 1 : 0 }
    }
}
