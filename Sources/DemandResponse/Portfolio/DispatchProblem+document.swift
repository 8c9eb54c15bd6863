public import Measures

/// The form of a problem in files and in the database.
extension DispatchProblem: Codable {
    /// A value for all intervals, or one for each; null is no limit.
    private enum Series: Codable {
        case all(Double?)
        case each([Double?])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let number = try? value.decode(Double.self) {
                self = .all(number)
            } else {
                self = .each(try value.decode([Double?].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            switch self {
            case .all(let number): try value.encode(number)
            case .each(let numbers): try value.encode(numbers)
            }
        }

        init(_ numbers: [Double?]) {
            if let first = numbers.first, numbers.allSatisfy({ $0 == first }) {
                self = .all(first)
            } else {
                self = .each(numbers)
            }
        }

        func values(_ count: Int) -> [Double?] {
            switch self {
            case .all(let number): [Double?](repeating: number, count: count)
            case .each(let numbers): numbers
            }
        }
    }

    private struct FeederDocument: Codable {
        var name: String
        var shedLimit: Series?
        var reboundLimit: Series?
    }

    private struct ResourceDocument: Codable {
        var name: String
        var feeder: String?
        var resourceClass: ResourceClass?
        var capacity: Series
        var standardError: Series?
        var relativeError: Double?
        var load: Series?
        var optIn: Double?
        var energyPrice: Double?
        var callCost: Double?
        var comfort: Double?
        var notice: Int64?
        var minimumDuration: Int64?
        var maximumDuration: Int64?
        var restingUntil: String?
        var callsLeft: Int?
        var seasonValue: Double?
        var recentCalls: Int?
        var firstShare: Double?
        var rebound: [Double]?
        var levels: [Double]?
        var address: Address?

        enum CodingKeys: String, CodingKey {
            case name, feeder, capacity, standardError, relativeError, load, optIn, energyPrice, callCost, comfort,
                notice
            case minimumDuration, maximumDuration, restingUntil, callsLeft, seasonValue, recentCalls, firstShare,
                rebound
            case levels, address
            case resourceClass = "class"
        }
    }

    private enum Key: String, CodingKey {
        case decidedAt, start, step, target, callable, deliveryProbability, commonError, shortfallPrice, reboundLimit
        case fairnessPrice, currency, feeders, resources, committed, marginVariance
    }

    private static func instant(_ text: String, _ key: Key, _ decoder: any Decoder) throws -> Instant {
        guard let instant = Instant(utc: text) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath + [key],
                    debugDescription: "takes a time like 2026-07-16T17:00:00Z, not '\(text)'"))
        }
        return instant
    }

    /// Throws `DecodingError` for what is not a problem, `DispatchProblemError` for one that makes no sense.
    public init(from decoder: any Decoder) throws {
        let document = try decoder.container(keyedBy: Key.self)
        let start = try Self.instant(try document.decode(String.self, forKey: .start), .start, decoder)
        let target = try document.decode([Double?].self, forKey: .target)
        let count = target.count
        let decidedAt = try document.decodeIfPresent(String.self, forKey: .decidedAt)
            .map { try Self.instant($0, .decidedAt, decoder) }
        let feeders = (try document.decodeIfPresent([FeederDocument].self, forKey: .feeders) ?? []).map {
            Feeder(
                name: $0.name, shedLimit: $0.shedLimit?.values(count) ?? [Double?](repeating: nil, count: count),
                reboundLimit: $0.reboundLimit?.values(count) ?? [Double?](repeating: nil, count: count))
        }
        let known = feeders.isEmpty ? [Self.withoutLimits("all", count)] : feeders
        var places: [String: Int] = [:]
        for (place, feeder) in known.enumerated() {
            guard places.updateValue(place, forKey: feeder.name) == nil else {
                throw DispatchProblemError(
                    place: "feeders[\(place)] (\(feeder.name))", reason: "there are two of this name")
            }
        }
        let resources = try document.decode([ResourceDocument].self, forKey: .resources)
        let asked = target.indices.filter { target[$0].map { $0 > 0 } ?? false }
        let callable = try document.decodeIfPresent([Int].self, forKey: .callable)
        guard callable.map({ $0.count == 2 && $0[0] < $0[1] }) ?? true else {
            throw DispatchProblemError(
                place: "callable", reason: "takes two numbers: the first interval, and the one after the last")
        }
        self.init(
            decidedAt: decidedAt ?? start, start: start,
            step: .seconds(try document.decode(Int64.self, forKey: .step)), target: target,
            callable: callable.map { $0[0]..<$0[1] } ?? (asked.first ?? 0)..<((asked.last ?? 0) + 1),
            shortfallPrice: 0,
            reboundLimit: try document.decodeIfPresent(Series.self, forKey: .reboundLimit)?.values(count)
                ?? [Double?](repeating: nil, count: count),
            feeders: known, resources: [])
        self.resources = try resources.enumerated().map { place, resource in
            try Self.resource(resource, count, places, "resources[\(place)] (\(resource.name))")
        }
        deliveryProbability = try document.decodeIfPresent(Double.self, forKey: .deliveryProbability) ?? 0.9
        commonError = try document.decodeIfPresent(Double.self, forKey: .commonError) ?? 0
        fairnessPrice = try document.decodeIfPresent(Double.self, forKey: .fairnessPrice) ?? 0
        currency = try document.decodeIfPresent(Currency.self, forKey: .currency) ?? .usd
        marginVariance = try document.decodeIfPresent([Double].self, forKey: .marginVariance) ?? []
        committed = try document.decodeIfPresent([Commitment].self, forKey: .committed) ?? []
        shortfallPrice =
            try document.decodeIfPresent(Double.self, forKey: .shortfallPrice) ?? Self.dearest(self.resources, step)
        try check()
    }

    /// A feeder that takes everything.
    public static func withoutLimits(_ name: String, _ count: Int) -> Feeder {
        let none = [Double?](repeating: nil, count: count)
        return Feeder(name: name, shedLimit: none, reboundLimit: none)
    }

    /// A price above that of every resource's kWh: the target is met wherever it can be.
    public static func dearest(_ resources: [Resource], _ step: TimeSpan) -> Double {
        let prices = resources.map { resource in
            let hours = max(resource.minimumDuration.hours, step.hours)
            let power = resource.optIn * (resource.levels.first ?? 1) * (resource.capacity.max() ?? 0)
            guard power > 1e-6, hours > 0 else { return 0.0 }
            let once = resource.callCost + resource.seasonValue + resource.comfort * hours / step.hours
            return resource.energyPrice + once / (power * hours)
        }
        return min(max(10, 10 * (prices.max() ?? 0)), 1e6)
    }

    private static func resource(
        _ document: ResourceDocument, _ count: Int, _ feeders: [String: Int], _ place: String
    ) throws -> Resource {
        func flaw(_ reason: String) -> DispatchProblemError { DispatchProblemError(place: place, reason: reason) }
        func numbers(_ series: Series, _ name: String) throws -> [Double] {
            let values = series.values(count).compactMap(\.self)
            guard values.count == count else { throw flaw("\(name) takes \(count) values") }
            return values
        }
        guard !document.name.isEmpty, document.name.count <= 128 else { throw flaw("a name has 1 to 128 characters") }
        let capacity = try numbers(document.capacity, "capacity")
        let relative = document.relativeError ?? 0
        guard relative >= 0, relative <= 10 else { throw flaw("relativeError takes 0 to 10") }
        var resource = Resource(
            name: ResourceName(document.name), capacity: capacity,
            standardError: try document.standardError.map { try numbers($0, "standardError") }
                ?? capacity.map { $0 * relative })
        guard let feeder = document.feeder.map({ feeders[$0] }) ?? 0 else {
            throw flaw("there is no feeder '\(document.feeder ?? "")'")
        }
        resource.feeder = feeder
        resource.resourceClass = document.resourceClass ?? .nonCritical
        resource.load = try document.load.map { try numbers($0, "load") } ?? []
        resource.optIn = document.optIn ?? 1
        resource.energyPrice = document.energyPrice ?? 0
        resource.callCost = document.callCost ?? 0
        resource.comfort = document.comfort ?? 0
        resource.notice = .seconds(document.notice ?? 0)
        resource.minimumDuration = .seconds(document.minimumDuration ?? 0)
        resource.maximumDuration = .seconds(document.maximumDuration ?? 86_400)
        if let text = document.restingUntil {
            guard let until = Instant(utc: text) else {
                throw flaw("restingUntil takes a time like 2026-07-16T17:00:00Z")
            }
            resource.restingUntil = until
        }
        resource.callsLeft = document.callsLeft ?? 1
        resource.seasonValue = document.seasonValue ?? 0
        resource.recentCalls = document.recentCalls ?? 0
        resource.firstShare = document.firstShare ?? 1
        resource.rebound = document.rebound ?? []
        resource.levels = document.levels ?? [1]
        resource.address = document.address
        return resource
    }

    public func encode(to encoder: any Encoder) throws {
        var document = encoder.container(keyedBy: Key.self)
        try document.encode(decidedAt.description, forKey: .decidedAt)
        try document.encode(start.description, forKey: .start)
        try document.encode(step.seconds, forKey: .step)
        try document.encode(target, forKey: .target)
        try document.encode([callable.lowerBound, callable.upperBound], forKey: .callable)
        try document.encode(deliveryProbability, forKey: .deliveryProbability)
        try document.encode(commonError, forKey: .commonError)
        try document.encode(shortfallPrice, forKey: .shortfallPrice)
        try document.encode(Series(reboundLimit), forKey: .reboundLimit)
        try document.encode(fairnessPrice, forKey: .fairnessPrice)
        try document.encode(currency, forKey: .currency)
        if !committed.isEmpty { try document.encode(committed, forKey: .committed) }
        if !marginVariance.isEmpty { try document.encode(marginVariance, forKey: .marginVariance) }
        try document.encode(
            feeders.map {
                FeederDocument(name: $0.name, shedLimit: Series($0.shedLimit), reboundLimit: Series($0.reboundLimit))
            }, forKey: .feeders)
        try document.encode(resources.map { Self.document($0, feeders) }, forKey: .resources)
    }

    private static func document(_ resource: Resource, _ feeders: [Feeder]) -> ResourceDocument {
        ResourceDocument(
            name: resource.name.rawValue, feeder: feeders[resource.feeder].name, resourceClass: resource.resourceClass,
            capacity: Series(resource.capacity), standardError: Series(resource.standardError),
            load: resource.load.isEmpty ? nil : Series(resource.load), optIn: resource.optIn,
            energyPrice: resource.energyPrice, callCost: resource.callCost, comfort: resource.comfort,
            notice: resource.notice.seconds, minimumDuration: resource.minimumDuration.seconds,
            maximumDuration: resource.maximumDuration.seconds, restingUntil: resource.restingUntil?.description,
            callsLeft: resource.callsLeft, seasonValue: resource.seasonValue, recentCalls: resource.recentCalls,
            firstShare: resource.firstShare, rebound: resource.rebound, levels: resource.levels,
            address: resource.address)
    }
}
