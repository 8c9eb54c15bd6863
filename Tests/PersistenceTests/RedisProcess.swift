import Foundation
import Glibc

/// A Redis of one test, which may be killed, stopped and started again on the same socket.
final class RedisProcess {
    let socket: String
    private let folder: String
    private var process: Process?

    init() throws {
        folder = "/tmp/curtail-r\(getpid())-\(UUID().uuidString.prefix(6))"
        socket = "\(folder)/s"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try start()
    }

    var url: String { "unix://\(socket)" }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/redis-server")
        process.arguments = [
            "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder, "--maxmemory", "32mb",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
    }

    func signal(_ number: Int32) {
        guard let process, process.isRunning else { return }
        kill(process.processIdentifier, number)
        if number == SIGKILL { process.waitUntilExit() }
    }

    deinit {
        signal(SIGCONT)
        signal(SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }
}
