/// A demand-side endpoint; given by the VTN at registration (`ei:venID`).
public struct VENID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// The grid-side endpoint (`ei:vtnID`).
public struct VTNID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// An event; unique per VEN (rule 70), never changed.
public struct EventID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// A registration of a VEN; given by the VTN (`ei:registrationID`).
public struct RegistrationID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// A request, echoed in its answer. May be empty (rules 207 and 303) and need not be unique (rule 43).
public struct RequestID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// A running report request; given by the party that asks, unique per asking party (rule 322).
public struct ReportRequestID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// An offered report; unique in the metadata of the party that offers it (rule 308).
public struct ReportSpecifierID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// A data point; unique inside its report specifier (rule 308).
public struct RID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// A load, building or aggregate behind a VEN.
public struct ResourceID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// An opt; need not be unique (rule 204).
public struct OptID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// A signal; unique inside its event (rule 107).
public struct SignalID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// A baseline that travels in an event.
public struct BaselineID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// A group of resources.
public struct GroupID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// A contractual party, such as a customer.
public struct PartyID: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

/// The URI that names a programme (`emix:marketContext`).
public struct MarketContext: Identifier {
    public let rawValue: String
    public init(_ text: String) { rawValue = text }
}

extension RequestID {
    /// What an answer echoes when nobody asked.
    public static let empty = RequestID("")
}

extension ReportRequestID {
    /// The id inside every report of metadata (rule 311).
    public static let metadata = ReportRequestID("0")
}

extension ReportSpecifierID {
    /// Asks for the other party's metadata (rule 327).
    public static let metadata = ReportSpecifierID("METADATA")
}
