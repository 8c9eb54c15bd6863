internal import CLibXML2

/// Makes the parser's tables before two threads ask for them at once.
private let ready: Void = xmlInitParser()

func prepareLibrary() { ready }

/// The first complaint of a parser or validator; later ones mostly follow from it.
final class FirstComplaint {
    private(set) var line = 0
    private(set) var message: String?

    func note(_ error: xmlError) {
        guard message == nil else { return }
        line = Int(error.line)
        message = tidy(error.message)
    }

    /// What the library calls; `context` is an unretained `FirstComplaint`.
    static let handler: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<xmlError>?) -> Void = {
        context, error in
        guard let context, let error else { return }
        Unmanaged<FirstComplaint>.fromOpaque(context).takeUnretainedValue().note(error.pointee)
    }
}

/// The library's message as one short line: it may quote the document, which may be hostile.
func tidy(_ message: UnsafePointer<CChar>?) -> String {
    guard let message else { return "no reason given" }
    let text = String(cString: message).prefix(300)
    return String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }).trimmed
}

extension StringProtocol {
    /// Without blanks at the ends, as XML understands them.
    var trimmed: String {
        let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
        var rest = self[...]
        while let first = rest.first, blanks.contains(first) { rest = rest.dropFirst() }
        while let last = rest.last, blanks.contains(last) { rest = rest.dropLast() }
        return String(rest)
    }
}
