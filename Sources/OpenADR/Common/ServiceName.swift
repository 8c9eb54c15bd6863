/// A service of the profile: one endpoint each at a VTN, and all but `oadrPoll` at a VEN that takes pushes.
public enum ServiceName: String, Hashable, Codable, Sendable, CaseIterable {
    case eiRegisterParty = "EiRegisterParty"
    case eiEvent = "EiEvent"
    case eiReport = "EiReport"
    case eiOpt = "EiOpt"
    case oadrPoll = "OadrPoll"

    /// The path of the HTTP endpoint below the host's base address (rule 511).
    public var path: String { "/OpenADR2/Simple/2.0b/\(rawValue)" }
}
