/// How a table of meter values is to be read: found by `TableSniffer`, shown to people, changed by them, kept with the
/// batch.
public struct ImportPlan: Hashable, Codable, Sendable {
    /// Where a row says its time.
    public enum Time: Hashable, Codable, Sendable {
        /// One column with day and time of day.
        case stamp(Int)
        case dayAndTime(day: Int, time: Int)
        /// The day, and the hour from 1 to 24 at whose end the interval ends.
        case dayAndHourEnding(day: Int, hour: Int)
        /// Two columns: an interval may have its own length.
        case startAndEnd(Int, Int)
    }

    public struct MeterColumn: Hashable, Codable, Sendable {
        public var column: Int
        public var meter: String

        public init(column: Int, meter: String) {
            self.column = column
            self.meter = meter
        }
    }

    public enum Layout: Hashable, Codable, Sendable {
        /// A row is one value; `meter` is the column that names the meter, nil when the file is about one.
        case long(time: Time, value: Int, meter: Int?)
        /// A row is a moment, with a column for each meter.
        case columnPerMeter(time: Time, meters: [MeterColumn])
        /// A row is a day, with `count` columns from `first` on for its intervals: 24, 48 or 96 by the local clock, or 25,
        /// 50 or 100 one after the other from midnight on, the last of which only the day of 25 hours fills.
        case columnPerInterval(day: Int, first: Int, count: Int, meter: Int?)
    }

    /// The order of day, month and year; or seconds or milliseconds since 1970.
    public enum DateOrder: String, Hashable, Codable, Sendable, CaseIterable {
        case yearMonthDay = "ymd"
        case dayMonthYear = "dmy"
        case monthDayYear = "mdy"
        case epochSeconds = "epoch-s"
        case epochMilliseconds = "epoch-ms"
    }

    /// What clock the times are of.
    public enum Clock: Hashable, Codable, Sendable {
        /// Every time says its offset from UTC, or is a count of seconds.
        case stated
        case utc
        /// That of the meter's place.
        case meter
        /// A name of the IANA database.
        case zone(String)
    }

    public enum Unit: String, Hashable, Codable, Sendable, CaseIterable {
        case wattHours = "Wh"
        case kilowattHours = "kWh"
        case megawattHours = "MWh"
        case watts = "W"
        case kilowatts = "kW"
        case megawatts = "MW"

        /// Whether it is a mean power, whose energy depends on the interval.
        public var isPower: Bool {
            switch self {
            case .watts, .kilowatts, .megawatts: true
            case .wattHours, .kilowattHours, .megawattHours: false
            }
        }

        /// W or Wh for each unit.
        public var factor: Double {
            switch self {
            case .wattHours, .watts: 1
            case .kilowattHours, .kilowatts: 1e3
            case .megawattHours, .megawatts: 1e6
            }
        }
    }

    /// What a number is.
    public enum Values: Hashable, Codable, Sendable {
        /// The energy, or the mean power, of an interval.
        case intervals
        /// What the register of the meter shows at a moment: the energy is the difference. It begins at 0 again after
        /// `rollOver` (in Wh; nil: the next power of ten).
        case register(rollOver: Double?)
    }

    /// One character.
    public var delimiter: String
    public var decimalComma: Bool
    /// Lines before the first row of values.
    public var skippedLines: Int
    /// The names of the columns; empty without a header.
    public var header: [String]
    public var layout: Layout
    public var dateOrder: DateOrder
    public var clock: Clock
    /// Whether a time is the end of its interval.
    public var stampsEnd: Bool
    /// Whether the file begins with the latest time: which of two equal local times comes first.
    public var isDescending: Bool
    public var unit: Unit
    public var values: Values
    /// s, length of an interval.
    public var step: Int64
    /// One sentence for each thing that was assumed.
    public var notes: [String]

    public init(
        delimiter: String, decimalComma: Bool, skippedLines: Int, header: [String], layout: Layout,
        dateOrder: DateOrder, clock: Clock, stampsEnd: Bool, isDescending: Bool, unit: Unit, values: Values,
        step: Int64, notes: [String]
    ) {
        self.delimiter = delimiter
        self.decimalComma = decimalComma
        self.skippedLines = skippedLines
        self.header = header
        self.layout = layout
        self.dateOrder = dateOrder
        self.clock = clock
        self.stampsEnd = stampsEnd
        self.isDescending = isDescending
        self.unit = unit
        self.values = values
        self.step = step
        self.notes = notes
    }
}

extension ImportPlan {
    /// Whether the rows name their meters, by a column or by the header.
    public var namesMeters: Bool {
        switch layout {
        case .long(_, _, let meter), .columnPerInterval(_, _, _, let meter): meter != nil
        case .columnPerMeter: true
        }
    }

    /// Whether so many columns for a day are those of the longest one.
    static func hasLongDay(columns: Int) -> Bool { columns % 25 == 0 }
}
