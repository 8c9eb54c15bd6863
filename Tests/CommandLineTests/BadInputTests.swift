import Foundation
import Glibc
import Testing

/// What people get wrong: one clear sentence, a hint, an exit status, and nothing half-written.
@Suite struct BadInputTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func demo(_ arguments: [String]) async throws -> Program.Outcome {
        try await Program.run(
            ["demo", "--sites", "2", "--days", "21", "--state-directory", folder.state] + arguments, in: folder)
    }

    /// The sentence, once everything about the way it is said has been checked.
    private func complaint(_ outcome: Program.Outcome, status: Int32, hint: String) throws -> String {
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.output == "")
        #expect(outcome.lines("hint: ").count == 1 && outcome.lines("error: ").count == 1, "\(outcome.errors)")
        #expect(outcome.lines("hint: ").first?.contains(hint) == true, "\(outcome.errors)")
        #expect(outcome.errors.hasSuffix("\n"))
        let ending = outcome.errors.split(separator: "\n").suffix(2).map { $0.prefix(6) }
        #expect(ending == ["error:", "hint: "], "\(outcome.errors)")
        #expect(processes(in: folder.path) == [])
        return String(try #require(outcome.lines("error: ").first).dropFirst(7))
    }

    @Test func `a data folder that is not there`() async throws {
        let outcome = try await demo(["--data", "\(folder.path)/nowhere"])
        let sentence = try complaint(outcome, status: 1, hint: "Check the path")
        #expect(sentence == "The data folder \(folder.path)/nowhere does not exist.")
        #expect(!folder.exists("state"))
    }

    @Test(arguments: [
        (
            "time_local,kw\n2025-07-01 00:00:00,1\n2025-07-01 00:15:00,2\n2025-07-01 00:30:00,1.2.3\n",
            "bad.csv:4: found \"1.2.3\", expected a load as a decimal number.", "Mend the line"
        ),
        (
            "colour,shape\nred,round\n", "bad.csv:1: the header \"colour,shape\" is of no known format.",
            "Supported headers"
        ),
        ("", "bad.csv:1: found no line, expected a header.", "Mend the line"),
        (
            "time,kw\n2025-07-01 00:00,1\n2025-07-01 01:00,1\n", "No site can be cut out of the load series",
            "three weeks"
        ),
    ])
    func `a file that is no load series`(text: String, sentence: String, hint: String) async throws {
        let outcome = try await demo(["--data", folder.write(text, to: "data/bad.csv")])
        #expect(try complaint(outcome, status: 1, hint: hint).hasPrefix(sentence))
        #expect(!folder.exists("state"))
    }

    @Test func `more than the sites can promise`() async throws {
        let outcome = try await demo(["--target", "100000"])
        let sentence = try complaint(outcome, status: 5, hint: "--target")
        #expect(sentence.hasPrefix("The target cannot be promised"))
        #expect(!folder.exists("state"))
    }

    @Test func `a port that somebody else has`() async throws {
        let taken = try #require(TakenPort())
        let outcome = try await demo(["--port", "\(taken.port)"])
        let sentence = try complaint(outcome, status: 3, hint: "--port")
        #expect(sentence == "Port \(taken.port) of 127.0.0.1 is in use.")
    }

    @Test(
        .enabled(if: HiddenPrograms.canHide),
        arguments: [
            ("mariadbd", "mariadb-server"), ("mariadb-install-db", "mariadb-server"), ("redis-server", "redis-server"),
        ])
    func `a machine without the servers`(missing: String, package: String) async throws {
        let outcome = try await Program.run(
            ["demo", "--sites", "2", "--days", "21", "--state-directory", folder.state], in: folder,
            behind: HiddenPrograms.prefix(missing))
        let sentence = try complaint(outcome, status: 3, hint: "apt install \(package)")
        #expect(sentence == "The program \(missing) is not installed.")
        #expect(!folder.exists("state"))
    }

    @Test func `a state directory that is a file`() async throws {
        _ = try folder.write("mine", to: "state")
        let outcome = try await demo([])
        let sentence = try complaint(outcome, status: 3, hint: "--state-directory")
        #expect(sentence == "The state directory \(folder.state) cannot be used: it is not a directory.")
        #expect(folder.text("state") == "mine")
    }

    @Test func `a root folder without schemas`() async throws {
        let outcome = try await demo(["--root", "\(folder.path)/nowhere"])
        _ = try complaint(outcome, status: 3, hint: "--root")
        #expect(!folder.exists("state"))
    }

    @Test func `only one of two servers`() async throws {
        let outcome = try await demo(["--database-url", "mariadb:///x?socket=/nowhere"])
        _ = try complaint(outcome, status: 2, hint: "--redis-url")
        #expect(!folder.exists("state"))
    }

    @Test(arguments: [
        ["--colour"], ["--sites", "0"], ["--sites", "many"], ["--days", "3"], ["--speed", "nan"], ["--port", "70000"],
        ["--target", "-1"], ["surplus"], ["--seed"],
    ])
    func `flags and values that there are not`(arguments: [String]) async throws {
        let outcome = try await demo(arguments)
        let sentence = try complaint(outcome, status: 2, hint: "curtail demo --help")
        #expect(sentence.contains(arguments[0]))
        #expect(!folder.exists("state"))
    }

    @Test func `a sub-command that there is not`() async throws {
        let outcome = try await Program.run(["dance"], in: folder)
        #expect(try complaint(outcome, status: 2, hint: "curtail --help").contains("dance"))
    }

    @Test func `help is no failure`() async throws {
        for arguments in [["--help"], ["demo", "--help"], ["--version"]] {
            let outcome = try await Program.run(arguments, in: folder)
            #expect(outcome.status == 0 && outcome.errors == "" && !outcome.output.isEmpty)
        }
    }
}

/// A loopback port with a listener on it.
private final class TakenPort {
    let port: UInt16
    private let socket: Int32

    init?() {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let done = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && listen(socket, 1) == 0
                    && getsockname(socket, address, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        self.socket = socket
        guard done else { return nil }
    }

    deinit { close(socket) }
}

/// Takes programs out of the sight of another one: it sees something that cannot be run in their place.
private enum HiddenPrograms {
    private static let unshare = ["/usr/bin/unshare", geteuid() == 0 ? "-m" : "-rm"]

    /// Whether this machine lets us mount in a namespace of our own.
    static let canHide: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: unshare[0])
        process.arguments = [unshare[1], "mount", "--bind", "/dev/null", "/bin/true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// What to put before a command that shall not find `program`.
    static func prefix(_ program: String) -> [String] {
        let hide = """
            for folder in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do
                if [ -e "$folder/$0" ]; then mount --bind /dev/null "$folder/$0" || exit 99; fi
            done
            exec "$@"
            """
        return unshare + ["sh", "-c", hide, program]
    }
}
