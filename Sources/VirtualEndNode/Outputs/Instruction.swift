public import Measures
public import OpenADR

/// What one resource has to do from now on, as a driver outside is told.
public struct Instruction: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        /// As without any event.
        case normal
        case follow(Dispatch)
    }

    /// Why.
    public enum Cause: String, Hashable, Codable, Sendable {
        case event
        case noEvent
        /// The VTN has been gone for too long.
        case failSafe
        /// A limit of comfort ended, or changed, what the event asks for.
        case limit
    }

    /// Nil is the VEN as a whole.
    public let resource: ResourceID?
    public let action: Action
    public let cause: Cause
    public let event: EventID?
    /// When it began to hold by the timeline.
    public let start: Instant?
    /// When it will end, as far as that is known.
    public let end: Instant?

    /// The same for the same thing to do: by it a driver tells a repetition from a new instruction.
    public var id: String {
        let what: String =
            switch action {
            case .normal: "normal"
            case .follow(.level(let level)): "level:\(level)"
            case .follow(.setpoint(let power)): "setpoint:\(power.value)"
            case .follow(.delta(let power)): "delta:\(power.value)"
            case .follow(.price(let price)): "price:\(price)"
            }
        guard cause == .event || cause == .limit, let event, let start else { return "\(cause.rawValue)/\(what)" }
        return "\(cause.rawValue)/\(event)/\(start)/\(what)"
    }
}

/// What a resource bears.
public struct ComfortLimits: Hashable, Sendable {
    /// The longest time in one go that it follows events.
    public var longestShed: TimeSpan?
    /// After following an event it is left alone for this long.
    public var rest: TimeSpan?
    /// SIMPLE levels above count as this one.
    public var highestLevel: Int?
    /// A setpoint below counts as this one.
    public var lowestSetpoint: Watts?
    /// A cut (a negative change) that is deeper counts as this one; positive.
    public var deepestCut: Watts?

    public init(
        longestShed: TimeSpan? = nil, rest: TimeSpan? = nil, highestLevel: Int? = nil, lowestSetpoint: Watts? = nil,
        deepestCut: Watts? = nil
    ) {
        self.longestShed = longestShed
        self.rest = rest
        self.highestLevel = highestLevel
        self.lowestSetpoint = lowestSetpoint
        self.deepestCut = deepestCut
    }

    /// What is left of an instruction.
    func bounded(_ dispatch: Dispatch) -> Dispatch {
        switch dispatch {
        case .level(let level): .level(min(level, highestLevel ?? level))
        case .setpoint(let power): .setpoint(max(power, lowestSetpoint ?? power))
        case .delta(let change): .delta(max(change, deepestCut.map { $0 * -1 } ?? change))
        case .price: dispatch
        }
    }
}

/// What happens to the loads when the VTN is gone.
public struct FailSafe: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        /// Known events are carried out as if nothing had happened.
        case carryOn
        /// The loads go back to normal until the VTN is there again.
        case normal
        /// The loads do this until the VTN is there again.
        case hold(Dispatch)
    }

    /// How long the VTN may say nothing.
    public var after: TimeSpan
    public var action: Action

    public init(after: TimeSpan, action: Action) {
        self.after = after
        self.action = action
    }
}
