import Accounts
import Logging
import Measures
import Persistence
public import ServiceLifecycle
import Synchronization

/// Does the work that people asked for, one job after the other, until it is told to stop. Every replica has one; a job
/// whose replica died is begun again by another, which the import bears.
public struct JobRunner: Service {
    private let portal: Portal

    public init(_ portal: Portal) {
        self.portal = portal
    }

    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                guard await runNext() else {
                    try await Task.sleep(for: .milliseconds(500))
                    continue
                }
            }
        }
    }

    /// Does the next job; false when there is none.
    public func runNext() async -> Bool {
        do {
            guard let job = try await portal.jobs.claim(now: portal.now) else { return false }
            try await work(job)
            return true
        } catch {
            portal.parts.logger.warning("job not done", metadata: ["ev": "job", "reason": "\(error)"])
            return false
        }
    }

    private func work(_ job: JobStore.Job) async throws {
        guard let id = job.upload, let upload = try await portal.uploads.upload(id, of: job.account) else {
            return try await portal.jobs.finish(
                job.id, .failed, result: "The file is gone. Send it again.", now: portal.now)
        }
        // Who was suspended meanwhile, or lost the meter, changes nothing.
        guard let viewer = try await portal.apiTokens.viewer(job.account), viewer.may(.editReadings) else {
            return try await portal.jobs.finish(
                job.id, .failed, result: "The account may not import any more.", now: portal.now)
        }
        let progress = Progress()
        let heartbeat = Task { [portal] in
            while true {
                try await Task.sleep(for: .seconds(1))
                try await portal.jobs.progress(
                    job.id, done: progress.done.load(ordering: .relaxed), now: portal.now)
            }
        }
        defer { heartbeat.cancel() }
        do {
            let report = try await UploadReading(upload: upload, work: job.work).run(
                portal, viewer, isDryRun: false
            ) { progress.done.store($0, ordering: .relaxed) }
            try await portal.jobs.finish(
                job.id, .done, result: Self.words(report), batch: report.batch, now: portal.now)
            try await portal.uploads.forget(upload.id)
        } catch {
            guard let objection = UploadReading.objection(error) else { throw error }
            try await portal.jobs.finish(job.id, .failed, result: objection, now: portal.now)
        }
    }

    /// Bytes that were read, for the heartbeat.
    private final class Progress: Sendable {
        let done = Atomic(0)
    }

    private static func words(_ report: ImportReport) -> String {
        if report.isRepetition { return "This file was imported before; nothing was done." }
        let refused = report.refused > 0 ? ", \(report.refused) rows left out" : ""
        let meters = "\(report.meters.count) meter\(report.meters.count == 1 ? "" : "s")"
        return "\(report.values) values of \(meters)\(refused)."
    }
}
