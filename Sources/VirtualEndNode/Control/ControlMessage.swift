public import OpenADR

/// What a program at the site says to a running VEN: one line of JSON over the socket in its state folder.
public enum ControlRequest: Hashable, Codable, Sendable {
    case status
    case perform(EndNodeCommand)
}

/// The VEN's answer, one line as well.
public enum ControlAnswer: Hashable, Codable, Sendable {
    case status(EndNodeStatus)
    /// The id of the opt.
    case done(OptID)
    /// A sentence.
    case refused(String)
}
