/// Whether a rule may be used for a meter: its errors on the meter's own placebo days.
///
/// PJM and AEMO admit a meter at a relative root mean square error of 20 %; a bias on high-load days is what makes a
/// programme pay for nothing, or a customer work for nothing.
public struct AdmissionTest: Hashable, Codable, Sendable {
    /// What becomes of a meter for which none of the programme's rules is admitted.
    public enum Failure: String, Hashable, Codable, Sendable {
        /// It has no baseline and is paid nothing until a rule fits; its settlement says so.
        case unpaid
        /// The rule of the least error is used all the same, and the settlement is marked.
        case leastError
    }

    public let placeboDays: Int
    /// With fewer days nothing is decided, and the rule counts as admitted.
    public let atLeast: Int
    public let lookBack: Int
    public let highestError: Double
    /// On the fifth of the days with the highest load, in either direction.
    public let highestBias: Double
    public let failure: Failure

    /// Nil for counts that cannot be met or limits that are not numbers above zero.
    public init?(
        placeboDays: Int = 20, atLeast: Int = 8, lookBack: Int = 60, highestError: Double = 0.2,
        highestBias: Double = 0.1, failure: Failure = .unpaid
    ) {
        guard atLeast >= 1, placeboDays >= atLeast, (placeboDays...400).contains(lookBack), highestError > 0,
            highestError.isFinite, highestBias > 0, highestBias.isFinite
        else { return nil }
        self.placeboDays = placeboDays
        self.atLeast = atLeast
        self.lookBack = lookBack
        self.highestError = highestError
        self.highestBias = highestBias
        self.failure = failure
    }

    /// The outcome for one rule.
    public enum Verdict: String, Hashable, Codable, Sendable {
        case admitted
        /// Too few placebo days to say.
        case undecided
        case tooInaccurate
        case tooBiased
    }

    /// What the test found for a rule and a meter.
    public struct Result: Hashable, Sendable {
        public let ruleID: String
        public let verdict: Verdict
        /// Nil without a single day on which the rule could be tried.
        public let accuracy: PlaceboAccuracy?

        public var mayBeUsed: Bool { verdict == .admitted || verdict == .undecided }
    }

    /// Tries the rule on the days before the event.
    public func run(_ rule: BaselineRule, _ context: BaselineContext) -> Result {
        let days = context.placeboDays(placeboDays, lookBack: lookBack)
        let trials = rule.trials(days, context)
        let accuracy = PlaceboAccuracy(trials)
        let verdict: Verdict =
            if let accuracy, trials.count >= atLeast {
                if accuracy.relativeError > highestError {
                    .tooInaccurate
                } else {
                    accuracy.highLoadBias.magnitude > highestBias ? .tooBiased : .admitted
                }
            } else {
                .undecided
            }
        return Result(ruleID: rule.id, verdict: verdict, accuracy: accuracy)
    }
}
