import DemandResponse
import MariaDB
import Measures
import Persistence

@testable import Portal

/// What somebody did about a meter: a file that waits, a job, an import, a change of a reading.
struct Work: Sendable {
    let upload: Int64
    let job: Int64
    let batch: Int64
    let edit: Int64

    init(_ place: Place, account: UserID, meter: MeterID) async throws {
        let pool = place.pool
        let content = Array("time,kWh\n2026-05-01T00:00:00Z,1\n2026-05-01T00:15:00Z,1\n".utf8)
        upload = try await place.portal.uploads.keep(
            content, named: "work.csv", digest: TestBytes.random(32), meter: meter, of: account, now: place.clock.now())
        let now = place.clock.now().secondsSinceEpoch
        // Done from its first moment: one that waits would be taken by the runner of another test, which forgets its file.
        job = try await pool.execute(
            """
            INSERT INTO portal_jobs (kind, account_id, upload_id, title, work_order, total, created_at, state, finished_at)
            VALUES ('import', ?, ?, 'work.csv', '{"skipsBadRows":false}', ?, ?, 'done', ?)
            """,
            [
                .integer(account.rawValue), .integer(upload), .integer(Int64(content.count)),
                .timestamp(secondsSinceEpoch: now), .timestamp(secondsSinceEpoch: now),
            ]
        ).lastInsertID
        batch = try await pool.execute(
            """
            INSERT INTO import_batches (file, digest, plan, actor, state)
            VALUES ('work.csv', ?,
                '{"clock":{"utc":{}},"dateOrder":"ymd","decimalComma":false,"delimiter":",","header":[],"isDescending":false,"layout":{"long":{"time":{"stamp":{"_0":0}},"value":1}},"notes":[],"skippedLines":1,"stampsEnd":false,"step":900,"unit":"kWh","values":{"intervals":{}}}',
                'test', 'done')
            """, [.bytes(TestBytes.random(32))]
        ).lastInsertID
        _ = try await pool.execute(
            """
            INSERT INTO import_batch_meters (batch_id, meter_id, first_start, last_start)
            VALUES (?, ?, '2026-05-01', '2026-05-01')
            """, [.integer(batch), .integer(meter.rawValue)])
        edit = try await CleaningStore(pool).edit(
            meter, at: place.clock.now() - .days(1), to: WattHours(5), by: Actor("test"), reason: "test"
        ).rawValue
    }

    var names: [String: String] {
        ["upload": "\(upload)", "job": "\(job)", "import": "\(batch)", "edit": "\(edit)"]
    }
}
