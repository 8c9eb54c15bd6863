import Measures
import OpenADR

/// The signal of an event that this VEN acts on, preferred in this order: LOAD_DISPATCH, ELECTRICITY_PRICE, SIMPLE.
struct SupportedSignal {
    let steps: [(duration: TimeSpan, dispatch: Dispatch)]

    /// Throws 460 when no signal is supported (rules 48 and 109), and what is wrong with the one that is.
    init(of event: Event) throws(EventFault) {
        let usable = event.signals.compactMap { signal in
            Self.meaning(of: signal).map { (signal: signal, meaning: $0) }
        }
        guard let best = usable.min(by: { $0.meaning.rank < $1.meaning.rank }) else {
            throw EventFault(.signalNotSupported, "no signal of the event is supported")
        }
        let intervals = best.signal.intervals
        guard intervals.map(\.uid) == Array(intervals.indices) else {
            throw EventFault(.outOfSequence, "the uids of the intervals are not 0, 1, 2, …")
        }
        guard !intervals.isEmpty,
            intervals.map(\.duration).reduce(.zero, +) == event.activePeriod.duration
        else { throw EventFault(.complianceError, "the intervals do not add up to the active period") }
        var steps: [(duration: TimeSpan, dispatch: Dispatch)] = []
        for interval in intervals {
            guard interval.value.isFinite, let dispatch = best.meaning.dispatch(interval.value) else {
                throw EventFault(.invalidData, "a value is out of range")
            }
            steps.append((interval.duration, dispatch))
        }
        self.steps = steps
    }

    private struct Meaning {
        let rank: Int
        let dispatch: (Double) -> Dispatch?
    }

    private static func meaning(of signal: EventSignal) -> Meaning? {
        let scale = signal.itemBase?.scale.factor ?? 1
        switch (signal.name, signal.type, signal.itemBase) {
        case (.loadDispatch, .setpoint, .power(.real, _, _, _)):
            return Meaning(rank: 0) { .setpoint(Watts($0 * scale)) }
        case (.loadDispatch, .delta, .power(.real, _, _, _)):
            return Meaning(rank: 0) { .delta(Watts($0 * scale)) }
        case (.electricityPrice, .price, .currency(.perKilowattHour, _, _)):
            return Meaning(rank: 1) { .price($0 * scale) }
        case (.simple, .level, _):
            return Meaning(rank: 2) { [0, 1, 2, 3].contains($0) ? .level(Int($0)) : nil }
        default:
            return nil
        }
    }
}

/// What a VEN answers about one event with an error (rule 19: the others of the message count all the same).
struct EventFault: Error, Hashable {
    let code: ResponseCode
    let explanation: String

    init(_ code: ResponseCode, _ explanation: String) {
        self.code = code
        self.explanation = explanation
    }
}
