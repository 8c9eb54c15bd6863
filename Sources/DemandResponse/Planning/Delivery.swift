import Measures

/// What a selection delivers in each interval, against the request.
struct Delivery {
    /// The probability that at least the target is delivered; one where nothing is asked for.
    let probabilities: [Double]
    /// Watts that are delivered with the probability asked for.
    let delivered: [Double]
    /// Watts that are missing at that probability; zero where it is kept.
    let shortfalls: [Double]

    init(_ model: PatternModel, _ selection: [DispatchPattern]) {
        let request = model.request
        let distribution = DeliveryDistribution(selection, of: model.resources, count: request.intervals.count)
        var probabilities: [Double] = []
        var delivered: [Double] = []
        var shortfalls: [Double] = []
        for (index, target) in request.target.enumerated() {
            let interval = distribution.interval(index)
            let probability = target > .zero ? interval.probability(ofAtLeast: target.value) : 1
            let power = interval.delivered(withProbability: request.deliveryProbability)
            probabilities.append(probability)
            delivered.append(power)
            shortfalls.append(
                probability >= request.deliveryProbability ? 0 : max(target.value - power, 1e-5 * target.value))
        }
        self.probabilities = probabilities
        self.delivered = delivered
        self.shortfalls = shortfalls
    }

    var isSureEnough: Bool { shortfalls.allSatisfy { $0 == 0 } }

    /// Whether a selection is sure enough, found out without its quantiles.
    static func isSureEnough(_ model: PatternModel, _ selection: [DispatchPattern]) -> Bool {
        let request = model.request
        let distribution = DeliveryDistribution(selection, of: model.resources, count: request.intervals.count)
        return request.target.indices.allSatisfy { index in
            let target = request.target[index]
            return target <= .zero
                || distribution.interval(index).probability(ofAtLeast: target.value) >= request.deliveryProbability
        }
    }
}
