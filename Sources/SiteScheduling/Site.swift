/// A site with storage and flexible loads, and what it will see in the steps ahead. Powers are in kilowatts, energies in
/// kilowatt-hours, prices in currency units for each kWh, times in steps of equal length.
public struct Site: Hashable, Sendable {
    /// Storage behind the meter.
    public struct Battery: Hashable, Sendable {
        public var capacity: Double
        /// Never below.
        public var floor: Double
        public var start: Double
        public var chargePower: Double
        public var dischargePower: Double
        /// What of a charged, and of a discharged, kWh remains.
        public var chargeEfficiency: Double
        public var dischargeEfficiency: Double
        /// What a kWh in or out costs in wear.
        public var wear: Double
        /// What should be left at the end; less is a named slack.
        public var endFloor: Double
        /// What a kWh that is left at the end is worth.
        public var endValue: Double

        public init(
            capacity: Double, floor: Double = 0, start: Double, chargePower: Double, dischargePower: Double,
            chargeEfficiency: Double = 0.95, dischargeEfficiency: Double = 0.95, wear: Double = 0,
            endFloor: Double = 0, endValue: Double = 0
        ) {
            self.capacity = capacity
            self.floor = floor
            self.start = start
            self.chargePower = chargePower
            self.dischargePower = dischargePower
            self.chargeEfficiency = chargeEfficiency
            self.dischargeEfficiency = dischargeEfficiency
            self.wear = wear
            self.endFloor = endFloor
            self.endValue = endValue
        }
    }

    /// A load that needs energy within a window: a vehicle (nothing, or between two powers) or a water heater.
    public struct EnergyLoad: Hashable, Sendable {
        public var name: String
        /// Where it may draw; energy is needed from each of these windows as a whole.
        public var windows: [[Int]]
        /// Needed from each window.
        public var energy: Double
        /// It draws nothing, or at least this.
        public var leastPower: Double
        public var mostPower: Double
        /// What a step in which it draws costs, to keep it from drawing needlessly often.
        public var stepCost: Double

        public init(
            name: String, windows: [[Int]], energy: Double, leastPower: Double = 0, mostPower: Double,
            stepCost: Double = 0
        ) {
            self.name = name
            self.windows = windows
            self.energy = energy
            self.leastPower = leastPower
            self.mostPower = mostPower
            self.stepCost = stepCost
        }
    }

    /// A job that runs through once it has begun: a dishwasher.
    public struct Job: Hashable, Sendable {
        public var name: String
        /// The allowed first steps, one list for each time that it has to run.
        public var starts: [[Int]]
        public var length: Int
        public var power: Double

        public init(name: String, starts: [[Int]], length: Int, power: Double) {
            self.name = name
            self.starts = starts
            self.length = length
            self.power = power
        }
    }

    /// A load that is on or off for a number of steps of each window, at least so many at a time: a pump.
    public struct SwitchedLoad: Hashable, Sendable {
        public var name: String
        public var windows: [[Int]]
        /// Steps that it is on in each window.
        public var steps: Int
        public var shortestRun: Int
        public var power: Double
        public var startCost: Double

        public init(
            name: String, windows: [[Int]], steps: Int, shortestRun: Int = 1, power: Double, startCost: Double = 0
        ) {
            self.name = name
            self.windows = windows
            self.steps = steps
            self.shortestRun = shortestRun
            self.power = power
            self.startCost = startCost
        }
    }

    /// A part of the base load that can be dropped as a whole while the grid is away.
    public struct Zone: Hashable, Sendable {
        public var name: String
        /// Its share of the base load.
        public var share: Double
        /// What a kWh that it misses costs.
        public var lostLoadValue: Double

        public init(name: String, share: Double, lostLoadValue: Double) {
            self.name = name
            self.share = share
            self.lostLoadValue = lostLoadValue
        }
    }

    /// The length of a step in hours.
    public var hours: Double
    /// The load that is not flexible, of all zones together.
    public var base: [Double]
    /// What the sun can give.
    public var solar: [Double]
    public var importPrice: [Double]
    public var exportPrice: [Double]
    /// Where the grid is away.
    public var outage: [Bool]
    /// The most that goes either way through the meter.
    public var gridPower: Double
    /// What a kW of the highest import costs.
    public var demandPrice: Double
    public var battery: Battery?
    /// Energy that should be in the battery in each step against an outage, and what a kWh less costs for an hour.
    public var reserve: [Double]
    public var reservePrice: Double
    public var energyLoads: [EnergyLoad]
    public var jobs: [Job]
    public var switchedLoads: [SwitchedLoad]
    public var zones: [Zone]

    public init(
        hours: Double, base: [Double], solar: [Double], importPrice: [Double], exportPrice: [Double],
        outage: [Bool]? = nil, gridPower: Double, demandPrice: Double = 0, battery: Battery? = nil,
        reserve: [Double]? = nil, reservePrice: Double = 0, energyLoads: [EnergyLoad] = [], jobs: [Job] = [],
        switchedLoads: [SwitchedLoad] = [], zones: [Zone] = []
    ) throws(SiteError) {
        let count = base.count
        let outage = outage ?? [Bool](repeating: false, count: count)
        let reserve = reserve ?? [Double](repeating: 0, count: count)
        guard count > 0, hours > 0,
            [solar, importPrice, exportPrice, reserve].allSatisfy({ $0.count == count }), outage.count == count
        else { throw .lengths }
        guard (base + solar + importPrice + exportPrice + reserve).allSatisfy(\.isFinite),
            base.allSatisfy({ $0 >= 0 }), solar.allSatisfy({ $0 >= 0 }), gridPower >= 0, demandPrice >= 0
        else { throw .numbers }
        let steps =
            energyLoads.flatMap { $0.windows.joined() } + switchedLoads.flatMap { $0.windows.joined() }
            + jobs.flatMap { job in job.starts.joined().flatMap { [$0, $0 + job.length - 1] } }
        guard steps.allSatisfy((0..<count).contains) else { throw .steps }
        guard zones.reduce(0, { $0 + $1.share }) <= 1 + 1e-9 else { throw .zones }
        if let battery {
            guard battery.floor >= 0, battery.floor <= battery.start, battery.start <= battery.capacity,
                battery.chargeEfficiency > 0, battery.chargeEfficiency <= 1, battery.dischargeEfficiency > 0,
                battery.dischargeEfficiency <= 1, battery.endFloor <= battery.capacity
            else { throw .battery }
        }
        self.hours = hours
        self.base = base
        self.solar = solar
        self.importPrice = importPrice
        self.exportPrice = exportPrice
        self.outage = outage
        self.gridPower = gridPower
        self.demandPrice = demandPrice
        self.battery = battery
        self.reserve = reserve
        self.reservePrice = reservePrice
        self.energyLoads = energyLoads
        self.jobs = jobs
        self.switchedLoads = switchedLoads
        self.zones = zones
    }

    public var stepCount: Int { base.count }
}

/// Why a site cannot be planned.
public enum SiteError: Error, Hashable, Sendable {
    /// The floor, start and capacity are not in order, or an efficiency is not above 0 and at most 1.
    case battery
    /// The series are empty or of different lengths.
    case lengths
    /// A number is not finite, or negative where that makes no sense.
    case numbers
    /// A load wants to run outside of the steps.
    case steps
    /// The zones' shares add up to more than the whole load.
    case zones
}
