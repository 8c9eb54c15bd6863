import Measures

/// Works out a plan from a sample: which column is the time, which the value, and what the numbers mean.
struct PlanFinder {
    private let table: SampleTable
    private var notes: [String] = []

    init(_ table: SampleTable) {
        self.table = table
    }

    mutating func plan() throws(ImportError) -> ImportPlan {
        let order = try dateOrder()
        let decimalComma = self.decimalComma
        let numbers = numberColumns(FlexibleNumber(decimalComma: decimalComma), order)
        let layout = try layout(FlexibleTime(order: order), numbers)
        var plan = ImportPlan(
            delimiter: String(UnicodeScalar(table.delimiter)), decimalComma: decimalComma,
            skippedLines: table.skippedLines, header: table.header, layout: layout, dateOrder: order, clock: .meter,
            stampsEnd: stampsEnd(layout), isDescending: false, unit: unit(layout), values: .intervals, step: 0,
            notes: [])
        plan.clock = clock(plan)
        try PlanMeasures(table).complete(&plan, &notes)
        plan.notes = notes
        return plan
    }

    // MARK: Days

    /// The order in which some column's days all are days.
    private mutating func dateOrder() throws(ImportError) -> ImportPlan.DateOrder {
        var possible: [ImportPlan.DateOrder] = []
        for order in ImportPlan.DateOrder.allCases {
            let time = FlexibleTime(order: order)
            let fits = (0..<table.columns).contains { column in
                table.mostly(column) { time.stamp($0) != nil } || table.mostly(column) { time.day($0) != nil }
            }
            if fits { possible.append(order) }
        }
        guard let first = possible.first else { throw .unrecognized("no column holds times in its rows") }
        guard possible.contains(.dayMonthYear), possible.contains(.monthDayYear) else { return first }
        let isDotted = table.rows[0].texts.contains { $0.split(separator: ".").count == 3 }
        let order: ImportPlan.DateOrder =
            isDotted || table.delimiter == UInt8(ascii: ";") ? .dayMonthYear : .monthDayYear
        notes.append(
            "days could be day/month or month/day: \(order == .dayMonthYear ? "day/month" : "month/day") assumed")
        return order
    }

    // MARK: Numbers

    private var decimalComma: Bool {
        guard
            table.delimiter != UInt8(ascii: ",")
                || table.rows.contains(where: { $0.texts.contains { $0.contains(",") } })
        else { return false }
        var comma = 0
        var point = 0
        for row in table.rows.prefix(300) {
            for column in 0..<table.columns {
                let cell = Cell.trimmed(row[column])
                guard cell.allSatisfy({ Cell.digit($0) != nil || "-+,. '".utf8.contains($0) }) else { continue }
                guard let last = cell.last(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ".") }) else {
                    continue
                }
                // Two dots are a day, and one mark before three digits may be a group.
                guard cell.count(where: { $0 == last }) == 1 else { continue }
                if last == UInt8(ascii: ",") { comma += 1 } else { point += 1 }
            }
        }
        return comma > point
    }

    /// Columns whose cells are numbers or missing, with at least one number.
    private func numberColumns(_ number: FlexibleNumber, _ order: ImportPlan.DateOrder) -> Set<Int> {
        let time = FlexibleTime(order: order)
        return Set(
            (0..<table.columns).filter { column in
                let cells = table.cells(column).filter { !Cell.isMissing($0) }
                let good = cells.count { number.value($0) != nil }
                let isTime = table.mostly(column) { time.stamp($0) != nil || time.day($0) != nil }
                return !cells.isEmpty && !isTime && Double(good) >= 0.9 * Double(cells.count)
            })
    }

    // MARK: Columns

    private mutating func layout(_ time: FlexibleTime, _ numbers: Set<Int>) throws(ImportError) -> ImportPlan.Layout {
        let columns = Array(0..<table.columns)
        let stamps = columns.filter { column in table.mostly(column) { time.stamp($0) != nil } }
        let days = columns.filter { column in
            !stamps.contains(column) && table.mostly(column) { time.day($0) != nil }
        }
        let clocks = columns.filter { column in
            table.mostly(column) { $0.count <= 11 && FlexibleTime.time($0) != nil }
        }
        let meter = columns.first { ColumnNames.isMeter(table.name($0)) && !stamps.contains($0) && !days.contains($0) }
        let loads = numbers.subtracting(meter.map { [$0] } ?? []).sorted().filter {
            !ColumnNames.isOther(table.name($0))
        }
        if stamps.isEmpty, clocks.isEmpty, let day = days.first, let run = intervalColumns(loads, after: day) {
            return .columnPerInterval(day: day, first: run.lowerBound, count: run.count, meter: meter)
        }
        let when: ImportPlan.Time
        if stamps.count >= 2 {
            when = .startAndEnd(stamps[0], stamps[1])
        } else if let stamp = stamps.first {
            when = .stamp(stamp)
        } else if let day = days.first, let clock = clocks.first {
            when = .dayAndTime(day: day, time: clock)
        } else if let day = days.first, let hour = loads.first(where: { ColumnNames.isHour(table.name($0)) }) {
            when = .dayAndHourEnding(day: day, hour: hour)
        } else if let day = days.first {
            when = .stamp(day)
            throw .unrecognized("column \(day + 1) holds days, but nothing says the time of day")
        } else {
            throw .unrecognized("no column holds times in its rows")
        }
        let hour: Set<Int> = if case .dayAndHourEnding(_, let column) = when { [column] } else { [] }
        return try valueColumns(when, loads.filter { !hour.contains($0) }, meter)
    }

    /// 24, 48 or 96 number columns side by side, with those of a 25th hour where a file has them.
    private func intervalColumns(_ loads: [Int], after day: Int) -> Range<Int>? {
        for count in [96, 48, 24] {
            for first in loads where first > day && loads.contains(first + count - 1) {
                guard (first..<(first + count)).allSatisfy(loads.contains) else { continue }
                return first..<(first + count + surplusColumns(after: first + count, of: count))
            }
        }
        return nil
    }

    /// The columns of the 25th hour: named by a number as the others are, and empty on most days; none without them.
    private func surplusColumns(after last: Int, of count: Int) -> Int {
        let surplus = last..<(last + count / 24)
        guard !table.header.isEmpty, surplus.upperBound <= table.columns else { return 0 }
        let isSurplus = surplus.allSatisfy { column in
            table.name(column).contains(where: \.isNumber)
                && table.rows.count(where: { Cell.isMissing(Cell.trimmed($0[column])) }) * 2 >= table.rows.count
        }
        return isSurplus ? surplus.count : 0
    }

    private mutating func valueColumns(
        _ time: ImportPlan.Time, _ loads: [Int], _ meter: Int?
    ) throws(ImportError) -> ImportPlan.Layout {
        guard let first = loads.first else { throw .unrecognized("no column holds numbers") }
        let named = loads.filter { ColumnNames.unit(table.name($0)) != nil }
        if meter != nil || loads.count == 1 {
            return .long(time: time, value: named.first ?? first, meter: meter)
        }
        if named.count == 1 {
            notes.append("column \(table.header[named[0]]) is taken, the other numbers are not")
            return .long(time: time, value: named[0], meter: nil)
        }
        guard !table.header.isEmpty else {
            throw .unrecognized("\(loads.count) columns hold numbers, and no header names their meters")
        }
        let taken = named.isEmpty ? loads : named
        return .columnPerMeter(
            time: time, meters: taken.map { .init(column: $0, meter: ColumnNames.meter(table.header[$0])) })
    }

    // MARK: Meaning

    private func stampsEnd(_ layout: ImportPlan.Layout) -> Bool {
        switch layout {
        case .long(.stamp(let column), _, _), .columnPerMeter(.stamp(let column), _),
            .long(.dayAndTime(_, let column), _, _), .columnPerMeter(.dayAndTime(_, let column), _):
            ColumnNames.isEnd(table.name(column))
        default: false
        }
    }

    private mutating func unit(_ layout: ImportPlan.Layout) -> ImportPlan.Unit {
        let columns: [Int] =
            switch layout {
            case .long(_, let value, _): [value]
            case .columnPerMeter(_, let meters): meters.map(\.column)
            case .columnPerInterval(_, let first, _, _): [first]
            }
        if let unit = columns.compactMap({ ColumnNames.unit(table.name($0)) }).first { return unit }
        // A column or a line of its own may say it.
        for column in 0..<table.columns {
            let text = table.rows[0].text(column)
            if let unit = ImportPlan.Unit.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) {
                return unit
            }
        }
        notes.append("no unit is named: kWh assumed")
        return .kilowattHours
    }

    private mutating func clock(_ plan: ImportPlan) -> ImportPlan.Clock {
        let time = FlexibleTime(order: plan.dateOrder)
        let column: Int? =
            switch plan.layout {
            case .long(.stamp(let column), _, _), .columnPerMeter(.stamp(let column), _): column
            case .long(.startAndEnd(let column, _), _, _), .columnPerMeter(.startAndEnd(let column, _), _): column
            default: nil
            }
        if let column {
            if table.mostly(column, { time.stamp($0)?.offset != nil }) { return .stated }
            if ColumnNames.isUTC(table.name(column)) { return .utc }
        }
        notes.append("times say no zone: those of the meter's place")
        return .meter
    }
}
