import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import SiteSimulation

/// The demo's organizations, users and meters in the database, and the names that this run gave them.
struct DemoRoster: Sendable {
    /// A site as the database and the protocol know it.
    struct Member: Sendable {
        let site: DemoSite
        let meter: MeterID
        let venID: VENID
    }

    /// Distinguishes the runs in one database, from 1.
    let run: Int
    let members: [Member]

    var eventID: EventID { EventID("demo-\(run)") }

    /// Creates the distributor if it is missing, an organization for every few sites, users and meters.
    static func create(_ sites: [DemoSite], on pool: MariaDBPool) async throws -> DemoRoster {
        let accounts = AccountStore(pool)
        let meters = MeterStore(pool)
        _ = try await accounts.establishDistributor(named: "Curtail Grid")
        var run = 1
        while try await meters.meter(named: meterName(run, 0)) != nil { run += 1 }
        var members: [Member] = []
        var organization: OrganizationID?
        for (index, site) in sites.enumerated() {
            let meter = try await meters.create(
                MeterDescription(name: meterName(run, index), zone: site.zone.identifier, step: site.step))
            let email = "site-\(index + 1)@demo-\(run).example"
            if site.traits.kind == .home {
                try await meters.map(meter, to: try await accounts.createUser(email: email).id)
            } else {
                if organization == nil || index % sitesPerOrganization == 0 {
                    organization = try await accounts.createOrganization(named: "Demo \(run) company \(index + 1)")
                    _ = try await accounts.createUser(email: email, organization: organization)
                }
                if let organization { try await meters.map(meter, to: organization) }
            }
            members.append(Member(site: site, meter: meter, venID: VENID("demo-\(run)-ven-\(index + 1)")))
        }
        return DemoRoster(run: run, members: members)
    }

    private static let sitesPerOrganization = 5

    private static func meterName(_ run: Int, _ index: Int) -> String { "demo-\(run)-meter-\(index + 1)" }

    /// Imports what the meters counted before the demo's clock starts; returns the number of rows.
    func importReadings(
        on pool: MariaDBPool, recordedAt: Instant, progress: (Int) -> Void
    ) async throws -> Int {
        let readings = ReadingStore(pool)
        var rows = 0
        for (index, member) in members.enumerated() {
            rows += try await readings.write(member.site.history, of: member.meter, recordedAt: recordedAt)
            progress(index + 1)
        }
        return rows
    }

    /// Makes sure that the database holds, value by value, what the forecasts and the plan were made from.
    func verifyReadings(on pool: MariaDBPool, before end: Instant) async throws {
        let readings = ReadingStore(pool)
        for member in members {
            let history = member.site.history.filter { $0.energy != nil }
            let start = history.first?.start ?? end
            let stored = try await readings.readings(
                of: member.meter, in: TimeWindow(start: start, duration: end - start))
            guard stored == history else {
                throw CommandFailure(
                    "The database does not hold the readings of \(member.site.name) as they were imported.",
                    hint: "look for another program that writes to meter_data")
            }
        }
    }
}
