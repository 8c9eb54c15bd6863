import Measures

/// What a selection delivers in each interval, against the request.
struct Delivery {
    /// The probability that at least the target is delivered; one where nothing is asked for.
    let probabilities: [Double]
    /// Watts that are missing at the probability asked for; zero where it is kept.
    let shortfalls: [Double]

    init(_ model: PatternModel, _ selection: [DispatchPattern]) {
        let request = model.request
        let distribution = DeliveryDistribution(selection, of: model.resources, count: request.intervals.count)
        var probabilities: [Double] = []
        var shortfalls: [Double] = []
        for (index, target) in request.target.enumerated() {
            let interval = distribution.interval(index)
            let probability = target > .zero ? interval.probability(ofAtLeast: target.value) : 1
            let isKept = probability >= request.deliveryProbability
            let delivered = isKept ? 0 : interval.delivered(withProbability: request.deliveryProbability)
            probabilities.append(probability)
            shortfalls.append(isKept ? 0 : max(target.value - delivered, 1e-3))
        }
        self.probabilities = probabilities
        self.shortfalls = shortfalls
    }

    var isSureEnough: Bool { shortfalls.allSatisfy { $0 == 0 } }
}
