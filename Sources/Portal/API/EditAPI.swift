import Accounts
import DemandResponse
import HTTPTypes
import Hummingbird
import Measures
import Persistence

/// Changes of single readings: versions over the readings as they came.
enum EditAPI {
    private static let newEdit: [Shape.Field] = [
        .init(name: "start", shape: .instant, about: "First moment of the interval."),
        .init(
            name: "energyWh", shape: .orNull(.number(-1e12...1e12)),
            about: "What is taken in place of the reading, in Wh; null: no value is to be believed."),
        .init(name: "reason", shape: .text(1...190), about: "Why."),
    ]

    static let routes: [Route] = [
        .api(
            .get, "/meters/{meter}/edits", .needs(.seeOwn),
            "What was changed about a meter's readings, the newest first",
            Operation(tag: "Meters", answer: .list("Edit"))
        ) { visit in
            try visit.checkQuery([])
            let row = try await MeterPages.meter(visit)
            return try visit.list(
                Resources.edit, try await visit.portal.cleanings.cleanings(of: row.meter.id), next: nil)
        },
        .api(
            .post, "/meters/{meter}/edits", .needs(.editReadings), "Change a reading",
            Operation(tag: "Meters", body: newEdit, answer: .created("Edit"), isCreation: true)
        ) { visit in
            let input = try visit.input(newEdit)
            let row = try await MeterPages.meter(visit)
            guard let start = Instant(told: input["start"]?.text ?? "") else {
                throw Problem.badRequest("The body does not fit.", fields: ["start": "is no time"])
            }
            let energy: WattHours? =
                switch input["energyWh"] {
                case .integer(let value)?: WattHours(Double(value))
                case .number(let value)?: WattHours(value)
                default: nil
                }
            let reason = input["reason"]?.text ?? ""
            return try await visit.once {
                let id = try await ReadingPages.edit(row.meter, at: start, to: energy, reason: reason, visit)
                guard
                    let made = try await visit.portal.cleanings.cleanings(of: row.meter.id).first(where: { $0.id == id }
                    )
                else { throw Problem.notFound }
                return (Resources.edit.json(made), "/api/v1/meters/\(row.meter.id.rawValue)/edits")
            }
        },
        .api(
            .post, "/meters/{meter}/edits/{edit}/undo", .needs(.editReadings), "Undo a change of readings",
            Operation(tag: "Meters", answer: .one("Edit"), refusals: [.conflict])
        ) { visit in
            let row = try await MeterPages.meter(visit)
            let id = try await ReadingPages.undo(row.meter, visit).id
            guard
                let version = try await visit.portal.cleanings.cleanings(of: row.meter.id).first(where: { $0.id == id })
            else { throw Problem.notFound }
            return try visit.json(Resources.edit.json(version))
        },
    ]
}
