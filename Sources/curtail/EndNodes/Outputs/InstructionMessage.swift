import Measures
import OpenADR
import VirtualEndNode

/// An instruction as drivers outside get it: the body of a webhook, a line for a plug-in.
struct InstructionMessage: Encodable {
    let type = "instruction"
    /// The same for the same thing to do.
    let id: String
    /// Empty for the VEN as a whole.
    let resource: String
    /// normal, level, setpoint, delta or price.
    let action: String
    /// The level; watts; or the price per kWh. None for normal.
    let value: Double?
    /// event, noEvent, failSafe or limit.
    let cause: String
    let event: String?
    let start: String?
    let end: String?
    /// Whether it may have been carried out before.
    let repeated: Bool

    init(_ instruction: Instruction, isRepetition: Bool) {
        id = instruction.id
        resource = instruction.resource?.rawValue ?? ""
        (action, value) =
            switch instruction.action {
            case .normal: ("normal", nil)
            case .follow(.level(let level)): ("level", Double(level))
            case .follow(.setpoint(let power)): ("setpoint", power.value)
            case .follow(.delta(let change)): ("delta", change.value)
            case .follow(.price(let price)): ("price", price)
            }
        cause = instruction.cause.rawValue
        event = instruction.event?.rawValue
        start = instruction.start?.description
        end = instruction.end?.description
        repeated = isRepetition
    }

    /// As environment variables of a command.
    var variables: [String: String] {
        [
            "CURTAIL_INSTRUCTION": id, "CURTAIL_RESOURCE": resource, "CURTAIL_ACTION": action,
            "CURTAIL_VALUE": value.map { $0 == $0.rounded() && $0.magnitude < 1e15 ? "\(Int64($0))" : "\($0)" } ?? "",
            "CURTAIL_CAUSE": cause, "CURTAIL_EVENT": event ?? "", "CURTAIL_START": start ?? "",
            "CURTAIL_END": end ?? "", "CURTAIL_REPEATED": repeated ? "1" : "0",
        ]
    }
}

/// Why an output did not do what it was told.
struct OutputFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
