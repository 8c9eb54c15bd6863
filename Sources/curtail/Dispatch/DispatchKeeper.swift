import DemandResponse
import Logging
import MariaDB
import Measures
import OpenADR
import Persistence
import ServiceLifecycle
import VirtualTopNode
import WebServer

/// Looks at the rules of dispatch from time to time: plans, publishes, and completes the events that they published.
///
/// Several programs on one database share the rules out: a rule is claimed while one looks at it.
struct DispatchKeeper: Service {
    let pool: MariaDBPool
    let topNode: TopNode
    let interval: TimeSpan
    /// How this run of the program signs what it claims.
    let holder: String
    let metrics: MetricsRegistry
    let logger: Logger
    let time: any TimeSource

    /// How long a claim holds if the program that made it dies: longer than a plan takes.
    private static let claimHolds = TimeSpan.minutes(10)

    func run() async throws {
        _ = try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await round()
                try await Task.sleep(for: .seconds(interval.seconds))
            }
        }
    }

    /// Looks at every rule once; one that fails does not stop the others.
    func round() async {
        do {
            for rule in try await DispatchRuleStore(pool).rules() where rule.isEnabled && !Task.isCancelled {
                do {
                    try await look(at: rule)
                } catch {
                    metrics.count("curtail_dispatch_rule_failures_total", help: "Rules of dispatch that failed.")
                    logger.warning(
                        "rule failed",
                        metadata: [
                            "ev": "dispatch-rule", "rule": "\(rule.name)",
                            "reason": "\((error as? CommandFailure)?.message ?? "\(error)")",
                        ])
                }
            }
        } catch {
            logger.error("rules not read", metadata: ["ev": "dispatch-rule", "reason": "\(error)"])
        }
    }

    private func look(at rule: DispatchRule) async throws {
        let store = DispatchRuleStore(pool)
        let now = time.now()
        guard try await store.claim(rule.name, for: holder, at: now, until: now + Self.claimHolds) else { return }
        let check = DispatchRuleCheck(pool: pool, topNode: topNode, now: now)
        let result: Result<[DispatchRuleCheck.Deed], any Error>
        do {
            var deeds = try await check.complete(rule)
            if let finding = try await check.finding(rule) { deeds.append(try await check.act(rule, on: finding)) }
            result = .success(deeds)
        } catch {
            result = .failure(error)
        }
        try await store.release(rule.name, by: holder)
        for deed in try result.get() {
            metrics.count(
                "curtail_dispatch_plans_total", help: "Plans made by rules of dispatch, by what became of them.",
                labels: ["outcome": deed.event == nil ? "proposed" : "published"])
            logger.notice(
                "plan made by rule",
                metadata: [
                    "ev": "dispatch-rule", "rule": "\(rule.name)", "plan": "\(deed.plan)",
                    "event": "\(deed.event?.rawValue ?? "")", "calls": "\(deed.record.plan.calls.count)",
                    "status": "\(deed.record.plan.status.rawValue)", "reason": "\(deed.finding.reason)",
                ])
        }
    }
}
