import Foundation
import Measures
import MeterData
import Testing

/// Files that must be refused, each with the one sentence that it earns.
@Suite struct MalformedLoadTests {
    private static let head = "time_local,kw,temp_f\n2025-07-01 00:00:00,1,60\n2025-07-01 00:15:00,2,\n"

    @Test(arguments: [
        (head + "2025-07-01 00:30:00,abc,\n", "a.csv:4: found \"abc\", expected a load as a decimal number."),
        (head + "2025-07-01 00:30:00,1e999,\n", "a.csv:4: found \"1e999\", expected a load as a decimal number."),
        (head + "2025-07-01 00:30:00,1,hot\n", "a.csv:4: found \"hot\", expected a temperature as a decimal number."),
        (head + "2025-07-01 00:30:00,1\n", "a.csv:4: found 2 columns, expected 3 as in the header."),
        (head + "2025-07-01 00:30:00,1,,\n", "a.csv:4: found 4 columns, expected 3 as in the header."),
        (
            head + "2025-07-32 00:30:00,1,\n",
            "a.csv:4: found \"2025-07-32 00:30:00\", expected a time such as 2025-07-01 14:00:00."
        ),
        (head + "yesterday,1,\n", "a.csv:4: found \"yesterday\", expected a time such as 2025-07-01 14:00:00."),
        (
            head + "2025-06-30 00:30:00,1,\n",
            "a.csv:4: the time goes backwards, from 2025-07-01T07:15:00Z to 2025-06-30T00:30:00."
        ),
        (head + "\"2025-07-01 00:30:00,1,\n", "a.csv:5: found the end of the file, expected a closing quote."),
        (
            head + "2025-07-01 00:30:00,1\"2,\n",
            "a.csv:4: found a quote inside a cell, expected the whole cell in quotes."
        ),
        (head + "2025-07-01 00:30:00,1,\0\n", "a.csv:4: found a NUL byte, expected text."),
        ("", "a.csv:1: found no line, expected a header."),
        ("time_local,kw,temp_f\n", "a.csv:2: found no row, expected readings."),
        ("hello,world\n1,2\n", "a.csv:1: the header \"hello,world\" is of no known format."),
        ("time,kw,kw\n", "a.csv:1: the header \"time,kw,kw\" is of no known format."),
        ("time,start,kw\n", "a.csv:1: the header \"time,start,kw\" is of no known format."),
        ("time,price_usd_mwh\n", "a.csv:1: the header \"time,price_usd_mwh\" is of no known format."),
        ("2025-07-01 00:00:00,1\n", "a.csv:1: the header \"2025-07-01 00:00:00,1\" is of no known format."),
        ("time,kw\n2025-07-01 00:00,1\n", "a.csv: the series a has no fixed step: it has fewer than two readings."),
        (
            "time,kw\n2025-07-01 00:00,1\n2025-07-02 00:00,1\n",
            "a.csv: the series a has no fixed step: its readings are mostly 86400 seconds apart."
        ),
        (
            "time,kw\n2025-07-01 00:00,1\n2025-07-01 00:07,1\n",
            "a.csv: the series a has no fixed step: its readings are mostly 420 seconds apart."
        ),
        (
            "time,kw\n1900-07-01 00:00,1\n1900-07-01 00:01,1\n2199-07-01 00:01,1\n",
            "a.csv: the series a has no fixed step: only 3 of 157259522 steps have a value."
        ),
        (
            "time,kw\n2025-07-01 00:00,\n2025-07-01 01:00,\n",
            "a.csv: the series a has no fixed step: only 0 of 2 steps have a value."
        ),
        (
            "zone,date,hour_ending,demand_mw\nA,2025-07-01,25,1\n",
            "a.csv:2: found \"25\", expected an hour from 1 to 24."
        ),
        (
            "zone,date,hour_ending,demand_mw\nA,07/01/2025,1,1\n",
            "a.csv:2: found \"07/01/2025\", expected a day such as 2025-07-01."
        ),
        (
            "zone,date,hour_ending,demand_mw\n,2025-07-01,1,1\n",
            "a.csv:2: found \"\", expected a name of 1 to 64 printable bytes."
        ),
        (
            "start_local,end_local\n2025-07-01 02:00,2025-07-01 01:00\n",
            "a.csv:2: found an end before the start, expected a window."
        ),
    ])
    func `a malformed file is refused with one sentence and a hint`(text: String, sentence: String) throws {
        let folder = try TemporaryFolder(["a.csv": text])
        let error = #expect(throws: MeterDataError.self) { try LoadFolder.read(folder.path) }
        #expect(error?.description == sentence)
        #expect(error?.hint.isEmpty == false)
    }

    @Test func `a folder without load is refused`() throws {
        let empty = try TemporaryFolder(["readme.txt": "x"])
        #expect(throws: MeterDataError.noLoadFile(folder: empty.path, recognised: [])) {
            try LoadFolder.read(empty.path)
        }
        let events = try TemporaryFolder(["e.csv": "start_utc,end_utc\n2025-07-01 02:00,2025-07-01 03:00\n"])
        #expect(throws: MeterDataError.noLoadFile(folder: events.path, recognised: ["e.csv"])) {
            try LoadFolder.read(events.path)
        }
        #expect(throws: MeterDataError.folderMissing("/no/such/folder")) { try LoadFolder.read("/no/such/folder") }
        #expect(throws: MeterDataError.folderMissing(empty.path + "/readme.txt")) {
            try LoadFolder.read(empty.path + "/readme.txt")
        }
    }

    @Test func `a file that is too large is refused, and so is an option that names no zone`() throws {
        let folder = try TemporaryFolder(["a.csv": Self.head])
        var options = LoadOptions()
        options.fileBytes = 10
        #expect(throws: MeterDataError.fileTooLarge(file: "a.csv", limit: 10)) {
            try LoadFolder.read(folder.path, options: options)
        }
        options = LoadOptions()
        options.localZone = "Mars/Olympus"
        #expect(throws: MeterDataError.unknownZone("Mars/Olympus")) {
            try LoadFolder.read(folder.path, options: options)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what is called like a file but is a folder or a pipe is refused`() throws {
        let folder = try TemporaryFolder([:])
        try FileManager.default.createDirectory(atPath: folder.path + "/x.csv", withIntermediateDirectories: false)
        #expect(throws: MeterDataError.fileUnreadable(folder.path + "/x.csv")) { try LoadFolder.read(folder.path) }
        let other = try TemporaryFolder([:])
        #expect(mkfifo(other.path + "/p.csv", 0o600) == 0)
        #expect(throws: MeterDataError.fileUnreadable(other.path + "/p.csv")) { try LoadFolder.read(other.path) }
    }

    @Test func `no prefix and no single changed byte of a file makes the reader crash`() throws {
        let bytes = Array((Self.head + "2025-07-01 00:30:00,\"3\",61.5\r\n").utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] = [0, 34, 44, 10, 13, 0xFF, 57, 45][index % 8]
            for text in [Array(bytes[..<index]), changed] {
                let folder = try TemporaryFolder(["a.csv": String(decoding: text, as: UTF8.self)])
                do {
                    let series = try LoadFolder.read(folder.path).series
                    #expect(series.count == 1)
                } catch {
                    #expect(error.description.hasSuffix("."))
                }
            }
        }
    }
}
