import Forecasting
import Foundation

// Times the forecasting library on one core and, with a file of peers' times, prints both in one table and what
// was to be reached. With --accuracy it measures instead how well the sets of the folder are forecast by the standard
// settings, or with --quick by the cheap ones; --sets names some of them.
// With --orders it shows what the order search chooses beside R.

/// CPU time of this process, in milliseconds.
func processorTime() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) * 1000 }

/// Most memory that this process has used so far.
func peakMegabytes() -> String {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return fixed(Double(usage.ru_maxrss) / 1024, 0)
}

/// A number with a fixed count of decimals.
func fixed(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

/// Milliseconds with three significant digits at least.
func milliseconds(_ value: Double) -> String { fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0) }

/// The value of an option, if it is given.
func option(_ name: String) -> String? {
    let arguments = CommandLine.arguments
    guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return nil }
    return arguments[place + 1]
}

/// Median CPU time of a few runs after a first one.
func measure(_ task: Task, _ data: LoadData) throws -> (time: Double, logLikelihood: Double?, note: String) {
    var times: [Double] = []
    var result: (logLikelihood: Double?, note: String) = (nil, "")
    let isBatch = task == .batchHourly || task == .batchQuarterHourly
    for round in 0..<(isBatch ? 1 : 8) {
        let start = processorTime()
        result = try task.run(data)
        if isBatch || round > 0 { times.append(processorTime() - start) }
    }
    return (times.sorted()[times.count / 2], result.logLikelihood, result.note)
}

guard let folder = option("--data") else {
    let usage =
        "usage: ForecastingBenchmark --data FOLDER [--peers FILE | --orders | --accuracy [--sets NAME,...] [--quick]]\n"
    FileHandle.standardError.write(Data(usage.utf8))
    exit(2)
}
do {
    if CommandLine.arguments.contains("--accuracy") {
        let names = option("--sets")?.split(separator: ",").map(String.init) ?? AccuracySet.names
        let forecaster =
            CommandLine.arguments.contains("--quick") ? SeasonalForecaster(effort: .quick) : SeasonalForecaster()
        let isGood = try await Accuracy.table(URL(fileURLWithPath: folder), names, forecaster)
        exit(isGood ? 0 : 1)
    }
    if CommandLine.arguments.contains("--orders") {
        exit(try OrderTable.print(URL(fileURLWithPath: folder)) ? 0 : 1)
    }
    let data = try LoadData(folder: URL(fileURLWithPath: folder))
    let text = try option("--peers").map { try String(contentsOfFile: $0, encoding: .utf8) } ?? ""
    let peers = text.split(separator: "\n").compactMap(PeerRow.init)
    print("| task | program | CPU ms | times ours | its log-likelihood | exact at its coefficients | peak MB | |")
    print("|---|---|---:|---:|---:|---:|---:|---|")
    var verdicts: [String] = []
    for task in Task.allCases {
        let ours = try measure(task, data)
        let own = ours.logLikelihood.map { fixed($0, 3) } ?? ""
        print(
            "| \(task.rawValue) | **Curtail** | \(milliseconds(ours.time)) | 1 | \(own) | \(own) | \(peakMegabytes()) |",
            "\(ours.note) |")
        for peer in peers where peer.task == task {
            let exact = peer.exactLogLikelihood(data).map { fixed($0, 3) } ?? ""
            let time = peer.milliseconds.map(milliseconds) ?? ""
            let ratio = peer.milliseconds.map { fixed($0 / ours.time, $0 / ours.time < 10 ? 1 : 0) } ?? ""
            print(
                "| | \(peer.peer) | \(time) | \(ratio) | \(peer.logLikelihood.map { fixed($0, 3) } ?? "") | \(exact) |",
                "\(peer.megabytes) | \(peer.note) |")
        }
        fflush(nil)
        let verdict = Verdict(task: task, milliseconds: ours.time, logLikelihood: ours.logLikelihood)
        if let line = verdict.line(peers, data) { verdicts.append(line) }
    }
    if !verdicts.isEmpty {
        print(
            "\n| task | fastest peer (of fits: within \(Verdict.tolerance) of the exact maximum) | its CPU time, times ours | goal | reached |"
        )
        print("|---|---|---:|---:|---|")
        for line in verdicts { print(line) }
    }
} catch {
    FileHandle.standardError.write(
        Data("error: \(error)\nhint: --data names the folder with load/ and forecast/\n".utf8))
    exit(1)
}
