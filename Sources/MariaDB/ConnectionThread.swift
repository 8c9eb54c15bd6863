import Glibc

/// A thread of its own that runs the jobs of one actor, one after the other.
///
/// libmariadb blocks: on the cooperative pool a slow statement would hold one of its few threads.
///
/// `@unchecked Sendable`: `queue` is touched only with `mutex` held; the other members never change.
final class ConnectionThread: SerialExecutor, @unchecked Sendable {
    private enum Work {
        case job(UnownedJob)
        /// The last thing this thread does.
        case last(@Sendable () -> Void)
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var queue: [Work] = []

    /// Starts the thread; `nil` when the system has none left to give.
    init?() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
        // The thread owns a reference to its queue until `last` has run.
        let owned = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ConnectionThread>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, owned.toOpaque())
        guard failure == 0 else {
            owned.release()
            return nil
        }
        pthread_detach(thread)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    /// Runs `action` after everything that is queued, and ends the thread.
    func finish(_ action: @escaping @Sendable () -> Void) {
        add(.last(action))
    }

    private func add(_ work: Work) {
        pthread_mutex_lock(mutex)
        queue.append(work)
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    private func next() -> Work {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while queue.isEmpty {
            pthread_cond_wait(condition, mutex)
        }
        return queue.removeFirst()
    }

    private func run() {
        while true {
            switch next() {
            case .job(let job):
                job.runSynchronously(on: asUnownedSerialExecutor())
            case .last(let action):
                action()
                return
            }
        }
    }
}
