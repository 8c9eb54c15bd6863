import Credentials
import Measures
import MutualTLS
import OpenADR
import Synchronization

/// What `curtail serve` says once its listeners run: where it is, how it is recognised, and how to go on.
final class ServeAnnouncement: Sendable {
    private struct Ports {
        var admin: Int?
        var listener: Int?
        var portal: String?
    }

    private let options: ServeRun.Options
    private let credentials: VTNCredentials
    private let ports = Mutex(Ports())

    init(options: ServeRun.Options, credentials: VTNCredentials) {
        self.options = options
        self.credentials = credentials
    }

    func adminRuns(port: Int) {
        announce { $0.admin = port }
    }

    func listenerRuns(port: Int) {
        announce { $0.listener = port }
    }

    func portalRuns(url: String) {
        announce { $0.portal = url }
    }

    private func announce(_ change: (inout Ports) -> Void) {
        let (admin, listener, portal) = ports.withLock { ports in
            change(&ports)
            return (ports.admin, ports.listener, ports.portal)
        }
        guard let admin, let listener, let portal else { return }
        do {
            LogSink.outputStream.write(try text(admin: admin, listener: listener, portal: portal))
        } catch {
            let failure = CommandFailure(explaining: error)?.message ?? "\(error)"
            LogSink.errorStream.write("warning: \(failure)\n")
        }
    }

    private func text(admin: Int, listener: Int, portal: String) throws -> String {
        let certificates = try credentials.certificates()
        let name = certificates.last?.summary.hostNames.first ?? options.host
        let address = VTNAddress(
            url: "https://\(name.contains(":") ? "[\(name)]" : name):\(listener)", vtnID: options.vtnID.rawValue)
        try address.write(to: options.services)
        let fingerprints = try credentials.fingerprints()
        return """
            \(address.vtnID) serves OpenADR 2.0b at \(address.url) (TLS profile \(options.profile.rawValue))
              listening     \(options.host):\(listener), admin http://127.0.0.1:\(admin)/readyz and /metrics
              portal        \(portal) (first login: curtail user login ADDRESS --distributor NAME)
              fingerprints  RSA \(fingerprints.rsa)
                            EC  \(fingerprints.ec)
              admit a VEN   curtail cert issue NAME --state-directory \(options.services.stateDirectory)
              stop          Ctrl-C

            """
    }
}
