extension DispatchProblem {
    /// A call that runs already, or that somebody was told of and will carry out: it cannot be changed, and what it brings
    /// counts towards the targets and the limits.
    public struct Commitment: Hashable, Codable, Sendable {
        public var name: ResourceName
        /// The place of its feeder.
        public var feeder: Int
        /// The probability that it does what it was told; 1 once it does.
        public var optIn: Double
        /// What it sheds when it does, T values, kW.
        public var power: [Double]
        /// The standard error of that, T values, kW.
        public var standardError: [Double]
        /// What comes back after it when it does, T values, kW.
        public var rebound: [Double]

        public init(
            name: ResourceName, feeder: Int = 0, optIn: Double, power: [Double], standardError: [Double],
            rebound: [Double]
        ) {
            self.name = name
            self.feeder = feeder
            self.optIn = optIn
            self.power = power
            self.standardError = standardError
            self.rebound = rebound
        }

        /// What is there in an interval when it does what it was told, kW.
        func net(_ interval: Int) -> Double { power[interval] - rebound[interval] }

        /// The variance in an interval, kW squared.
        func variance(_ interval: Int) -> Double {
            optIn * standardError[interval] * standardError[interval]
                + optIn * (1 - optIn) * power[interval] * power[interval]
        }
    }

    /// What is wrong with a commitment; nil when nothing is.
    func flaw(_ commitment: Commitment) -> String? {
        func isPower(_ value: Double) -> Bool { value.isFinite && value >= 0 && value <= 1e7 }
        let series = [commitment.power, commitment.standardError, commitment.rebound]
        if series.contains(where: { $0.count != intervalCount || !$0.allSatisfy(isPower) }) {
            return "power, standardError and rebound take \(intervalCount) values of zero or more each"
        }
        if !(commitment.optIn > 0 && commitment.optIn <= 1) { return "optIn takes a probability above 0 and at most 1" }
        if !feeders.indices.contains(commitment.feeder) { return "its feeder is not there" }
        return nil
    }

    /// What the commitments bring surely in an interval, in the linear form of a margin.
    func sure(_ interval: Int, _ margin: DeliveryMargin) -> Double {
        committed.reduce(0) { sum, commitment in
            sum + (1 - margin.meanFactor) * commitment.optIn * commitment.power[interval]
                - margin.varianceFactor * commitment.variance(interval)
                - commitment.optIn * commitment.rebound[interval]
        }
    }

    /// What is left of a limit when the commitments have taken their part; infinite where there is none.
    func left(_ limits: [Double?], feeder: Int?, _ part: KeyPath<Commitment, [Double]>) -> [Double] {
        limits.enumerated().map { interval, limit in
            guard let limit else { return .infinity }
            let taken = committed.reduce(0) { sum, commitment in
                feeder == nil || commitment.feeder == feeder
                    ? sum + commitment.optIn * commitment[keyPath: part][interval] : sum
            }
            return max(0, limit - taken)
        }
    }
}
