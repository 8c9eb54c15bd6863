import Measures
import MeterData
import Testing

@Suite struct LoadFolderTests {
    private func read(_ files: [String: String], _ options: LoadOptions = LoadOptions()) throws -> LoadFolder {
        let folder = try TemporaryFolder(files)
        return try LoadFolder.read(folder.path, options: options)
    }

    private func energies(_ series: LoadSeries?) -> [Double?] { series?.readings.map { $0.energy?.value } ?? [] }

    @Test func `hours counted by their end lose the hour that the clock skips`() throws {
        let rows = (1...24).flatMap { hour in
            [
                "A,2017-03-12,\(hour),1.\(hour),50,40,9", "B,2017-03-12,\(hour),2,50,40,9",
                "S,2017-03-12,\(hour),3.\(hour),50,40,9",
            ]
        }
        let header = "zone,date,hour_ending,demand_mw,drybulb_f,dewpnt_f,rt_lmp_usd_mwh"
        let folder = try read(["x.csv": ([header] + rows).joined(separator: "\r\n")])
        #expect(folder.series.map(\.name) == ["A", "B", "S"])
        #expect(folder.series.map(\.containsOthers) == [false, false, true])
        let first = try #require(folder.series.first)
        #expect(first.window.start == Instant(utc: "2017-03-12T05:00:00Z"))
        #expect(first.window.duration == .hours(23))
        #expect(first.quality.skippedByClock == 1 && first.quality.rows == 24 && first.quality.missing == 0)
        #expect(energies(first)[1] == 1_200_000 && energies(first)[2] == 1_400_000)
        #expect(first.temperatures?.first == 10)
        #expect(first.zone.identifier == "America/New_York")
    }

    @Test func `kilowatts of a quarter of an hour become watt-hours, empty cells missing readings`() throws {
        let text = """
            time_local,kw,temp_f
            2013-08-01 00:00:00,4,50
            2013-08-01 00:15:00,,
            2013-08-01 00:30:00,8,
            2013-08-01 01:00:00,NaN,
            2013-08-01 01:15:00,2,
            """
        let series = try #require(try read(["b_load.csv": text]).series.first)
        #expect(series.name == "b_load" && series.step == .minutes(15))
        #expect(energies(series) == [1_000, nil, 2_000, nil, nil, 500])
        #expect(series.quality.missing == 3 && series.quality.gaps == 2 && series.quality.longestGap == 2)
        #expect(series.zone.identifier == "America/Los_Angeles")
        #expect(series.temperatures == [10, nil, nil, nil, nil, nil])
    }

    @Test func `the hour that comes twice in local time is two hours`() throws {
        let times = ["00:00", "00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]
        let text = "time_local,kwh\n" + times.enumerated().map { "2025-11-02 \($1),\($0)\n" }.joined()
        let series = try #require(try read(["a.csv": text]).series.first)
        #expect(series.quality.repeated == 0 && series.quality.missing == 0)
        #expect(series.window.duration == .minutes(210))
        #expect(energies(series) == [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000])
    }

    @Test func `offsets in the times tell the zone, and a repeated time is averaged`() throws {
        let text = """
            time,oat_f,kw
            2009-03-08 00:00:00-08:00,50,1
            2009-03-08 01:00:00-08:00,50,2
            2009-03-08 03:00:00-07:00,50,3
            2009-03-08 03:00:00-07:00,50,6
            2009-03-08 04:00:00-07:00,50,5
            """
        let series = try #require(try read(["a.csv": text]).series.first)
        #expect(series.zone.identifier == "America/Los_Angeles")
        #expect(energies(series) == [1_000, 2_000, 4_500, 5_000])
        #expect(series.quality.repeated == 1)
    }

    @Test func `times in UTC that begin at an American midnight tell the zone`() throws {
        let text = "start_utc,kwh,temp_f\n2015-11-22T06:00:00Z,0.29,21.2\n2015-11-22T07:00:00Z,1.47,\n"
        let series = try #require(try read(["a.csv": text]).series.first)
        #expect(series.zone.identifier == "America/Chicago")
        #expect(energies(series) == [290, 1_470])
    }

    @Test(arguments: [
        ("timestamp,W\n2025-01-01 00:00,4000\n2025-01-01 00:30,2000\n", [2_000.0, 1_000]),
        ("Time;Power (kW)\n2025-01-01 00:00;4,5\n2025-01-01 01:00;2.5\n", [4_500, 2_500]),
        ("datetime\tload_wh\n2025-01-01T00:00Z\t7\n2025-01-01T00:05Z\t8\n", [7, 8]),
        ("\u{FEFF}time_utc,mwh\n2025-01-01 00:00,0.001\n2025-01-01 01:00,-0.002\n", [1_000, -2_000]),
    ])
    func `a new file needs only a header that can be recognised`(text: String, expected: [Double]) throws {
        #expect(energies(try read(["new.CSV": text]).series.first) == expected)
    }

    @Test func `several load columns are several series`() throws {
        let text = "time_utc,north_kwh,south_kwh\n2025-01-01 00:00,1,2\n2025-01-01 01:00,3,4\n"
        let series = try read(["wide.csv": text]).series
        #expect(series.map(\.name) == ["north_kwh", "south_kwh"])
        #expect(energies(series.last) == [2_000, 4_000])
    }

    @Test func `event windows go to the series of the same source`() throws {
        let load = "time_local,kw\n2013-09-23 13:00:00,1\n2013-09-23 14:00:00,1\n2013-09-23 15:00:00,1\n"
        let events = """
            start_local,end_local
            2013-09-23 14:00:00,2013-09-23 16:00:00
            2013-09-27 14:00:00,2013-09-27 16:15:00
            """
        let folder = try read(["lab_a_15min.csv": load, "lab_a_events.csv": events, "other.csv": load])
        #expect(folder.series.map(\.excluded.count) == [2, 0])
        #expect(folder.series.first?.excluded.first?.start == Instant(utc: "2013-09-23T21:00:00Z"))
        #expect(folder.series.first?.notes.contains { $0.contains("2 event windows to leave out, 1 within") } == true)
        let lonely = try read(["load.csv": load, "x_events.csv": events])
        #expect(lonely.notes.count == 1)
    }

    @Test func `bad rows are dropped up to the share that is tolerated`() throws {
        let good = (0..<20).map { "2025-01-01 \($0 < 10 ? "0" : "")\($0):00,1" }
        let text = (["time,kwh"] + good + ["2025-01-01 20:00,oops"]).joined(separator: "\n")
        var options = LoadOptions()
        #expect(throws: MeterDataError.self) { try read(["a.csv": text], options) }
        options.toleratedBadRows = 0.1
        let series = try #require(try read(["a.csv": text], options).series.first)
        #expect(series.quality.bad == 1)
        options.toleratedBadRows = 0.01
        let error = #expect(throws: MeterDataError.self) { try read(["a.csv": text], options) }
        #expect(
            error?.description == """
                a.csv: 1 of 21 rows cannot be read; the first: \
                a.csv:22: found "oops", expected a load as a decimal number.
                """)
    }
}
