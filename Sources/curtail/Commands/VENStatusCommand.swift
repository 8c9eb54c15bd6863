import ArgumentParser
import Foundation
import Measures
import OpenADR
import OpenADRXML
import VirtualEndNode

/// A VEN at this site: the process that runs, or what it left in its state folder.
struct LocalVEN: Sendable {
    let settings: VENSettings
    let schemas: String

    private var codec: OpenADRCodec {
        get throws { OpenADRCodec(schemas: try SchemaSet(folder: schemas)) }
    }

    private func ask(_ request: ControlRequest) async throws -> ControlAnswer? {
        try await ControlSocket.ask(request, at: "\(settings.state)/\(ControlSocket.fileName)")
    }

    func status() async throws -> (status: EndNodeStatus, isRunning: Bool) {
        if case .status(let status)? = try await ask(.status) { return (status, true) }
        guard FileManager.default.fileExists(atPath: "\(settings.state)/\(EndNodeKeeper.fileName)") else {
            throw CommandFailure(
                "No VEN has run with the state folder \(settings.state).",
                hint: "start one with 'curtail ven run', or name its folder with --state", status: .notFound)
        }
        let memory = try EndNodeKeeper.read(folder: settings.state, codec: codec)
        return (EndNodeStatus(of: memory, at: SystemTime().now()), false)
    }

    /// Tells the VEN that runs; without one, enters it where the next one finds it.
    func perform(_ command: EndNodeCommand) async throws -> OptID {
        switch try await ask(.perform(command)) {
        case .done(let id)?: return id
        case .refused(let reason)?:
            throw CommandFailure("The VEN refuses: \(reason).", hint: "see 'curtail ven status'", status: .refused)
        case .status?, nil: break
        }
        var keeper = try EndNodeKeeper(folder: settings.state, codec: codec)
        let now = SystemTime().now()
        var state = EndNodeState(
            configuration: EndNodeConfiguration(venName: settings.venName, venID: settings.venID),
            environment: EndNodeEnvironment(makeID: { UUID().uuidString }, random: { Double.random(in: 0..<1) }),
            memory: keeper.memory, now: now)
        do {
            let id = try state.perform(command, now: now)
            var memory = state.memory
            memory.takeReports(of: keeper.memory)
            try keeper.keep(memory)
            return id
        } catch let refusal as EndNodeRefusal {
            throw CommandFailure("The VEN refuses: \(refusal).", hint: "see 'curtail ven status'", status: .refused)
        }
    }
}

/// `curtail ven status`: what a VEN knows and does.
struct VENStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what a VEN knows, and draw what its loads do now and next.",
        discussion: """
            Asks the VEN that runs with the same state folder; when none does, shows what the last one left there.

            Examples:
              curtail ven status --bundle plant-7
              curtail ven status --state /var/lib/ven --set vtn.url=https://vtn.example.com --json
            """)

    @OptionGroup var options: VENOptions

    @Option(
        help: ArgumentHelp("The folder that holds Schemas (environment: CURTAIL_ROOT).", valueName: "folder"))
    var root: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Whole: Encodable {
        let isRunning: Bool
        let status: EndNodeStatus
    }

    func run() async throws {
        let settings = try options.resolved()
        let ven = LocalVEN(settings: settings, schemas: Schemas.folder(root: root))
        let (status, isRunning) = try await ven.status()
        if json {
            print(try JSONOutput.text(Whole(isRunning: isRunning, status: status)))
        } else {
            let text = VENStatusText(
                status: status, isRunning: isRunning, name: settings.venName,
                resources: settings.resources.compactMap(\.id))
            print(text.lines.joined(separator: "\n"))
        }
    }
}

/// A VEN's status for people.
struct VENStatusText {
    let status: EndNodeStatus
    let isRunning: Bool
    let name: String
    let resources: [ResourceID]

    var lines: [String] {
        var lines = [registration]
        if isRunning { lines.append(contact) }
        for report in status.reports {
            let missing = report.missing == 0 ? "" : "; \(report.missing) readings are still missing"
            lines.append("report \(report.requestID): the VTN has it until \(report.reportedUntil)\(missing)")
        }
        for opt in status.opts { lines.append(Self.words(opt)) }
        if !status.events.isEmpty { lines += ["", table, ""] }
        return lines + status.timeline.drawn(now: status.at, resources: resources)
    }

    private var registration: String {
        let run = isRunning ? "runs" : "does not run"
        guard let registration = status.registration else { return "\(name) \(run) and is not registered" }
        return "\(name) \(run), registered as \(registration.venID) at \(registration.vtnID)"
    }

    private var contact: String {
        let heard = status.lastContact.map { "heard of the VTN \(Self.words(status.at - $0)) ago" }
        let next = status.nextMessage.map { "speaks again in \(Self.words($0 - status.at))" }
        return [heard ?? "has not heard of the VTN yet", next ?? "is speaking to it"].joined(separator: ", ")
    }

    private var table: String {
        var table = TextTable(["event", "version", "says", "from (UTC)", "to"], leftColumns: [0, 2, 3, 4])
        for event in status.events {
            table.add([
                event.eventID.rawValue, "\(event.modificationNumber)",
                event.isCancelled ? "cancelled" : event.opt.rawValue, event.start.description,
                event.end?.description ?? "open",
            ])
        }
        return table.rendered()
    }

    private static func words(_ opt: LocalOpt) -> String {
        let told: String =
            switch opt.state {
            case .unsent: "the VTN is not told yet"
            case .known: "the VTN knows"
            case .withdrawing: "being withdrawn"
            case .refused: "the VTN does not take it"
            }
        let what: String =
            switch opt.scope {
            case .event(let id):
                "for the event \(id)"
                    + (opt.resources.map { ", only \($0.map(\.rawValue).joined(separator: ", "))" } ?? "")
            case .schedule(let windows, _):
                windows.map { $0.duration == .zero ? "from \($0.start)" : "\($0.start) to \($0.end)" }
                    .joined(separator: ", ")
            }
        return "\(opt.type.rawValue) \(what) (\(opt.reason.rawValue); \(told); id \(opt.optID))"
    }

    private static func words(_ span: TimeSpan) -> String {
        SpanArgument(max(span, .zero)).description + (span <= .zero ? " s" : "")
    }
}
