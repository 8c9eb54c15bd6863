/// A plan for a `DispatchProblem`: whom to call, what it is expected to deliver, and how far from the best it can be.
/// Powers are in kilowatts, money is in currency units.
public struct DispatchProposal: Hashable, Codable, Sendable {
    /// A call of one resource.
    public struct Call: Hashable, Codable, Sendable {
        public let resource: ResourceName
        /// The first interval, and the one after the last.
        public let first: Int
        public let end: Int
        /// The place of the level among the resource's, counted from 1, and its share of the capacity.
        public let level: Int
        public let share: Double
        /// What it is asked for in each interval of the run.
        public let asked: [Double]
        /// What it is expected to reduce in each interval of the run, opting out counted in.
        public let expected: [Double]
        public let cost: Double
        /// How much dearer any other choice for it is at the plan's prices; nil when there is no other.
        public let lead: Double?

        public var run: Range<Int> { first..<end }
    }

    /// One interval of the problem.
    public struct Total: Hashable, Codable, Sendable {
        public let interval: Int
        /// Nil in an interval without a target.
        public let target: Double?
        /// What is declared to be missing to it, at the shortfall price.
        public let shortfall: Double
        /// Expected of all calls, rebound taken off.
        public let expected: Double
        /// Without the common error.
        public let deviation: Double
        /// The probability that at least the target less the shortfall is delivered; nil without a target.
        public let probability: Double?
        /// What comes back of earlier calls.
        public let rebound: Double
        /// What one kW more through the interval would cost: the dual price of the target.
        public let price: Double
        /// What one kW less of the portfolio's rebound limit would cost.
        public let reboundPrice: Double
        /// Where the margin's tangent lay; nil without a target.
        public let tangent: DispatchProblem.Tangent?
    }

    /// A limit of a feeder that costs something.
    public struct FeederPrice: Hashable, Codable, Sendable {
        public let feeder: Int
        public let interval: Int
        /// What one kW more of the limit would save.
        public let shed: Double
        public let rebound: Double
    }

    /// How good the plan is known to be.
    public enum Status: String, Hashable, Codable, Sendable {
        /// Within the gap that was asked for, every target met surely enough.
        case withinGap
        /// Sure enough, but the search ended before the gap.
        case gapNotReached
        /// Some targets are not met, or not surely enough; `reason` says which, and by how much.
        case short
    }

    public let calls: [Call]
    public let totals: [Total]
    public let feederPrices: [FeederPrice]
    /// What the calls and the shortfall cost.
    public let cost: Double
    public let shortfallCost: Double
    /// No plan of the linearised model, the margins' tangents at this plan's solve, costs less.
    public let bound: Double
    public let status: Status
    public let reason: String?
    /// How many solves it took, and how often everybody was priced in the one that counts.
    public let passes: Int
    public let rounds: Int
    /// Resources that could be called at all.
    public let candidates: Int

    /// (cost - bound) / cost.
    public var gap: Double { cost > bound ? (cost - bound) / max(abs(cost), 1e-9) : 0 }

    public func call(of resource: ResourceName) -> Call? { calls.first { $0.resource == resource } }
}
