public import Measures

/// Reads the rows of a table as its plan says; what cannot be read is told with its line, and the rest goes on.
public struct TableReader: Sendable {
    /// Values as people read them, in the order of the file.
    public private(set) var problems: [RowProblem] = []
    /// All of them, also those that `problems` has no room for.
    public private(set) var problemCount = 0
    public private(set) var rows = 0
    /// Cells without a value.
    public private(set) var missing = 0

    /// Problems that are kept until somebody takes them.
    public var problemLimit = 100

    private let plan: ImportPlan
    private let time: FlexibleTime
    private let number: FlexibleNumber
    private let zone: @Sendable (String) -> ZoneRules?
    /// A meter that the file named.
    private struct Named {
        let name: String
        /// Nil: nobody knows it.
        let zone: ZoneRules?
        /// Its last time: which of two equal local times is meant.
        var last: Instant?
    }

    private var named: [Named] = []
    private var numbers: [String: Int] = [:]
    /// The cell that named the meter of the last row, and its number: rows of a meter often follow each other.
    private var recent: (cell: [UInt8], number: Int)?

    /// - Parameter zone: the clock of a meter's place, by the name in the file (empty: the file's one meter); nil for a
    ///   meter that is not known, whose rows are problems then.
    public init(_ plan: ImportPlan, zone: @escaping @Sendable (String) -> ZoneRules?) throws(ImportError) {
        self.plan = plan
        self.zone = zone
        time = FlexibleTime(order: plan.dateOrder)
        number = FlexibleNumber(decimalComma: plan.decimalComma)
        guard plan.step > 0 else { throw .badPlan("the step is not known") }
        guard plan.delimiter.utf8.count == 1 else { throw .badPlan("the delimiter is not one character") }
    }

    /// The problems that were kept, which makes room for others.
    public mutating func drainProblems() -> [RowProblem] {
        defer { problems = [] }
        return problems
    }

    /// Takes a row and calls `emit` with each value of it.
    public mutating func take(_ row: CSVRow, _ emit: (ImportedValue) -> Void) {
        rows += 1
        do throws(Refusal) {
            switch plan.layout {
            case .long(let when, let value, let meter):
                try emitValue(row, when, try number(ofMeterIn: row, meter), value, emit)
            case .columnPerMeter(let when, let meters):
                for column in meters {
                    do throws(Refusal) {
                        try emitValue(row, when, number(of: column.meter), column.column, emit)
                    } catch {
                        note(row, error)
                    }
                }
            case .columnPerInterval(let day, let first, let count, let meter):
                try emitDay(row, day, first..<(first + count), try number(ofMeterIn: row, meter), emit)
            }
        } catch {
            note(row, error)
        }
    }

    /// Why a row is not taken.
    private struct Refusal: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private mutating func note(_ row: CSVRow, _ refusal: Refusal) {
        problemCount += 1
        if problems.count < problemLimit { problems.append(RowProblem(line: row.line, reason: refusal.reason)) }
    }

    // MARK: Cells

    private func cell(_ row: CSVRow, _ column: Int) throws(Refusal) -> ArraySlice<UInt8> {
        guard column < row.count else {
            throw Refusal("it has \(row.count) columns; column \(column + 1) is missing")
        }
        return Cell.trimmed(row[column])
    }

    private mutating func number(ofMeterIn row: CSVRow, _ column: Int?) throws(Refusal) -> Int {
        guard let column else { return number(of: "") }
        let cell = try cell(row, column)
        if let recent, recent.cell.elementsEqual(cell) { return recent.number }
        guard (1...64).contains(cell.count), cell.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
            throw Refusal("\(quoted(row.text(column))) is no name of a meter")
        }
        let number = number(of: String(decoding: cell, as: UTF8.self))
        recent = (Array(cell), number)
        return number
    }

    private mutating func number(of meter: String) -> Int {
        if let known = numbers[meter] { return known }
        named.append(Named(name: meter, zone: zone(meter)))
        numbers[meter] = named.count - 1
        return named.count - 1
    }

    private func value(_ row: CSVRow, _ column: Int) throws(Refusal) -> Double? {
        let cell = try cell(row, column)
        guard !Cell.isMissing(cell), !(cell.count == 1 && cell.first == UInt8(ascii: "-")) else { return nil }
        guard let value = number.value(cell) else { throw Refusal("\(quoted(row.text(column))) is no number") }
        return value * plan.unit.factor
    }

    private mutating func emitValue(
        _ row: CSVRow, _ when: ImportPlan.Time, _ meter: Int, _ column: Int, _ emit: (ImportedValue) -> Void
    ) throws(Refusal) {
        let window = try window(row, when, meter)
        guard let value = try value(row, column) else {
            missing += 1
            return
        }
        if case .register = plan.values {
            emit(
                ImportedValue(
                    meter: named[meter].name, start: window.start, duration: .zero, value: value, line: row.line))
            return
        }
        let energy = plan.unit.isPower ? value * window.duration.hours : value
        emit(
            ImportedValue(
                meter: named[meter].name, start: window.start, duration: window.duration, value: energy,
                line: row.line))
    }

    /// The columns of a day. By the local clock, one that the clock skips is left out when it is empty or zero, and one
    /// that comes twice means the first; counted from midnight on, those after the day's end are.
    private mutating func emitDay(
        _ row: CSVRow, _ dayColumn: Int, _ columns: Range<Int>, _ meter: Int, _ emit: (ImportedValue) -> Void
    ) throws(Refusal) {
        guard let day = time.day(try cell(row, dayColumn)) else {
            throw Refusal("\(quoted(row.text(dayColumn))) is no day")
        }
        let step = TimeSpan.seconds(plan.step)
        let rules = try rules(meter)
        let counted = ImportPlan.hasLongDay(columns: columns.count) ? rules.window(of: day) : nil
        for (index, column) in columns.enumerated() {
            guard let value = try value(row, column) else {
                missing += 1
                continue
            }
            let shift = step * Int64(index)
            let start =
                counted.map { $0.start + shift < $0.end ? $0.start + shift : nil } ?? rules.instant(day, at: shift)
            guard let start else {
                if value != 0 {
                    note(row, Refusal("column \(column + 1) has a value in an hour that the day does not have"))
                }
                continue
            }
            let energy = plan.unit.isPower ? value * step.hours : value
            emit(
                ImportedValue(meter: named[meter].name, start: start, duration: step, value: energy, line: row.line))
        }
    }

    // MARK: Time

    private func rules(_ meter: Int) throws(Refusal) -> ZoneRules {
        guard let known = named[meter].zone else { throw Refusal("there is no meter \(quoted(named[meter].name))") }
        return known
    }

    private mutating func window(
        _ row: CSVRow, _ when: ImportPlan.Time, _ meter: Int
    ) throws(Refusal) -> TimeWindow {
        let step = TimeSpan.seconds(plan.step)
        switch when {
        case .stamp(let column):
            let at = try instant(try stamp(row, column), meter)
            return window(at, step)
        case .dayAndTime(let dayColumn, let column):
            guard let day = time.day(try cell(row, dayColumn)), let clock = FlexibleTime.time(try cell(row, column))
            else { throw Refusal("\(quoted(row.text(dayColumn) + " " + row.text(column))) is no day and time") }
            let stamp = TimeStamp(day: day + clock.days, time: clock.time, offset: clock.offset)
            return window(try instant(stamp, meter), step)
        case .dayAndHourEnding(let dayColumn, let column):
            guard let day = time.day(try cell(row, dayColumn)), let hour = Cell.integer(try cell(row, column)),
                (1...24).contains(hour)
            else { throw Refusal("\(quoted(row.text(dayColumn) + " " + row.text(column))) is no day and hour") }
            let stamp = TimeStamp(day: day, time: .hours(Int64(hour - 1)))
            return TimeWindow(start: try instant(stamp, meter), duration: step)
        case .startAndEnd(let first, let second):
            let start = try instant(try stamp(row, first), meter)
            let end = try endInstant(try stamp(row, second), meter, after: start)
            guard let window = TimeWindow(start: start, end: end), window.duration > .zero,
                window.duration <= .days(31)
            else { throw Refusal("the interval ends before it begins, or lasts longer than a month") }
            return window
        }
    }

    /// A register's time is a moment; an interval's may be its end.
    private func window(_ at: Instant, _ step: TimeSpan) -> TimeWindow {
        if case .register = plan.values { return TimeWindow(start: at, duration: .zero) }
        return TimeWindow(start: plan.stampsEnd ? at - step : at, duration: step)
    }

    private func stamp(_ row: CSVRow, _ column: Int) throws(Refusal) -> TimeStamp {
        guard let stamp = time.stamp(try cell(row, column)) else {
            throw Refusal("\(quoted(row.text(column))) is no time")
        }
        return stamp
    }

    private func clock(_ meter: Int) throws(Refusal) -> ZoneRules {
        switch plan.clock {
        case .utc, .stated:
            // Asked all the same: it says whether the meter is known.
            _ = try rules(meter)
            return .utc
        case .meter, .zone: return try rules(meter)
        }
    }

    private mutating func instant(_ stamp: TimeStamp, _ meter: Int) throws(Refusal) -> Instant {
        let zone = try clock(meter)
        let found =
            stamp.offset.map { stamp.wall - $0 }
            ?? zone.instant(stamp, next: named[meter].last, isDescending: plan.isDescending)
        guard let found else { throw Refusal("the clock of \(zone.identifier) skips \(stamp)") }
        guard (Self.earliest..<Self.latest).contains(found) else { throw Refusal("\(stamp) is out of range") }
        named[meter].last = found
        return found
    }

    private func endInstant(
        _ stamp: TimeStamp, _ meter: Int, after start: Instant
    ) throws(Refusal) -> Instant {
        let zone = try clock(meter)
        guard let end = stamp.offset.map({ stamp.wall - $0 }) ?? zone.instant(stamp, after: start) else {
            throw Refusal("the clock of \(zone.identifier) skips \(stamp)")
        }
        return end
    }

    private static let earliest = Instant(year: 1990, month: 1, day: 1)
    private static let latest = Instant(year: 2100, month: 1, day: 1)
}

extension ZoneRules {
    /// When the local clock shows the time. Of two moments the one that goes on in the file's direction from the last
    /// time of the meter; nil in the hour that is skipped in spring.
    func instant(_ stamp: TimeStamp, next previous: Instant?, isDescending: Bool) -> Instant? {
        guard isDescending else { return instant(stamp, after: previous) }
        guard let first = instant(stamp.day, at: stamp.time) else { return nil }
        let second = stamp.wall - offset(at: first + .hours(3))
        guard second > first, local(second) == (stamp.day, stamp.time) else { return first }
        return previous.map { second < $0 } ?? true ? second : first
    }
}
