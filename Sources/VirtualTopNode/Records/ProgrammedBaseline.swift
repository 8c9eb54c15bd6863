public import Measures
public import OpenADR

/// The load to expect of a VEN without the event: our forecast, sent along so that both sides count from the same line.
public struct ProgrammedBaseline: Hashable, Codable, Sendable {
    public let id: BaselineID
    /// Where the numbers come from, for people: such as the name of the forecasting method.
    public let name: String
    public let start: Instant
    public let steps: [TimeSpan]
    /// Mean power of each step in W.
    public let values: [Double]
    /// It is the aggregate of these (rule 108); none means all of the VEN.
    public let resources: [ResourceID]

    /// Nil unless there is one finite value for each step and every step is longer than zero (rule 102).
    public init?(
        id: BaselineID, name: String, start: Instant, steps: [TimeSpan], values: [Double], resources: [ResourceID] = []
    ) {
        guard !steps.isEmpty, steps.count == values.count, steps.allSatisfy({ $0 > .zero }),
            values.allSatisfy(\.isFinite)
        else { return nil }
        self.id = id
        self.name = name
        self.start = start
        self.steps = steps
        self.values = values
        self.resources = resources
    }

    func message(grid: PowerAttributes) -> EventBaseline {
        EventBaseline(
            baselineID: id, name: name, start: start, duration: steps.reduce(.zero, +),
            intervals: SignalInterval.numbered(zip(steps, values).map { ($0, $1) }), resourceIDs: resources,
            itemBase: .realPower(attributes: grid))
    }
}
