import ArgumentParser
import Dispatch
import Glibc
import Measures
import MeterData
import Persistence

/// `curtail data ingest`: a stream of readings, acknowledged line by line.
struct DataIngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Take readings from standard input as they come, and acknowledge them.",
        discussion: """
            A line is meter,start,end,Wh with times in UTC. Lines become durable in small transactions on several
            connections. 'ok 120' says that every line up to the 120th is on the disk or was refused; 'refused 7: ...'
            says why line 7 was not taken. A reading that is there already is replaced, so whatever was not
            acknowledged is simply sent again. Meters are those that exist when the command begins. While the database is
            away, the command waits and goes on, at most for --patience.

            Example:
              gateway | curtail data ingest --database-url mariadb://curtail@db/curtail
              echo 'M-1,2026-07-01T12:00:00Z,2026-07-01T12:15:00Z,250' | curtail data ingest
            """)

    @OptionGroup var services: ServiceOptions
    @Option(help: ArgumentHelp("Lines of one transaction, at most.", valueName: "count")) var batch = 100
    @Option(help: ArgumentHelp("Transactions at the same time, 1 to 8.", valueName: "count")) var connections = 8
    @Option(help: ArgumentHelp("How long a database that is away is waited for.", valueName: "span"))
    var patience = SpanArgument(.minutes(1))
    @Flag(help: "Answer with a JSON object a line.") var json = false

    private struct Answer: Encodable {
        var ok: Int?
        var refused: Int?
        var reason: String?
    }

    func validate() throws {
        guard (1...10_000).contains(batch) else { throw ValidationError("--batch takes 1 to 10000.") }
        guard (1...8).contains(connections) else { throw ValidationError("--connections takes 1 to 8.") }
    }

    func run() async throws {
        var limits = ReadingIngest.Limits()
        limits.batch = batch
        limits.connections = connections
        limits.patience = .seconds(patience.span.seconds)
        try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { [limits, json] database in
            let ingest = try await ReadingIngest(
                database.pool, limits: limits, now: { SystemTime().now() },
                answer: { Self.print($0, json: json) })
            do {
                while case let bytes = try await Self.read(), !bytes.isEmpty { try await ingest.take(bytes) }
                try await ingest.finish()
            } catch {
                await ingest.cancel()
                throw error
            }
        }
    }

    /// A line of its own, in one piece.
    private static func print(_ answer: ReadingIngest.Answer, json: Bool) {
        let line: String
        switch (answer, json) {
        case (.safe(let number), false): line = "ok \(number)"
        case (.refused(let problem), false): line = "refused \(problem.line): \(problem.reason)"
        case (.safe(let number), true): line = (try? JSONOutput.line(Answer(ok: number))) ?? ""
        case (.refused(let problem), true):
            line = (try? JSONOutput.line(Answer(refused: problem.line, reason: problem.reason))) ?? ""
        }
        try? StandardOutput.write(Array("\(line)\n".utf8))
    }

    /// What there is on standard input, as soon as there is some; nothing at its end. The thread that waits is none of
    /// those that answers need.
    private static func read() async throws -> [UInt8] {
        let result: (bytes: [UInt8], failure: Int32) = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var failure: Int32 = 0
                let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                    var got = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
                    while got < 0, errno == EINTR { got = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count) }
                    failure = got < 0 ? errno : 0
                    count = max(got, 0)
                }
                continuation.resume(returning: (bytes, failure))
            }
        }
        guard result.failure == 0 else {
            throw CommandFailure("Standard input cannot be read.", hint: "check what is connected to it")
        }
        return result.bytes
    }
}
