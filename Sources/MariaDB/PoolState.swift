/// Who has which connection of a pool: decides, and leaves the doing to the pool.
///
/// A slot is a connection or the right to open one; there are `limit` of them. Callers wait in the order they came.
struct PoolState<Resource> {
    /// What a caller got.
    enum Grant {
        case reuse(Resource)
        case open
    }

    enum Answer {
        case granted(Grant)
        case wait
        case closed
    }

    enum Release {
        case resume(UInt64, Grant)
        case close(Resource)
        case nothing
    }

    let limit: Int
    private(set) var isClosed = false
    private(set) var granted = 0
    private var idle: [Resource] = []
    private var waiting: [UInt64] = []

    var waitingCount: Int { waiting.count }
    var idleCount: Int { idle.count }

    init(limit: Int) {
        self.limit = max(limit, 1)
    }

    /// A caller with a number of its own asks for a slot.
    mutating func acquire(_ caller: UInt64) -> Answer {
        if isClosed { return .closed }
        if let resource = idle.popLast() {
            granted += 1
            return .granted(.reuse(resource))
        }
        if granted < limit {
            granted += 1
            return .granted(.open)
        }
        waiting.append(caller)
        return .wait
    }

    /// A slot comes back: with its connection, or empty when that broke or was never opened.
    mutating func giveBack(_ resource: Resource?) -> Release {
        if !isClosed, !waiting.isEmpty {
            return .resume(waiting.removeFirst(), resource.map(Grant.reuse) ?? .open)
        }
        granted -= 1
        guard let resource else { return .nothing }
        if isClosed { return .close(resource) }
        idle.append(resource)
        return .nothing
    }

    /// A caller waits no longer; false when it already has a slot.
    mutating func giveUp(_ caller: UInt64) -> Bool {
        guard let index = waiting.firstIndex(of: caller) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// No grants from now on: the connections to close, and the callers to refuse.
    mutating func close() -> (resources: [Resource], callers: [UInt64]) {
        isClosed = true
        defer {
            idle = []
            waiting = []
        }
        return (idle, waiting)
    }
}

extension PoolState.Grant: Sendable where Resource: Sendable {}
