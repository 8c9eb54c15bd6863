/// Why meter data could not be read: one clear sentence, and what to do about it.
public enum MeterDataError: Error, Hashable, Sendable {
    /// Neither the time zone database nor this machine knows the name.
    case unknownZone(String)
    case folderMissing(String)
    case folderUnreadable(String)
    /// The folder has no CSV file with a load in it; `recognised` are the CSV files that hold something else.
    case noLoadFile(folder: String, recognised: [String])
    case fileUnreadable(String)
    case fileTooLarge(file: String, limit: Int)
    /// A line that does not say what its format demands there.
    case malformed(file: String, line: Int, found: String, expected: String)
    case unknownHeader(file: String, header: String)
    case timeGoesBackwards(file: String, line: Int, time: String, previous: String)
    /// More rows were bad than the options tolerate.
    case tooManyBadRows(file: String, bad: Int, rows: Int, first: String)
    /// The times of a series follow no fixed step.
    case irregular(file: String, series: String, reason: String)
    /// No window of the series can be cut into sites.
    case nothingToCut(reason: String)
}

extension MeterDataError: CustomStringConvertible {
    /// One sentence that names the file, the line, what was found and what was expected.
    public var description: String {
        switch self {
        case .unknownZone(let name): "The time zone \(quoted(name)) is not known."
        case .folderMissing(let path): "The data folder \(path) does not exist."
        case .folderUnreadable(let path): "The data folder \(path) cannot be listed."
        case .noLoadFile(let folder, let recognised):
            recognised.isEmpty
                ? "The data folder \(folder) holds no .csv file."
                : "The data folder \(folder) holds no load series, only \(recognised.joined(separator: ", "))."
        case .fileUnreadable(let file): "\(file) cannot be read."
        case .fileTooLarge(let file, let limit): "\(file) is larger than \(limit) bytes."
        case .malformed(let file, let line, let found, let expected):
            "\(file):\(line): found \(found), expected \(expected)."
        case .unknownHeader(let file, let header): "\(file):1: the header \(quoted(header)) is of no known format."
        case .timeGoesBackwards(let file, let line, let time, let previous):
            "\(file):\(line): the time goes backwards, from \(previous) to \(time)."
        case .tooManyBadRows(let file, let bad, let rows, let first):
            "\(file): \(bad) of \(counted(rows, "row")) cannot be read; the first: \(first)"
        case .irregular(let file, let series, let reason): "\(file): the series \(series) has no fixed step: \(reason)."
        case .nothingToCut(let reason): "No site can be cut out of the load series: \(reason)."
        }
    }

    /// What the reader of the message can do.
    public var hint: String {
        switch self {
        case .unknownZone: "Use a name of the IANA database, such as America/New_York."
        case .folderMissing: "Check the path, or leave it out to use the built-in simulator."
        case .folderUnreadable, .fileUnreadable: "Check the permissions."
        case .noLoadFile: "Put CSV files with load series in it. \(LoadLayout.supported)"
        case .fileTooLarge: "Split the file."
        case .malformed: "Mend the line or remove it; an empty cell is a missing reading."
        case .unknownHeader: LoadLayout.supported
        case .timeGoesBackwards:
            "Sort the rows of each series by time; only the clock change in autumn may repeat an hour."
        case .tooManyBadRows: "Check that the columns are in the order of the header, and their units."
        case .irregular: "A series has one reading per interval, every 1 to 60 minutes, in whole divisions of a day."
        case .nothingToCut: "Give series with at least three weeks of readings before a complete day."
        }
    }
}

/// Text of a foreign file as it may stand in a message: one line, printable, not too long.
func quoted(_ text: some StringProtocol) -> String {
    let shown = text.unicodeScalars.prefix(80).map { scalar in
        scalar.value < 32 || scalar.value == 127 ? "?" : String(Character(scalar))
    }
    return "\"\(shown.joined())\(text.unicodeScalars.count > 80 ? "..." : "")\""
}

/// `1 row`, `2 rows`
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
