/// A portfolio and what is asked of it, in flat columns for up to millions of resources: the form in which
/// `PortfolioSolver` works. Powers are in kilowatts, money is in currency units, time is in intervals and seconds.
///
/// ```
/// minimise    sum cost * x + shortfallPrice * hours * short
/// subject to  sum of a resource's x <= 1, x whole
///             sum sure * x - rebound * x + short >= needed      each interval with a target
///             sum rebound * x <= reboundLimit                   each interval with such a limit
///             sum mean * x <= shedLimit of the feeder           each feeder and interval with such a limit
///             sum rebound * x <= reboundLimit of the feeder     each feeder and interval with such a limit
/// ```
///
/// A column x is a resource's run of intervals at a level. `sure` is the linear part of the delivery margin, see
/// `DeliveryMargin`. Resources are kept feeder by feeder.
public struct Portfolio: Sendable {
    /// What is asked for in an interval.
    public struct Demand: Hashable, Sendable {
        /// The target, kW.
        public var target: Double
        public var margin: DeliveryMargin

        public init(target: Double, margin: DeliveryMargin) {
            self.target = target
            self.margin = margin
        }

        /// What the sure parts must add up to, kW.
        public var needed: Double { target + margin.constant }
    }

    /// What a feeder can take; infinite where there is no limit.
    public struct Feeder: Hashable, Sendable {
        /// For each interval, kW.
        public var shedLimit: [Double]
        /// For each interval, kW.
        public var reboundLimit: [Double]

        public init(shedLimit: [Double], reboundLimit: [Double]) {
            self.shedLimit = shedLimit
            self.reboundLimit = reboundLimit
        }
    }

    /// The scalars of a resource.
    public struct Resource: Hashable, Sendable {
        /// The place of its feeder.
        public var feeder: Int32 = 0
        /// The first interval in which a call may start.
        public var earliest: Int32 = 0
        /// Seconds that a call lasts at least and at most.
        public var shortest: Int32 = 0
        public var longest: Int32 = .max
        /// The place of its levels in `Portfolio.levels`.
        public var levels: Int32 = 0
        /// The share of the full reduction that is there in a call's first interval.
        public var firstShare = 1.0
        /// Per expected kWh.
        public var energyPrice = 0.0
        /// Paid once for each call, with what fairness and the season add to it.
        public var callCost = 0.0
        /// What an interval of a call costs in comfort, at full level.
        public var comfort = 0.0
        /// False for a critical resource, one without calls left, or one that is away: it has no columns.
        public var mayBeCalled = true

        public init() {}
    }

    /// The length of each interval in hours; T of them.
    public let hours: [Double]
    /// Seconds from the first interval's start to each interval's start, and to the last one's end: T + 1.
    public let offsets: [Int32]
    /// The intervals in which a call may run; W of them.
    public let callable: Range<Int>
    /// Nil in an interval without a target.
    public var demands: [Demand?]
    /// What a missing kWh costs.
    public var shortfallPrice: Double
    /// The limit of the rebound of all resources in each interval, kW; infinite where there is none.
    public var reboundLimit: [Double]
    public let feeders: [Feeder]
    public let levels: [[Double]]

    /// R resources, feeder by feeder.
    public let resources: [Resource]
    /// Where each feeder's resources begin; the last number is R.
    public let feederStarts: [Int]
    /// For each place, the place that the resource had in the order in which it was given.
    public let givenPlaces: [Int32]
    /// R rows of W: expected reduction at full level, opting out counted in, kW.
    public let means: [Double]
    /// R rows of W: its variance, kW squared.
    public let variances: [Double]
    /// R rows of K: expected rebound at full level in the k-th interval after the end of a call, kW.
    public let rebounds: [Double]
    /// K, over how many intervals after a call its rebound goes.
    public let reboundLength: Int

    /// Takes resources in any order, with one row of each matrix for each of them, and puts them in feeder order.
    public init(
        hours: [Double], offsets: [Int32], callable: Range<Int>, demands: [Demand?], shortfallPrice: Double,
        reboundLimit: [Double], feeders: [Feeder], levels: [[Double]] = [[1]], resources: [Resource],
        means: [Double], variances: [Double], rebounds: [Double], reboundLength: Int
    ) {
        let width = callable.count
        precondition(offsets.count == hours.count + 1 && demands.count == hours.count)
        precondition(reboundLimit.count == hours.count && !feeders.isEmpty)
        precondition(means.count == resources.count * width && variances.count == means.count)
        precondition(rebounds.count == resources.count * reboundLength)
        self.hours = hours
        self.offsets = offsets
        self.callable = callable
        self.demands = demands
        self.shortfallPrice = shortfallPrice
        self.reboundLimit = reboundLimit
        self.feeders = feeders
        self.levels = levels
        self.reboundLength = reboundLength
        var starts = [Int](repeating: 0, count: feeders.count + 1)
        for resource in resources { starts[Int(resource.feeder) + 1] += 1 }
        for feeder in feeders.indices { starts[feeder + 1] += starts[feeder] }
        feederStarts = starts
        var places = [Int32](repeating: 0, count: resources.count)
        for (given, resource) in resources.enumerated() {
            places[starts[Int(resource.feeder)]] = Int32(given)
            starts[Int(resource.feeder)] += 1
        }
        givenPlaces = places
        self.resources = places.map { resources[Int($0)] }
        self.means = Self.rows(means, width, places)
        self.variances = Self.rows(variances, width, places)
        self.rebounds = Self.rows(rebounds, reboundLength, places)
    }

    /// The rows of a matrix in another order.
    private static func rows(_ matrix: [Double], _ width: Int, _ order: [Int32]) -> [Double] {
        [Double](unsafeUninitializedCapacity: matrix.count) { target, count in
            for (place, given) in order.enumerated() {
                for column in 0..<width {
                    target.initializeElement(at: place * width + column, to: matrix[Int(given) * width + column])
                }
            }
            count = matrix.count
        }
    }

    /// T, the number of intervals.
    public var intervalCount: Int { hours.count }

    /// The price of one kW that is missing through an interval.
    func shortfallPrice(in interval: Int) -> Double { shortfallPrice * hours[interval] }
}

/// The linear form of the margin that keeps a delivery probability, at one interval.
///
/// With mean M, variance V of independent errors and a common error that moves all of A = sum kappa * mean at once, at
/// least D is delivered with the probability of z standard deviations when `M - z * sqrt(A^2 + V) >= D`. The root's
/// tangent at (A0, V0) makes it linear in every called resource:
///
/// ```
/// sum ((1 - meanFactor) * mean - varianceFactor * variance) >= D + constant
/// ```
///
/// Without a common error the root is concave in V and the tangent lies above it: whatever the row admits keeps the
/// probability. With one it is convex in A, so what comes out is verified and solved again from its own place.
public struct DeliveryMargin: Hashable, Sendable {
    public let meanFactor: Double
    public let varianceFactor: Double
    public let constant: Double

    /// No margin: the expected reduction is asked for.
    public static let none = DeliveryMargin(meanFactor: 0, varianceFactor: 0, constant: 0)

    private init(meanFactor: Double, varianceFactor: Double, constant: Double) {
        self.meanFactor = meanFactor
        self.varianceFactor = varianceFactor
        self.constant = constant
    }

    /// The margin of a part of a portfolio, in which mean and variance are that share.
    func scaled(by share: Double) -> DeliveryMargin {
        DeliveryMargin(meanFactor: meanFactor, varianceFactor: varianceFactor, constant: constant * share)
    }

    /// - Parameters:
    ///   - deviations: z, standard deviations.
    ///   - mean: the expected reduction at the tangent's place, kW.
    ///   - variance: its variance there without the common error, kW squared.
    ///   - commonError: kappa, the relative error that all resources share.
    public init(deviations: Double, mean: Double, variance: Double, commonError: Double = 0) {
        let common = commonError * mean
        let root = (common * common + variance).squareRoot()
        guard root > 0, deviations > 0 else {
            self = .none
            return
        }
        meanFactor = deviations * common * commonError / root
        varianceFactor = deviations / (2 * root)
        constant = deviations * (root - (common * common + variance / 2) / root)
    }
}
