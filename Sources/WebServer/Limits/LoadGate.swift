import OpenADR
import Synchronization

/// How much of a VTN's work is refused while it has too much: what can be repeated without loss goes first, and what
/// a VEN decided never.
///
/// ```
/// requests at work      80 %              90 %            98 %
///    normal ──▶ no oadrRegisterReport ──▶ no data ──▶ no polls    (oadrCreatedEvent, opts, cancellations: always)
/// ```
///
/// Polls that bring nothing are no work, and always answered.
public final class LoadGate: Sendable {
    /// How far things have come; its number is the gauge `vtn_load_state`.
    public enum State: Int, Comparable, Sendable, CaseIterable {
        case normal
        case high
        case critical
        case full

        public static func < (left: State, right: State) -> Bool { left.rawValue < right.rawValue }
    }

    private let capacity: Int
    private let working = Atomic(0)
    /// What was told last.
    private let told = Atomic(-1)

    /// - Parameter capacity: Requests at work at the same time; the database's connections serve them in turn.
    public init(capacity: Int = 512) {
        self.capacity = max(1, capacity)
    }

    public var count: Int { working.load(ordering: .relaxed) }

    public var state: State {
        let percent = count * 100 / capacity
        return percent >= 98 ? .full : percent >= 90 ? .critical : percent >= 80 ? .high : .normal
    }

    /// Whether the state is another one than the one that was asked about last.
    func isNews(_ state: State) -> Bool {
        told.load(ordering: .relaxed) != state.rawValue
            && told.exchange(state.rawValue, ordering: .relaxed) != state.rawValue
    }

    func enter() { working.add(1, ordering: .relaxed) }
    func leave() { working.subtract(1, ordering: .relaxed) }

    /// Whether a message is refused in this state.
    static func sheds(_ elementName: String, in state: State) -> Bool {
        switch elementName {
        case RegisterReport.elementName: state >= .high
        case UpdateReport.elementName: state >= .critical
        case Poll.elementName, RequestEvent.elementName, QueryRegistration.elementName: state >= .full
        default: false
        }
    }
}
