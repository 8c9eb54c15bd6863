import ArgumentParser
import Testing

@testable import curtail

@Suite struct CommandParsingTests {
    private func parse(_ line: String) -> (any Sendable)? {
        (try? Curtail.parseAsRoot(line.split(separator: " ").map(String.init))).map { "\(type(of: $0))" }
    }

    @Test(arguments: [
        ("serve", "ServeCommand"),
        (
            "serve --tls-profile strict --name a.example --name 10.0.0.1 --telemetry 1m --log-format json",
            "ServeCommand"
        ),
        ("cert issue plant-7 --key rsa --out x --poll 30s", "CertIssueCommand"),
        ("cert list --json", "CertListCommand"),
        ("cert fingerprint x.crt", "CertFingerprintCommand"),
        ("ven run --bundle x --load 5000 --opt out", "VENRunCommand"),
        ("event create --in 10m --duration 1h --reduce 20 --ven a --ven b", "EventCreateCommand"),
        ("event create --at 2026-07-15T17:00:00Z --duration 1h --reduce 0.5 --ven a", "EventCreateCommand"),
        ("event list --limit 3", "EventListCommand"),
        ("event cancel event-1", "EventCancelCommand"),
    ])
    func `a good line finds its command`(line: String, command: String) {
        #expect(parse(line) as? String == command)
    }

    @Test(arguments: [
        "serve --port 65536", "serve --admin-port -1", "serve --tls-profile tls13", "serve --telemetry 0",
        "serve --log-format xml",
        "cert issue", "cert issue ../up", "cert issue .hidden", "cert issue -x", "cert issue a/b",
        "cert issue a --key dsa", "cert issue a --poll 0", "cert issue a --url http://x",
        "ven run", "ven run --bundle x --share 2", "ven run --bundle x --load nan", "ven run --bundle x --opt maybe",
        "ven run --bundle x --url ftp://y",
        "event create --duration 1h --reduce 20 --ven a",
        "event create --in 1m --at 2026-07-15T17:00:00Z --duration 1h --reduce 20 --ven a",
        "event create --in 1m --duration 0 --reduce 20 --ven a",
        "event create --in 1m --duration 1h --reduce 0 --ven a",
        "event create --in 1m --duration 1h --reduce 20", "event create --at now --duration 1h --reduce 20 --ven a",
        "event create --in 1m --duration 1h --reduce 20 --ven a --id a/b", "event list --limit 0", "event cancel",
    ])
    func `a bad line is refused`(line: String) {
        #expect(parse(line) == nil)
    }
}
