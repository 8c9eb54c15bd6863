import Foundation
import Measures

/// The load series of a folder of CSV files.
public struct LoadFolder: Sendable {
    /// In the order of the files' names, then of first appearance in the file.
    public var series: [LoadSeries]
    /// What was found beside the series, one sentence each.
    public var notes: [String]

    /// Reads every `.csv` file directly in a folder; formats are told by their headers.
    ///
    /// Nothing is returned unless every file could be read.
    public static func read(_ path: String, options: LoadOptions = LoadOptions()) throws(MeterDataError) -> LoadFolder {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw .folderMissing(path)
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw .folderUnreadable(path)
        }
        let files = names.filter { $0.lowercased().hasSuffix(".csv") && !$0.hasPrefix(".") }.sorted()
        var folder = LoadFolder(series: [], notes: [])
        var windows: [(file: String, windows: [(start: TimeStamp, end: TimeStamp)])] = []
        for file in files {
            switch try LoadFile.read("\(path)/\(file)", named: file, options: options) {
            case .series(let series): folder.series += series
            case .windows(let found): windows.append((file, found))
            }
        }
        guard !folder.series.isEmpty else { throw .noLoadFile(folder: path, recognised: windows.map(\.file)) }
        for (file, found) in windows { folder.exclude(found, from: file) }
        return folder
    }

    /// Attaches windows to the series whose file's name begins with most of the same words.
    private mutating func exclude(_ windows: [(start: TimeStamp, end: TimeStamp)], from file: String) {
        let words = Self.words(file)
        let shared = series.map { one in zip(words, Self.words(one.source)).prefix { $0 == $1 }.count }
        guard let most = shared.max(), most > 0 else {
            notes.append("\(file): \(windows.count) event windows that belong to none of the series: ignored")
            return
        }
        for index in series.indices where shared[index] == most {
            let zone = series[index].zone
            let found = windows.compactMap { window -> TimeWindow? in
                guard let start = zone.instant(window.start), let end = zone.instant(window.end) else { return nil }
                return TimeWindow(start: start, end: end)
            }
            let inside = found.count { $0.overlaps(series[index].window) }
            series[index].excluded += found
            series[index].notes.append(
                "\(file): \(found.count) event windows to leave out, \(inside) within the series")
        }
    }

    private static func words(_ file: String) -> [Substring] {
        file.lowercased().split { !$0.isLetter && !$0.isNumber }
    }
}

extension ZoneRules {
    /// A stamp with an offset by its offset, another one in this zone.
    fileprivate func instant(_ stamp: TimeStamp) -> Instant? {
        stamp.offset.map { stamp.wall - $0 } ?? instant(stamp, after: nil)
    }
}
