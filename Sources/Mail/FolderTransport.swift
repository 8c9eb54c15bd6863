import FoundationEssentials
public import Measures

/// Puts every message into a folder as a file `ID.eml`, for an installation that has no mail server yet.
public struct FolderTransport: MailTransport {
    private let folder: String
    private let sender: String
    private let time: any TimeSource

    public init(folder: String, sender: String, time: any TimeSource) {
        self.folder = folder
        self.sender = sender
        self.time = time
    }

    public func send(_ message: MailMessage) async throws(MailError) {
        let source = MIMEBuilder.render(message, from: sender, at: time.now())
        do {
            // The messages carry links that log people in: nobody else may read them.
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let name = message.id.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            try Data(source.utf8).write(to: URL(filePath: "\(folder)/\(name).eml"), options: .atomic)
        } catch {
            throw .temporary("\(folder) cannot be written")
        }
    }
}
