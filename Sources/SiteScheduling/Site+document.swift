/// A site as a file (JSON), and what a forecast of it turned out to be.
public struct SiteDocument: Sendable {
    /// As it is expected.
    public let site: Site
    /// As it came; nil when the document does not say.
    public let actual: Site?
    /// When the first step begins, as the document says it (`2026-07-16T00:00:00Z`); nil when it does not.
    public let start: String?
    /// What a reserve against outages is weighed with; nil when the document does not ask for one.
    public let outages: Outages?
    /// Relative errors of the forecasts of load and sun, for scenarios.
    public let loadError: Double
    public let solarError: Double

    /// What an outage is expected to do.
    public struct Outages: Hashable, Sendable, Decodable {
        /// Outages a day.
        public let hazard: Double
        /// What a kWh that is not served costs.
        public let lostLoadValue: Double
        /// What a kWh kept idle for a day could have earned.
        public let holdingCost: Double
        /// How long an outage lasts.
        public let hours: Double
    }
}

extension SiteDocument: Decodable {
    private enum Series: Decodable {
        case all(Double)
        case each([Double])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let number = try? value.decode(Double.self) {
                self = .all(number)
            } else {
                self = .each(try value.decode([Double].self))
            }
        }

        func values(_ count: Int) -> [Double] {
            switch self {
            case .all(let number): [Double](repeating: number, count: count)
            case .each(let numbers): numbers
            }
        }
    }

    /// From a step to one, that one left out.
    private struct Span: Decodable {
        let steps: [Int]

        init(from decoder: any Decoder) throws {
            let pair = try decoder.singleValueContainer().decode([Int].self)
            guard pair.count == 2, pair[0] >= 0, pair[0] <= pair[1], pair[1] <= 1_000_000 else { throw SiteError.steps }
            steps = Array(pair[0]..<pair[1])
        }
    }

    private struct BatteryDocument: Decodable {
        let capacity: Double
        let floor: Double?
        let start: Double?
        let chargePower: Double
        let dischargePower: Double
        let chargeEfficiency: Double?
        let dischargeEfficiency: Double?
        let wear: Double?
        let endFloor: Double?
        let endValue: Double?
    }

    private struct EnergyLoadDocument: Decodable {
        let name: String
        let windows: [Span]
        let energy: Double
        let leastPower: Double?
        let mostPower: Double
        let stepCost: Double?
    }

    private struct JobDocument: Decodable {
        let name: String
        let windows: [Span]
        let length: Int
        let power: Double
    }

    private struct SwitchedLoadDocument: Decodable {
        let name: String
        let windows: [Span]
        let steps: Int
        let shortestRun: Int?
        let power: Double
        let startCost: Double?
    }

    private struct ZoneDocument: Decodable {
        let name: String
        let share: Double
        let lostLoadValue: Double
    }

    private struct Actual: Decodable {
        let base: [Double]?
        let solar: Series?
    }

    private enum Key: String, CodingKey {
        case start, stepMinutes, base, solar, importPrice, exportPrice, outages, gridPower, demandPrice, battery,
            reserve
        case reservePrice, energyLoads, jobs, switchedLoads, zones, actual, outageRisk, loadError, solarError
    }

    /// Throws `SiteError` for a site that makes no sense, `DecodingError` for what is not one.
    public init(from decoder: any Decoder) throws {
        let document = try decoder.container(keyedBy: Key.self)
        func list<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> [Value] {
            try document.decodeIfPresent([Value].self, forKey: key) ?? []
        }
        let base = try document.decode([Double].self, forKey: .base)
        let count = base.count
        func series(_ key: Key, _ value: Double) throws -> [Double] {
            try document.decodeIfPresent(Series.self, forKey: key)?.values(count)
                ?? [Double](repeating: value, count: count)
        }
        var outage = [Bool](repeating: false, count: count)
        for step in try list(Span.self, .outages).flatMap(\.steps) {
            guard step < count else { throw SiteError.steps }
            outage[step] = true
        }
        var site = try Site(
            hours: try document.decode(Double.self, forKey: .stepMinutes) / 60, base: base,
            solar: try series(.solar, 0), importPrice: try series(.importPrice, 0),
            exportPrice: try series(.exportPrice, 0), outage: outage,
            gridPower: try document.decode(Double.self, forKey: .gridPower),
            demandPrice: try document.decodeIfPresent(Double.self, forKey: .demandPrice) ?? 0,
            battery: try document.decodeIfPresent(BatteryDocument.self, forKey: .battery).map {
                Site.Battery(
                    capacity: $0.capacity, floor: $0.floor ?? 0, start: $0.start ?? $0.floor ?? 0,
                    chargePower: $0.chargePower, dischargePower: $0.dischargePower,
                    chargeEfficiency: $0.chargeEfficiency ?? 0.95, dischargeEfficiency: $0.dischargeEfficiency ?? 0.95,
                    wear: $0.wear ?? 0, endFloor: $0.endFloor ?? 0, endValue: $0.endValue ?? 0)
            },
            reserve: try series(.reserve, 0),
            reservePrice: try document.decodeIfPresent(Double.self, forKey: .reservePrice) ?? 0,
            energyLoads: try list(EnergyLoadDocument.self, .energyLoads).map {
                Site.EnergyLoad(
                    name: $0.name, windows: $0.windows.map(\.steps), energy: $0.energy, leastPower: $0.leastPower ?? 0,
                    mostPower: $0.mostPower, stepCost: $0.stepCost ?? 0)
            },
            jobs: try list(JobDocument.self, .jobs).map { job in
                guard job.length > 0 else { throw SiteError.steps }
                return Site.Job(
                    name: job.name, starts: job.windows.map { Array($0.steps.dropLast(job.length - 1)) },
                    length: job.length, power: job.power)
            },
            switchedLoads: try list(SwitchedLoadDocument.self, .switchedLoads).map {
                Site.SwitchedLoad(
                    name: $0.name, windows: $0.windows.map(\.steps), steps: $0.steps, shortestRun: $0.shortestRun ?? 1,
                    power: $0.power, startCost: $0.startCost ?? 0)
            },
            zones: try list(ZoneDocument.self, .zones).map {
                Site.Zone(name: $0.name, share: $0.share, lostLoadValue: $0.lostLoadValue)
            })
        start = try document.decodeIfPresent(String.self, forKey: .start)
        outages = try document.decodeIfPresent(Outages.self, forKey: .outageRisk)
        loadError = try document.decodeIfPresent(Double.self, forKey: .loadError) ?? 0.15
        solarError = try document.decodeIfPresent(Double.self, forKey: .solarError) ?? 0.3
        guard (0...2).contains(loadError), (0...2).contains(solarError),
            outages.map({ $0.hazard >= 0 && $0.lostLoadValue >= 0 && $0.holdingCost >= 0 && $0.hours > 0 }) ?? true
        else { throw SiteError.numbers }
        self.site = site
        actual = try document.decodeIfPresent(Actual.self, forKey: .actual).map { came in
            site.base = came.base ?? base
            site.solar = came.solar?.values(count) ?? site.solar
            guard site.base.count == count, site.solar.count == count else { throw SiteError.lengths }
            guard (site.base + site.solar).allSatisfy({ $0.isFinite && $0 >= 0 }) else { throw SiteError.numbers }
            return site
        }
    }
}
