/// A meter; the number is its key in the database.
public struct MeterID: Hashable, Comparable, Codable, Sendable {
    public let rawValue: Int64

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public static func < (left: MeterID, right: MeterID) -> Bool { left.rawValue < right.rawValue }
}

/// A company, a utility or a community that owns meters.
public struct OrganizationID: Hashable, Comparable, Codable, Sendable {
    public let rawValue: Int64

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public static func < (left: OrganizationID, right: OrganizationID) -> Bool { left.rawValue < right.rawValue }
}

/// A person with a login.
public struct UserID: Hashable, Comparable, Codable, Sendable {
    public let rawValue: Int64

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public static func < (left: UserID, right: UserID) -> Bool { left.rawValue < right.rawValue }
}

/// A demand-response programme.
public struct ProgramID: Hashable, Comparable, Codable, Sendable {
    public let rawValue: Int64

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public static func < (left: ProgramID, right: ProgramID) -> Bool { left.rawValue < right.rawValue }
}

/// An event of a programme, by the eventID that its VENs know it by.
public struct ProgramEventID: Hashable, Comparable, Codable, Sendable {
    public let rawValue: String

    public init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    public static func < (left: ProgramEventID, right: ProgramEventID) -> Bool { left.rawValue < right.rawValue }
}
