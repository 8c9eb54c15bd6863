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
        ("cert issue plant-7 --csr plant-7.csr", "CertIssueCommand"),
        ("cert init-ca --name Utility --key rsa --years 20", "CertInitCommand"),
        ("cert renew plant-7 --csr x.csr --json", "CertRenewCommand"),
        ("cert bundle plant-7 --certificate x.crt --key x.key --out y", "CertBundleCommand"),
        ("ven set plant-7 --reading lenient", "VENSetCommand"),
        ("cert list --json", "CertListCommand"),
        ("cert fingerprint x.crt", "CertFingerprintCommand"),
        ("ven run --bundle x --load 5000 --opt out", "VENRunCommand"),
        ("event create --in 10m --duration 1h --reduce 20 --ven a --ven b", "EventCreateCommand"),
        ("event create --at 2026-07-15T17:00:00Z --duration 1h --reduce 0.5 --ven a", "EventCreateCommand"),
        (
            "event create --in 1h --steps 30m,30m --signal SIMPLE/level=1,2 --signal ELECTRICITY_PRICE/price/EUR/kWh=0.4"
                + " --ven a --resource r --target group=g --start-after 5m --test --no-answers",
            "EventCreateCommand"
        ),
        (
            "event create --in 1h --duration 0 --signal LOAD_CONTROL/x-loadControlCapacity@EVSE=0.5 --ven a",
            "EventCreateCommand"
        ),
        ("event modify event-1 --duration 2h --reason why", "EventModifyCommand"),
        ("event rules http://p.example --unanswered optIn --overlap refuse", "EventRulesCommand"),
        ("report list plant-7", "ReportListCommand"),
        ("report request plant-7 usage --every 1m --back 5m --point site", "ReportRequestCommand"),
        ("report history a h --from 2026-07-01T00:00:00Z --to 2026-07-02T00:00:00Z", "ReportHistoryCommand"),
        ("report metadata a --every 1d", "ReportMetadataCommand"), ("report cancel a r --last", "ReportCancelCommand"),
        ("serve --push-allow 10.0.0.0/8 --push-allow 127.0.0.1", "ServeCommand"),
        ("event list --limit 3", "EventListCommand"),
        ("event cancel event-1", "EventCancelCommand"),
        ("programme publish sheet.json --json", "ProgrammePublishCommand"),
        ("program enrol Peak plant-7 --pledge 120 --feeder F1 --class shop", "ProgrammeEnrolCommand"),
        ("programme report Peak --format html", "ProgrammeReportCommand"),
        ("settle placebo meters --hours 17-21 --days 40", "SettlePlaceboCommand"),
        ("settle run event-1 --final --json", "SettleRunCommand"),
        ("settle replay event-1 --threads 1", "SettleReplayCommand"), ("settle verify --json", "SettleVerifyCommand"),
        ("settle dispute event-1 --meter m --open why", "SettleDisputeCommand"),
        ("settle list --limit 5 --json", "SettleListCommand"),
        ("settle explain event-1 plant-7 --json", "SettleExplainCommand"),
        ("settle outage m --from 2026-07-03T06:00:00Z --to 2026-07-04T06:00:00Z --reason x", "SettleOutageCommand"),
        ("programme enrol Peak m --ven v --data-point r --pledge 5", "ProgrammeEnrolCommand"),
        ("programme enrol Peak m --control", "ProgrammeEnrolCommand"),
        ("programme prices Peak lmp.csv --currency EUR --step 15", "ProgrammePricesCommand"),
        ("programme weather Peak w.csv", "ProgrammeWeatherCommand"),
        ("rewards list --event event-1", "RewardsListCommand"), ("rewards balance", "RewardsBalanceCommand"),
    ])
    func `a good line finds its command`(line: String, command: String) {
        #expect(parse(line) as? String == command)
    }

    @Test(arguments: [
        "serve --port 65536", "serve --admin-port -1", "serve --web-port 70000", "user create nobody",
        "user create a@b.cd --role admin", "serve --tls-profile tls13", "serve --telemetry 0",
        "serve --log-format xml",
        "cert issue", "cert issue ../up", "cert issue .hidden", "cert issue -x", "cert issue a/b",
        "cert init-ca --years 0", "cert init-ca --years 31", "cert renew", "cert bundle a --out b",
        "ven set a --reading lax", "cert issue a --key dsa", "cert issue a --poll 0", "cert issue a --url http://x",
        "ven run --bundle x --config y", "ven run --bundle x --set poll", "ven run --bundle x --url ftp://y",
        "event create --duration 1h --reduce 20 --ven a",
        "event create --in 1m --at 2026-07-15T17:00:00Z --duration 1h --reduce 20 --ven a",
        "event create --in 1m --steps 5m,0 --reduce 20 --ven a",
        "event create --in 1m --steps 5m,5m --signal SIMPLE/level=1,2,3 --ven a",
        "event create --in 1m --duration 5m --signal SIMPLE/level=4 --ven a",
        "event create --in 1m --duration 5m --signal SIMPLE/price=1 --ven a",
        "event create --in 1m --duration 5m --ven a",
        "event create --in 1m --steps 5m --duration 5m --reduce 1 --ven a",
        "event create --in 1m --duration 5m --reduce 1 --ven a --ven b --resource r",
        "event create --in 1m --duration 5m --reduce 1 --ven a --target nothing=x",
        "report list", "report request a", "report history a h --from 2026-07-02T00:00:00Z --to 2026-07-01T00:00:00Z",
        "report history a h --from now --to 2026-07-01T00:00:00Z", "report cancel a", "serve --push-allow home",
        "settle placebo", "settle placebo m --hours 19-15", "settle placebo m --hours 0-4", "settle placebo m --days 3",
        "settle dispute e --open why", "settle dispute e --close 1", "programme enrol Peak m --pledge 0",
        "programme enrol Peak m --data-point r", "programme enrol Peak m --control --pledge 5", "settle list --limit 0",
        "settle replay e --threads 0",
        "programme prices Peak lmp.csv --step 0", "settle outage m --from x --to y", "settle explain e",
        "programme report Peak --format pdf", "settle replay", "programme publish",
        "event modify", "event modify e --reduce -1", "event rules", "event rules http://p --overlap maybe",
        "event create --in 1m --duration 1h --reduce 0 --ven a",
        "event create --in 1m --duration 1h --reduce 20", "event create --at now --duration 1h --reduce 20 --ven a",
        "event create --in 1m --duration 1h --reduce 20 --ven a --id a/b", "event list --limit 0", "event cancel",
    ])
    func `a bad line is refused`(line: String) {
        #expect(parse(line) == nil)
    }
}
