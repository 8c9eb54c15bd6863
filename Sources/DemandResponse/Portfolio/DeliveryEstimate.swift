public import Measures

/// What a called meter delivered in an event that it took part in, beside what its plan had promised for that case.
public struct DeliveryRecord: Hashable, Sendable {
    public let event: ProgramEventID
    public let meter: MeterID
    public let endedAt: Instant
    public let promised: WattHours
    public let delivered: WattHours

    public init(
        event: ProgramEventID, meter: MeterID, endedAt: Instant, promised: WattHours, delivered: WattHours
    ) {
        self.event = event
        self.meter = meter
        self.endedAt = endedAt
        self.promised = promised
        self.delivered = delivered
    }

    /// Delivered over promised, at most twice and at least nothing: beyond, it says more of a wrong baseline.
    var ratio: Double { promised.value > 0 ? min(2, max(0, delivered.value / promised.value)) : 1 }
}

/// What plans shall count on, after what was delivered so far: each meter's mean share and its error, and the error that
/// all share in an event.
///
/// A meter's terms count like `priorEvents` events in which just what was promised came, with the error that the terms
/// say. Newer events count more: each older one a tenth less than the next.
public struct DeliveryEstimate: Hashable, Sendable {
    public static let priorEvents = 4.0
    private static let fading = 0.9
    /// More than that is no bias, and a plan could not allow for it.
    private static let largestCommonError = 0.3

    /// By meter, the newest first.
    private let ratios: [MeterID: [Double]]
    /// How far the mean of all meters was off in each event, beyond what their own errors explain; 0 without events.
    public let commonError: Double

    /// - Parameter error: the relative error of a meter's terms.
    public init(_ records: [DeliveryRecord], error: (MeterID) -> Double) {
        let sorted = records.sorted { ($0.endedAt, $0.event.rawValue) > ($1.endedAt, $1.event.rawValue) }
        var ratios: [MeterID: [Double]] = [:]
        for record in sorted { ratios[record.meter, default: []].append(record.ratio) }
        self.ratios = ratios
        var excess = 0.0
        var events = 0.0
        for (_, own) in Dictionary(grouping: sorted, by: \.event) {
            var promised = 0.0
            var delivered = 0.0
            var variance = 0.0
            for record in own {
                let (mean, spread) = Self.estimate(ratios[record.meter] ?? [], error(record.meter))
                let energy = record.promised.value
                promised += mean * energy
                delivered += record.ratio * energy
                variance += spread * spread * energy * energy
            }
            guard promised > 0 else { continue }
            let miss = delivered / promised - 1
            excess += miss * miss - variance / (promised * promised)
            events += 1
        }
        let shared = max(0, excess) / (events + Self.priorEvents)
        commonError = min(Self.largestCommonError, shared.squareRoot())
    }

    /// The share of a promise that a meter delivers, and the standard error of a single delivery, both relative to what
    /// the terms promise.
    public func delivery(of meter: MeterID, error: Double) -> (share: Double, error: Double) {
        Self.estimate(ratios[meter] ?? [], error)
    }

    private static func estimate(_ ratios: [Double], _ error: Double) -> (share: Double, error: Double) {
        var weight = 1.0
        var sum = priorEvents
        var weights = priorEvents
        for ratio in ratios {
            sum += weight * ratio
            weights += weight
            weight *= fading
        }
        let mean = sum / weights
        weight = 1
        var squares = priorEvents * (error * error + (1 - mean) * (1 - mean))
        for ratio in ratios {
            squares += weight * (ratio - mean) * (ratio - mean)
            weight *= fading
        }
        return (mean, (squares / weights).squareRoot())
    }
}
