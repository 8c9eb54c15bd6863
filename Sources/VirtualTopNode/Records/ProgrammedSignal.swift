public import OpenADR

/// What one VEN is asked to do, step by step, in one of the event's languages.
public struct ProgrammedSignal: Hashable, Sendable {
    public typealias Kind = SignalKind

    public let kind: Kind
    /// One per step of the event, in the kind's unit.
    public let values: [Double]
    /// The devices that are meant (rule 111); none means all.
    public let deviceClasses: [DeviceClass]

    /// Nil unless the kind takes every value (rules 9 and 104).
    public init?(_ kind: Kind, values: [Double], deviceClasses: [DeviceClass] = []) {
        guard values.allSatisfy(kind.takes), Set(deviceClasses).count == deviceClasses.count else { return nil }
        self.kind = kind
        self.values = values
        self.deviceClasses = deviceClasses
    }

    /// What no other signal of an event may speak of.
    var subject: [String] { [kind.word] + deviceClasses.map(\.rawValue).sorted() }
}

extension ProgrammedSignal: Codable {
    private enum CodingKeys: CodingKey { case kind, values, deviceClasses }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        kind = try fields.decode(Kind.self, forKey: .kind)
        values = try fields.decode([Double].self, forKey: .values)
        deviceClasses = try fields.decodeIfPresent([DeviceClass].self, forKey: .deviceClasses) ?? []
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(values, forKey: .values)
        if !deviceClasses.isEmpty { try fields.encode(deviceClasses, forKey: .deviceClasses) }
    }
}
