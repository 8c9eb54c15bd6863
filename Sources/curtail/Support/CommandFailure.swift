/// Why a command ended without doing its job: one sentence, and what to do about it.
struct CommandFailure: Error {
    /// The exit statuses of every sub-command.
    enum Status: Int32 {
        case failure = 1
        case usage = 2
        case notReady = 3
        case notFound = 4
        case refused = 5
    }

    let status: Status
    let message: String
    let hint: String

    init(_ message: String, hint: String, status: Status = .failure) {
        self.status = status
        self.message = message
        self.hint = hint
    }
}
