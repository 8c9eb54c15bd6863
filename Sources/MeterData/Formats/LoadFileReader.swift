import Measures

/// Turns the records of one file into series, as its header tells it to.
struct LoadFileReader {
    /// What a file held.
    enum Contents {
        case series([LoadSeries])
        /// Windows in local time, for the series of the same source.
        case windows([(start: TimeStamp, end: TimeStamp)])
    }

    private struct Source {
        let name: String
        let unit: LoadUnit
        var builder = SeriesBuilder()
    }

    private let file: String
    private let options: LoadOptions
    private let decimalComma: Bool
    private let localZone: ZoneRules
    private let hourEndingZone: ZoneRules
    private var kind: FileKind?
    private var sources: [Source] = []
    private var sourceOf: [String: Int] = [:]
    private var windows: [(start: TimeStamp, end: TimeStamp)] = []
    private var samples: [ZoneGuess.Sample] = []
    private var lastSample: ZoneGuess.Sample?
    private var sawLocalTime = false
    private var rows = 0
    private var bad = 0
    private var firstBad = ""

    /// - Parameter file: the name that messages and series show.
    init(file: String, options: LoadOptions, decimalComma: Bool) throws(MeterDataError) {
        self.file = file
        self.options = options
        self.decimalComma = decimalComma
        localZone = try ZoneRules(database: options.zoneOfFile[file] ?? options.localZone)
        hourEndingZone = try ZoneRules(database: options.zoneOfFile[file] ?? options.hourEndingZone)
    }

    /// Takes the next record; the first one is the header.
    mutating func take(_ row: CSVRow) throws(MeterDataError) {
        guard let kind else {
            guard let kind = FileKind(header: row.texts) else {
                throw .unknownHeader(file: file, header: row.texts.joined(separator: ","))
            }
            self.kind = kind
            return
        }
        rows += 1
        do {
            switch kind {
            case .windows(let start, let end, let isUTC, let columns):
                try take(row, windowFrom: start, to: end, isUTC: isUTC, columns: columns)
            case .load(let layout): try take(row, layout)
            }
        } catch .malformed(let file, let line, let found, let expected) where options.toleratedBadRows > 0 {
            bad += 1
            let error = MeterDataError.malformed(file: file, line: line, found: found, expected: expected)
            if bad == 1 { firstBad = error.description }
        }
    }

    private func malformed(_ row: CSVRow, _ found: String, _ expected: String) -> MeterDataError {
        .malformed(file: file, line: row.line, found: found, expected: expected)
    }

    private func check(_ row: CSVRow, columns: Int) throws(MeterDataError) {
        guard row.count == columns else {
            throw malformed(row, "\(row.count) column\(row.count == 1 ? "" : "s")", "\(columns) as in the header")
        }
    }

    private mutating func take(
        _ row: CSVRow, windowFrom start: Int, to end: Int, isUTC: Bool, columns: Int
    ) throws(MeterDataError) {
        try check(row, columns: columns)
        let from = try stamp(row, start)
        let until = try stamp(row, end)
        guard from.wall <= until.wall else { throw malformed(row, "an end before the start", "a window") }
        windows.append((from, until))
    }

    private func stamp(_ row: CSVRow, _ column: Int) throws(MeterDataError) -> TimeStamp {
        guard let stamp = TimeStamp(Cell.trimmed(row[column])) else {
            throw malformed(row, quoted(row.text(column)), "a time such as 2025-07-01 14:00:00")
        }
        return stamp
    }

    private func number(_ row: CSVRow, _ column: Int, what: String) throws(MeterDataError) -> Double? {
        let cell = Cell.trimmed(row[column])
        guard !Cell.isMissing(cell) else { return nil }
        let isComma = decimalComma && cell.contains(UInt8(ascii: ","))
        guard let value = Cell.decimal(cell, decimalComma: isComma), value.magnitude < 1e12 else {
            throw malformed(row, quoted(row.text(column)), "\(what) as a decimal number")
        }
        return value
    }

    private mutating func take(_ row: CSVRow, _ layout: LoadLayout) throws(MeterDataError) {
        try check(row, columns: layout.columns)
        let (stamp, zone) = try time(row, layout)
        let name = try name(row, layout)
        let temperature = try layout.temperature.flatMap { (column) throws(MeterDataError) -> Double? in
            let degrees = try number(row, column.column, what: "a temperature")
            return degrees.map { column.isFahrenheit ? ($0 - 32) / 1.8 : $0 }
        }
        for value in layout.values {
            let energy = try number(row, value.column, what: "a load")
            let index = source(value.series ?? name ?? stem, unit: value.unit)
            sources[index].builder.countRow()
            guard let start = try start(stamp, zone, row, sources[index].builder.last) else {
                sources[index].builder.countSkippedByClock()
                continue
            }
            sources[index].builder.add(start, value: energy, temperature: temperature)
        }
    }

    /// What the row calls its zone or meter; nil when the file has no such column.
    private func name(_ row: CSVRow, _ layout: LoadLayout) throws(MeterDataError) -> String? {
        guard let column = layout.name else { return nil }
        let cell = Cell.trimmed(row[column])
        guard (1...64).contains(cell.count), cell.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
            throw malformed(row, quoted(row.text(column)), "a name of 1 to 64 printable bytes")
        }
        return String(decoding: cell, as: UTF8.self)
    }

    /// The time of a row, and the zone it is local to; no zone when the row says its offset.
    private mutating func time(_ row: CSVRow, _ layout: LoadLayout) throws(MeterDataError) -> (TimeStamp, ZoneRules?) {
        switch layout.time {
        case .stamp(let column, let isUTC):
            let stamp = try stamp(row, column)
            if let offset = stamp.offset {
                sample(stamp.wall - offset, offset)
                return (stamp, nil)
            }
            if isUTC {
                sample(stamp.wall, .zero)
                return (stamp, .utc)
            }
            sawLocalTime = true
            return (stamp, localZone)
        case .hourEnding(let dayColumn, let hourColumn):
            guard let day = Cell.day(Cell.trimmed(row[dayColumn])) else {
                throw malformed(row, quoted(row.text(dayColumn)), "a day such as 2025-07-01")
            }
            guard let hour = Cell.integer(Cell.trimmed(row[hourColumn])), (1...24).contains(hour) else {
                throw malformed(row, quoted(row.text(hourColumn)), "an hour from 1 to 24")
            }
            sawLocalTime = true
            return (TimeStamp(day: day, time: .hours(Int64(hour - 1))), hourEndingZone)
        }
    }

    /// Nil when the clock skipped the time.
    private func start(
        _ stamp: TimeStamp, _ zone: ZoneRules?, _ row: CSVRow, _ previous: Instant?
    ) throws(MeterDataError) -> Instant? {
        let start: Instant
        if let zone {
            guard let local = zone.instant(stamp, after: previous) else { return nil }
            start = local
        } else {
            start = stamp.wall - (stamp.offset ?? .zero)
        }
        if let previous, start < previous {
            throw .timeGoesBackwards(
                file: file, line: row.line, time: stamp.description, previous: previous.description)
        }
        return start
    }

    /// Keeps what tells one zone's clock from another's: the first and last time of each run of one offset.
    private mutating func sample(_ instant: Instant, _ offset: TimeSpan) {
        let sample = ZoneGuess.Sample(instant: instant, offset: offset)
        if lastSample?.offset != offset, samples.count < 1_000 {
            if let lastSample { samples.append(lastSample) }
            samples.append(sample)
        }
        lastSample = sample
    }

    private mutating func source(_ name: String, unit: LoadUnit) -> Int {
        if let index = sourceOf[name] { return index }
        sources.append(Source(name: name, unit: unit))
        sourceOf[name] = sources.count - 1
        return sources.count - 1
    }

    private var stem: String {
        file.hasSuffix(".csv") || file.hasSuffix(".CSV") ? String(file.dropLast(4)) : file
    }

    /// What the whole file says.
    consuming func finish() throws(MeterDataError) -> Contents {
        guard let kind else { throw .malformed(file: file, line: 1, found: "no line", expected: "a header") }
        guard Double(bad) <= options.toleratedBadRows * Double(rows) else {
            throw .tooManyBadRows(file: file, bad: bad, rows: rows, first: firstBad)
        }
        guard case .load(let layout) = kind else { return .windows(windows) }
        guard !sources.isEmpty else { throw .malformed(file: file, line: 2, found: "no row", expected: "readings") }
        let (zone, note) = try zone(layout)
        var series: [LoadSeries] = []
        for source in sources {
            do {
                let grid = try source.builder.grid(unit: source.unit, toleratedMissing: options.toleratedMissing)
                series.append(self.series(source, grid, zone, zoneNote: note))
            } catch {
                throw .irregular(file: file, series: source.name, reason: error.reason)
            }
        }
        markSums(&series)
        return .series(series)
    }

    private func series(_ source: Source, _ grid: SeriesBuilder.Grid, _ zone: ZoneRules, zoneNote: String) -> LoadSeries
    {
        var quality = grid.quality
        quality.bad = bad
        var notes = [zoneNote]
        if case .power = source.unit { notes.append("a power is the mean of the interval that begins at its time") }
        notes += quality.notes(step: grid.step)
        if !firstBad.isEmpty { notes.append("the first bad row: \(firstBad)") }
        return LoadSeries(
            name: source.name, source: file, step: grid.step, zone: zone, readings: grid.readings,
            temperatures: grid.temperatures.contains { $0 != nil } ? grid.temperatures : nil,
            holidays: nil, excluded: [], quality: quality, notes: notes)
    }

    private func zone(_ layout: LoadLayout) throws(MeterDataError) -> (ZoneRules, note: String) {
        if let name = options.zoneOfFile[file] { return (try ZoneRules(database: name), "local time is \(name)") }
        if case .hourEnding = layout.time {
            return (
                hourEndingZone,
                "hours are counted by their end in local time, assumed to be \(hourEndingZone.identifier)"
            )
        }
        guard !sawLocalTime else { return (localZone, "local time, assumed to be \(localZone.identifier)") }
        let all = samples + (lastSample.map { [$0] } ?? [])
        guard let first = all.first, all.allSatisfy({ $0.offset == .zero }) else {
            let zone = try ZoneGuess.zone(matching: all)
            return (zone, "the offsets of the times are those of \(zone.identifier)")
        }
        let zone = try ZoneGuess.zone(beginningAtMidnight: first.instant)
        return (
            zone,
            zone == .utc
                ? "times in UTC, no local zone known"
                : "times in UTC; \(zone.identifier) assumed, where the first one is midnight"
        )
    }

    /// Finds a series that is the sum of the others of the file, such as a system beside its zones.
    private func markSums(_ series: inout [LoadSeries]) {
        guard series.count >= 3, let window = series.first?.window, series.allSatisfy({ $0.window == window }) else {
            return
        }
        let loads = series.map { one in one.readings.map { $0.energy?.value ?? 0 } }
        let totals = loads[0].indices.map { slot in loads.reduce(0) { $0 + $1[slot] } }
        guard totals.contains(where: { $0 != 0 }) else { return }
        let sum = loads.firstIndex { load in
            // The rest of the total is this load again.
            zip(load, totals).allSatisfy { ($1 - 2 * $0).magnitude <= 0.001 * $0.magnitude }
        }
        guard let sum else { return }
        series[sum].containsOthers = true
        series[sum].notes.append("the sum of the other \(series.count - 1) series of its file")
    }
}

extension LoadQuality {
    /// A sentence for each count that is not zero.
    func notes(step: TimeSpan) -> [String] {
        var notes: [String] = []
        if missing > 0 {
            let hours = (step * Int64(longestGap)).hours
            notes.append("\(counted(missing, "missing reading")) in \(counted(gaps, "gap")), the longest \(hours) h")
        }
        if repeated > 0 { notes.append("\(counted(repeated, "repeated time")): averaged") }
        if skippedByClock > 0 {
            notes.append("\(counted(skippedByClock, "row")) in an hour that the clock skipped: dropped")
        }
        if offGrid > 0 { notes.append("\(counted(offGrid, "row")) off the step: dropped") }
        if bad > 0 { notes.append("\(counted(bad, "unreadable row")) of the file: dropped") }
        return notes
    }
}
