import DemandResponse
import Foundation
import Measures

/// What the demo found out, as `--json` prints it. No wall times, ports or random ids: the same seed gives the same
/// bytes.
struct DemoReport: Encodable {
    /// Energies are in kilowatt-hours over the event, money in major units.
    struct Site: Encodable {
        let name: String
        let source: String
        let days: Int
        let model: String
        let forecast: Double
        let forecast80: [Double]
        let forecast95: [Double]
        let called: Bool
        let baseline: Double?
        let actual: Double?
        let shed: Double
        let opt: String
        let reward: Double
    }

    struct Total: Encodable {
        let shed: Double
        let target: Double
        let expected: Double
        let reward: Double
    }

    struct Accuracy: Encodable {
        let heldOutDays: Int
        /// Mean absolute scaled errors, the mean over sites.
        let sarimaMASE: Double
        let seasonalNaiveMASE: Double
    }

    struct Plan: Encodable {
        let status: String
        let cost: Double
        let bound: Double?
        let gap: Double?
        let calledSites: Int
    }

    struct Event: Encodable {
        let start: String
        let end: String
        let targetKilowatts: Double
        let deliveryProbability: Double
    }

    /// Facts that were counted, not computed.
    struct Checks: Encodable {
        /// Certificates that completed a handshake with the VTN, one for each site.
        let clientCertificates: Int
        /// The sum of prediction minus reading over the event, asked of the database.
        let shedByReadings: Double
        let ledgerBalance: Int64
        let ledgerEntries: Int
    }

    let seed: UInt64
    let currency: String
    let event: Event
    let accuracy: Accuracy
    let plan: Plan
    let sites: [Site]
    let total: Total
    let checks: Checks

    /// What contradicts itself in the report; nil when the settled sheds are what the readings say, every site was a
    /// TLS client of its own, and the ledger balances.
    var discrepancy: String? {
        if (total.shed - checks.shedByReadings).magnitude > 0.0005 {
            return "\(total.shed) kWh settled, \(checks.shedByReadings) kWh by the readings"
        }
        if checks.clientCertificates != sites.count {
            return "\(checks.clientCertificates) client certificates for \(sites.count) sites"
        }
        return checks.ledgerBalance == 0 ? nil : "the ledger's balance is \(checks.ledgerBalance)"
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The table with what it adds up to, for people.
    func text() -> String {
        """
        Event \(event.start) to \(event.end), \(event.targetKilowatts.fixed(0)) kW asked with \
        \((event.deliveryProbability * 100).fixed(0)) % probability

        \(table())

        shed \(total.shed.fixed(1)) kWh of \(total.target.fixed(1)) kWh asked (\(total.expected.fixed(1)) kWh expected); \
        the readings say \(checks.shedByReadings.fixed(1)) kWh
        \(checks.ledgerEntries) entries in the ledger, balance \(checks.ledgerBalance); \
        \(checks.clientCertificates) client certificates seen by the VTN
        forecast error on \(accuracy.heldOutDays) held-out days: MASE \(accuracy.sarimaMASE.fixed(3)), seasonal naive \
        \(accuracy.seasonalNaiveMASE.fixed(3))
        """
    }

    func table() -> String {
        var table = TextTable(
            [
                "site", "forecast kWh", "80 % interval", "baseline kWh", "actual kWh", "shed kWh", "opt",
                "reward \(currency)",
            ],
            leftColumns: [0, 6])
        for site in sites {
            table.add([
                site.name, site.forecast.fixed(1),
                "\(site.forecast80[0].fixed(1)) - \(site.forecast80[1].fixed(1))",
                site.baseline?.fixed(1) ?? "-", site.actual?.fixed(1) ?? "-", site.shed.fixed(1), site.opt,
                site.reward.fixed(2),
            ])
        }
        table.add(["total", "", "", "", "", total.shed.fixed(1), "", total.reward.fixed(2)])
        return table.rendered()
    }
}
