import Logging
import Measures
import OpenADR
import ServiceLifecycle
import VirtualTopNode

/// What a VTN does by itself from time to time: asks for telemetry that is missing, and forgets old answers.
struct TopNodeKeeper: Service {
    let node: TopNode
    /// Those whose telemetry may have holes that can be filled.
    let vens: @Sendable () async throws -> [VENID]
    let time: any TimeSource
    let logger: Logger
    var pause: Duration = .seconds(60)

    /// A retry comes within minutes; a week is for the careful.
    private static let memory = TimeSpan.days(7)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await keep()
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("the VTN is not kept", metadata: ["ev": "keep", "detail": "\(error)"])
                }
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    private func keep() async throws {
        for ven in try await vens() where !Task.isCancelled {
            let missing = try await node.requestMissing(of: ven, now: time.now())
            for request in missing {
                logger.info(
                    "missing telemetry is asked for",
                    metadata: [
                        "ev": "gap", "ven": "\(ven)", "start": "\(request.start)",
                        "seconds": "\(request.duration.seconds)",
                    ])
            }
        }
        try await node.forgetAnswers(before: time.now() - Self.memory)
    }
}
