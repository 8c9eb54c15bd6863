import Credentials
import LocalServices
import MariaDB
import Measures
import Redis
import WebServer

/// What must work before the VTN may take traffic.
enum Readiness {
    /// - Parameter credentials: the folder of the authority's and the VTN's certificates.
    static func checks(_ runtime: Runtime, credentials: String) -> [ReadinessCheck] {
        var checks = [
            ReadinessCheck(name: "database") { [pool = runtime.pool] in
                await problem { _ = try await pool.query("SELECT 1 AS one") }
            },
            ReadinessCheck(name: "redis") { [redis = runtime.redis] in
                await problem { _ = try await redis.command(["PING"]) }
            },
            ReadinessCheck(name: "certificates") {
                let now = SystemTime().now()
                return await problem {
                    for (name, summary) in try VTNCredentials.certificates(in: credentials)
                    where summary.notAfter <= now || summary.notBefore > now {
                        throw CommandFailure(
                            "\(name) is valid from \(summary.notBefore) to \(summary.notAfter).", hint: "")
                    }
                }
            },
        ]
        if let local = runtime.local {
            checks.append(ReadinessCheck(name: "private servers") { await problem { try local.check() } })
        }
        return checks
    }

    private static func problem(_ attempt: () async throws -> Void) async -> String? {
        do {
            try await attempt()
            return nil
        } catch {
            return CommandFailure(explaining: error)?.message ?? "\(error)"
        }
    }
}
