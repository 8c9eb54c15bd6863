import Measures
import MeterData
import Testing

/// Files as they come, and what they mean.
@Suite struct TableImportTests {
    private func read(
        _ text: String, zone: String = "Europe/Berlin", change: (inout ImportPlan) -> Void = { _ in }
    ) throws -> (plan: ImportPlan, values: [ImportedValue], reader: TableReader) {
        var plan = try TableSniffer.plan(Array(text.utf8), isWhole: true)
        change(&plan)
        let rules = try ZoneRules(database: zone)
        var pieces = [Array(text.utf8), []][...]
        var source = try TableSource(plan, zone: { _ in rules }) { pieces.popFirst() ?? [] }
        var values: [ImportedValue] = []
        while let chunk = try source.next() { values += chunk.values }
        return (plan, values, source.reader)
    }

    private func lines(_ header: String, _ rows: [String]) -> String {
        ([header] + rows).filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
    }

    /// Text, first start (UTC), step in seconds, first value in Wh, unit.
    private static let layouts: [(String, String, Int64, Double, ImportPlan.Unit)] = [
        ("time,kwh\n2025-07-01 00:00,1.5\n2025-07-01 00:15,2\n", "2025-06-30T22:00:00Z", 900, 1_500, .kilowattHours),
        ("2025-07-01 00:00,1.5\n2025-07-01 01:00,2\n", "2025-06-30T22:00:00Z", 3_600, 1_500, .kilowattHours),
        (
            "Zeitstempel;Verbrauch (kWh)\n01.07.2025 00:00;1.234,5\n01.07.2025 00:15;2,25\n",
            "2025-06-30T22:00:00Z", 900, 1_234_500, .kilowattHours
        ),
        (
            "Date\tTime\tPower [kW]\n7/1/2025\t12:00 AM\t4\n7/1/2025\t12:15 AM\t8\n7/13/2025\t12:15 AM\t8\n",
            "2025-06-30T22:00:00Z", 900, 1_000, .kilowatts
        ),
        ("timestamp|Wh\n1751320800|7\n1751324400|8\n", "2025-06-30T22:00:00Z", 3_600, 7, .wattHours),
        (
            "start,end,MWh\n2025-07-01T00:00:00Z,2025-07-01T01:00:00Z,0.002\n2025-07-01T01:00:00Z,2025-07-01T02:00:00Z,1\n",
            "2025-07-01T00:00:00Z", 3_600, 2_000, .megawattHours
        ),
        (
            "interval end;kWh\n2025-07-01 00:30;1\n2025-07-01 01:00;2\n", "2025-06-30T22:00:00Z", 1_800, 1_000,
            .kilowattHours
        ),
        (
            "date,hour ending,load kw\n2025-07-01,1,3\n2025-07-01,2,4\n", "2025-06-30T22:00:00Z", 3_600, 3_000,
            .kilowatts
        ),
        ("202507010000;5\n202507010015;6\n", "2025-06-30T22:00:00Z", 900, 5_000, .kilowattHours),
        (
            "# exported by a portal\n# all values\n\ntime_utc,w\n2025-07-01 00:00:00,60\n2025-07-01 00:01:00,120\n",
            "2025-07-01T00:00:00Z", 60, 1, .watts
        ),
    ]

    @Test(arguments: layouts.indices) func `a layout is found and read`(_ index: Int) throws {
        let (text, start, step, value, unit) = Self.layouts[index]
        let read = try read(text)
        #expect(read.reader.problems.isEmpty)
        #expect(read.values.first?.start == Instant(utc: start))
        #expect(read.plan.step == step)
        #expect(read.plan.unit == unit)
        #expect(abs((read.values.first?.value ?? -1) - value) < 1e-9 * value)
        #expect(read.values.first?.duration == .seconds(step))
    }

    @Test func `a column for each meter, with missing cells`() throws {
        let read = try read(
            "time,Hall A (kWh),Hall B (kWh),temp_c\n2025-07-01 00:00,1,,20\n2025-07-01 00:15,2,n/a,20\n2025-07-01 00:30,3,6,x\n"
        )
        #expect(
            read.plan.layout
                == .columnPerMeter(
                    time: .stamp(0), meters: [.init(column: 1, meter: "Hall A"), .init(column: 2, meter: "Hall B")]))
        #expect(read.values.map(\.meter) == ["Hall A", "Hall A", "Hall A", "Hall B"])
        #expect(read.values.map(\.line) == [2, 3, 4, 4])
        #expect(read.reader.missing == 2)
    }

    @Test func `a row for each meter and time`() throws {
        let read = try read(
            "meter,time,kwh\nA,2025-07-01 00:00,1\nB,2025-07-01 00:00,2\nA,2025-07-01 01:00,3\nB,2025-07-01 01:00,4\n")
        #expect(read.plan.layout == .long(time: .stamp(1), value: 2, meter: 0))
        #expect(read.plan.step == 3_600)
        #expect(read.values.map(\.meter) == ["A", "B", "A", "B"])
    }

    @Test(arguments: [24, 48, 96]) func `a column for each interval of the day, also when the clock is set`(
        _ count: Int
    ) throws {
        let header = "date," + (0..<count).map { "h\($0)" }.joined(separator: ",")
        let rows = ["2025-03-29", "2025-03-30", "2025-03-31"].map { day in
            day + ","
                + (0..<count).map { day == "2025-03-30" && $0 * 24 / count == 2 ? "" : "\($0)" }.joined(separator: ",")
        }
        let read = try read(lines(header, rows))
        #expect(read.plan.layout == .columnPerInterval(day: 0, first: 1, count: count, meter: nil))
        #expect(read.values.count == 3 * count - count / 24)
        let starts = read.values.map(\.start)
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == .seconds(Int64(86_400 / count)) })
        #expect(read.reader.problems.isEmpty)
    }

    @Test(arguments: [24, 48, 96]) func `columns of a 25th hour are read from midnight on`(_ count: Int) throws {
        let hour = count / 24
        let header = "date," + (1...(count + hour)).map { "\($0)" }.joined(separator: ",") + ",remark"
        // The clock is set back on 26 October 2025, and was set forward on 30 March.
        let days = [("2025-10-25", 24), ("2025-10-26", 25), ("2025-10-27", 24), ("2025-03-30", 23)]
        let rows = days.map { day, hours in
            "\(day)," + (0..<(count + hour)).map { $0 < hours * hour ? "\($0)" : "" }.joined(separator: ",") + ",x"
        }
        let read = try read(lines(header, rows))
        #expect(read.plan.layout == .columnPerInterval(day: 0, first: 1, count: count + hour, meter: nil))
        #expect(read.reader.problems.isEmpty)
        #expect(read.values.count == (24 + 25 + 24 + 23) * hour)
        let autumn = read.values.prefix((24 + 25 + 24) * hour).map(\.start)
        #expect(zip(autumn, autumn.dropFirst()).allSatisfy { $1 - $0 == .seconds(Int64(86_400 / count)) })
        #expect(read.values.last?.start == Instant(utc: "2025-03-30T22:00:00Z").map { $0 - .seconds(read.plan.step) })
        // A day cannot have more columns than hours.
        let surplus = try self.read(lines(header, [rows[0].replacing(",,x", with: ",9,x")] + rows.dropFirst()))
        #expect(surplus.reader.problems.count == 1)
    }

    @Test(arguments: [false, true]) func `the hour that comes twice is read in order, forwards and backwards`(
        _ isDescending: Bool
    ) throws {
        let zone = try ZoneRules(database: "Europe/Berlin")
        let first = Instant(year: 2025, month: 10, day: 25, hour: 20)
        let instants = (0..<40).map { first + .minutes(15) * $0 }
        let shown = (isDescending ? instants.reversed() : instants).map { instant -> String in
            let (day, time) = zone.local(instant)
            let minutes = Int(time.seconds / 60)
            return "\(day) \(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60),1"
        }
        let read = try read(lines("time,kwh", shown))
        #expect(read.plan.isDescending == isDescending)
        #expect(read.values.map(\.start).sorted() == instants)
    }

    @Test func `a local time that the clock skips is a problem with its line`() throws {
        let read = try read(
            "time,kwh\n2025-03-30 01:45,1\n2025-03-30 02:15,1\n2025-03-30 03:00,1\n2025-03-30 03:15,1\n")
        #expect(read.values.count == 3)
        #expect(read.reader.problems.map(\.line) == [3])
    }

    @Test func `bad rows are told and the rest goes on`() throws {
        let good = (0..<40).map { "2025-07-01 \($0 / 4):\($0 % 4 * 15 == 0 ? "00" : "\($0 % 4 * 15)"),\($0)" }
        let text = lines("time,kwh", good) + "2025-07-01 99:00,5\n2025-07-01 12:00,abc\n2025-07-01 12:15\n,\n"
        let read = try read(text) { $0.layout = .long(time: .stamp(0), value: 1, meter: nil) }
        #expect(read.values.count == 40)
        #expect(read.reader.problems.map(\.line) == [42, 43, 44, 45])
        #expect(read.reader.problemCount == 4 && read.reader.rows == 44)
    }

    @Test func `a register is recognised and its unit kept`() throws {
        let rows = (0..<60).map {
            "2025-07-01 \($0 / 4):\($0 % 4 == 0 ? "00" : "\($0 % 4 * 15)"),\(12_345 + Double($0) * 0.25)"
        }
        let read = try read(lines("time,reading_kwh", rows))
        #expect(read.plan.values == .register(rollOver: nil))
        #expect(read.values.first?.value == 12_345_000 && read.values.first?.duration == .zero)
        #expect(read.plan.notes.contains { $0.contains("register") })
        // A load that happens to grow is none.
        let growing = try self.read(
            lines("time,kwh", (0..<60).map { "2025-07-01 \($0 / 4):\($0 % 4 == 0 ? "00" : "\($0 % 4 * 15)"),\($0)" }))
        #expect(growing.plan.values == .intervals)
    }

    private static let hopeless = [
        "", "hello\n", "a,b\n", "a,b\n1,2\n3,4\n", "date,kwh\n2025-07-01,1\n2025-07-02,2\n", "\u{0}\u{1}\u{2}",
    ]

    @Test(arguments: hopeless) func `what is no table of meter values is refused`(_ text: String) {
        #expect(throws: ImportError.self) { try TableSniffer.plan(Array(text.utf8), isWhole: true) }
    }

    @Test func `any bytes give a plan or a refusal, and any plan reads any rows`() throws {
        var random = SplitMix64(seed: 11)
        let alphabet = Array("0123456789,;.:-/ \n\tTZaé\"".utf8)
        for _ in 0..<400 {
            let text = (0..<(20 + Int(random.fraction() * 300))).map { _ in
                alphabet[Int(random.fraction() * Double(alphabet.count))]
            }
            guard let plan = try? TableSniffer.plan(text, isWhole: true) else { continue }
            var pieces = [text, []][...]
            var source = try TableSource(plan, zone: { _ in .utc }) { pieces.popFirst() ?? [] }
            do { while try source.next() != nil {} } catch is ImportError {}
        }
    }

    @Test func `a plan survives being kept as JSON and shows what it assumed`() throws {
        let plan = try read("time,kwh\n2025-07-01 00:00,1.5\n2025-07-01 00:15,2\n").plan
        #expect(plan.clock == .meter && plan.notes.count == 1)
        #expect(!plan.namesMeters)
    }
}

@Suite struct RegisterDeltasTests {
    private let start = Instant(year: 2025, month: 1, day: 1)

    private func deltas(_ values: [(Int64, Double)], rollOver: Double? = nil) -> ([Double], [Bool], [Instant]) {
        let found = RegisterDeltas.intervals(
            values.map { RegisterReading(at: start + .minutes($0.0), value: $0.1) }, step: .minutes(15),
            rollOver: rollOver)
        return (found.intervals.map(\.energy.value), found.intervals.map(\.isEstimated), found.falls)
    }

    @Test func `differences, and equal parts where readings are missing`() {
        #expect(deltas([(0, 100), (15, 130), (60, 190)]) == ([30, 20, 20, 20], [false, true, true, true], []))
    }

    @Test func `a register that rolls over goes on at zero`() {
        #expect(deltas([(0, 99_990), (15, 5)]) == ([15], [false], []))
        #expect(deltas([(0, 49_990), (15, 5)], rollOver: 50_000) == ([15], [false], []))
    }

    @Test func `a register that falls otherwise was set back`() {
        #expect(deltas([(0, 50_000), (15, 5), (30, 8)]) == ([3], [false], [start + .minutes(15)]))
    }

    @Test func `an odd span is one interval, and a month without a reading is unknown`() {
        let found = RegisterDeltas.intervals(
            [
                RegisterReading(at: start, value: 0), RegisterReading(at: start + .minutes(7), value: 3),
                RegisterReading(at: start + .days(60), value: 9),
            ], step: .minutes(15), rollOver: nil)
        #expect(found.intervals.map(\.window.duration) == [.minutes(7)])
    }
}
