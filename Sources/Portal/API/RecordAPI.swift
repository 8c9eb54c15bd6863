import Accounts
import DemandResponse
import HTTPTypes
import Hummingbird
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// What the protocol and the settlement wrote down: opts, reports, certificates, forecasts, baselines, settlements.
enum RecordAPI {
    private static let ofEvent = Operation.Parameter(
        name: "event", shape: .text(1...128), about: "Only those of this event.")
    private static let ofMeter = Operation.Parameter(
        name: "meter", shape: .integer(1...Int64.max), about: "Only those of this meter.")
    private static let ofVEN = Operation.Parameter(
        name: "ven", shape: .text(1...128), about: "Only those of this VEN.")

    static let routes: [Route] = [
        .api(
            .get, "/opts", .needs(.seeOwn), "When VENs take part, whatever events there are",
            Operation(tag: "VENs", query: Operation.paging, answer: .list("Opt"))
        ) { visit in
            try visit.checkQuery(Operation.paging)
            let part = try await visit.portal.records.opts(
                seenBy: try visit.viewer, after: try visit.keyCursor([.text, .text, .instant]), limit: visit.limit)
            return try visit.list(Resources.opt, part.rows, next: next(part) { $0.key })
        },
        .api(
            .get, "/reports", .needs(.seeOwn), "Reports that VENs were asked for",
            Operation(tag: "VENs", query: Operation.paging + [ofVEN], answer: .list("Report"))
        ) { visit in
            try visit.checkQuery(Operation.paging + [ofVEN])
            let part = try await visit.portal.records.reports(
                of: visit.query.optional("ven"), seenBy: try visit.viewer,
                after: try visit.keyCursor([.text, .text]), limit: visit.limit)
            return try visit.list(Resources.report, part.rows, next: next(part) { $0.key })
        },
        .api(
            .get, "/certificates", .needs(.seeOwn), "Certificates of VENs, those that were revoked too",
            Operation(tag: "VENs", query: Operation.paging, answer: .list("Certificate"))
        ) { visit in
            try visit.checkQuery(Operation.paging)
            let part = try await visit.portal.records.certificates(
                seenBy: try visit.viewer, after: try visit.keyCursor([.text]), limit: visit.limit)
            return try visit.list(
                Resources.certificate, part.rows,
                next: next(part) { [CertificateDigest(bytes: $0.digest)?.hexadecimal ?? ""] })
        },
        .api(
            .get, "/forecasts", .needs(.seeOwn), "Load forecasts of your meters, the newest first",
            Operation(tag: "Forecasts", query: Operation.paging + [ofMeter], answer: .list("Forecast"))
        ) { visit in
            try visit.checkQuery(Operation.paging + [ofMeter])
            let part = try await visit.portal.records.forecasts(
                of: Int64(visit.query.text("meter")).map(MeterID.init), seenBy: try visit.viewer,
                after: try visit.cursor(), limit: visit.limit)
            return try visit.list(
                Resources.forecast, part.rows, next: part.hasMore ? part.rows.last.map { "\($0.id)" } : nil)
        },
        .api(
            .get, "/baselines", .needs(.seeOwn), "What your meters would have counted without events",
            Operation(tag: "Settlement", query: Operation.paging + [ofEvent], answer: .list("Baseline"))
        ) { visit in
            try visit.checkQuery(Operation.paging + [ofEvent])
            let part = try await visit.portal.records.baselines(
                event: visit.query.optional("event"), seenBy: try visit.viewer,
                after: try visit.keyCursor([.number, .instant]), limit: visit.limit)
            return try visit.list(Resources.baseline, part.rows, next: next(part) { $0.key })
        },
        .api(
            .get, "/settlements", .needs(.seeOwn), "What events came to for your meters",
            Operation(tag: "Settlement", query: Operation.paging + [ofEvent], answer: .list("Settlement"))
        ) { visit in
            try visit.checkQuery(Operation.paging + [ofEvent])
            let part = try await visit.portal.records.settlements(
                of: visit.query.optional("event"), seenBy: try visit.viewer,
                after: try visit.keyCursor([.text, .number]), limit: visit.limit)
            return try visit.list(Resources.settlement, part.rows, next: next(part) { $0.key })
        },
    ]

    /// The key of the last row of a page that has more after it.
    private static func next<Row>(_ part: Part<Row>, _ key: (Row) -> [String]) -> String? {
        part.hasMore ? part.rows.last.map { key($0).joined(separator: "\n") } : nil
    }
}

extension Visit {
    /// What stands at a place of a key.
    enum KeyPart {
        case text
        case number
        case instant
    }

    /// Where a list by a key of several parts goes on.
    func keyCursor(_ shape: [KeyPart]) throws -> [String]? {
        guard let text = try textCursor() else { return nil }
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let fits =
            parts.count == shape.count
            && zip(parts, shape).allSatisfy { part, kind in
                switch kind {
                case .text: part.utf8.count <= 128 && !part.contains("\0")
                case .number: Int64(part).map { $0 >= 0 } ?? false
                case .instant: Instant(told: part) != nil
                }
            }
        guard fits else {
            throw Problem.badRequest("The cursor is none of ours.", fields: ["after": "take it from `next`"])
        }
        return parts
    }
}

extension Resources {
    private static let meterNumber = Shape.integer(1...Int64.max)

    static let opt = Resource<RecordQueries.Opt>(
        name: "Opt",
        members: [
            .init("ven", .text, "venID.") { .text($0.ven) }, .init("id", .text, "optID.") { .text($0.id) },
            .init("type", .word(["optIn", "optOut"]), "What the VEN says.") { .text($0.type) },
            .init("reason", .text, "optReason.") { .text($0.reason) },
            .init("programContext", .orNull(.text), "URI of the programme; null: all.") {
                .optional($0.marketContext) { .text($0) }
            },
            .init("state", .text, "Whether it counts.") { .text($0.state) },
            .init("createdAt", .instant, "When the VEN made it.") { .text($0.createdAt.description) },
            .init("receivedAt", .instant, "When the VTN heard it.") { .text($0.receivedAt.description) },
        ])

    static let report = Resource<RecordQueries.Report>(
        name: "Report",
        members: [
            .init("ven", .text, "venID.") { .text($0.ven) },
            .init("id", .text, "reportRequestID.") { .text($0.id) },
            .init("specifier", .text, "reportSpecifierID.") { .text($0.specifier) },
            .init("name", .orNull(.text), "reportName; null when the VEN does not offer it any more.") {
                .optional($0.name) { .text($0) }
            },
            .init("granularitySeconds", .integer, "Sampling step, in s.") { .integer($0.granularity.seconds) },
            .init("backSeconds", .integer, "How often data is sent, in s; 0 is once.") {
                .integer($0.reportBack.seconds)
            },
            .init("state", .text, "Where the request stands.") { .text($0.state) },
            .init("createdAt", .instant, "When it was asked for.") { .text($0.createdAt.description) },
        ])

    static let certificate = Resource<RecordQueries.Certificate>(
        name: "Certificate",
        members: [
            .init("sha256", .text, "SHA-256 of the DER form, in hexadecimal.") {
                .text(CertificateDigest(bytes: $0.digest)?.hexadecimal ?? "")
            },
            .init("fingerprint", .text, "As OpenADR writes it.") {
                .text(CertificateDigest(bytes: $0.digest)?.fingerprint ?? "")
            },
            .init("ven", .orNull(.text), "venID.") { .optional($0.ven) { .text($0) } },
            .init("revokedAt", .orNull(.instant), "Null while it counts.") {
                .optional($0.revokedAt) { .text($0.description) }
            },
            .init("reason", .orNull(.text), "Why it was revoked.") { .optional($0.reason) { .text($0) } },
        ])

    static let forecast = Resource<RecordQueries.Forecast>(
        name: "Forecast",
        members: [
            .init("id", meterNumber, "Number of the forecast.") { .integer($0.id) },
            .init("meter", meterNumber, "Number of the meter.") { .integer($0.meter.rawValue) },
            .init("model", .text, "Model and orders.") { .text($0.model) },
            .init("madeAt", .instant, "No later reading was used.") { .text($0.madeAt.description) },
            .init("from", .orNull(.instant), "First moment.") { .optional($0.window) { .text($0.start.description) } },
            .init("to", .orNull(.instant), "First moment after.") {
                .optional($0.window) { .text($0.end.description) }
            },
            .init("energyWh", .number, "Expected over the whole of it, in Wh; intervals: the meter's series.") {
                .number($0.energy.value)
            },
        ])

    static let baseline = Resource<RecordQueries.Baseline>(
        name: "Baseline",
        members: [
            .init("meter", meterNumber, "Number of the meter.") { .integer($0.meter.rawValue) },
            .init("event", .text, "eventID.") { .text($0.event) },
            .init("start", .instant, "First moment of the interval.") { .text($0.window.start.description) },
            .init("end", .instant, "First moment after it.") { .text($0.window.end.description) },
            .init("energyWh", .number, "In Wh.") { .number($0.energy.value) },
        ])

    static let settlement = Resource<RecordQueries.Settlement>(
        name: "Settlement",
        members: [
            .init("event", .text, "eventID.") { .text($0.event) },
            .init("meter", meterNumber, "Number of the meter.") { .integer($0.meter.rawValue) },
            .init("revision", .integer, "0 at first, one more for each new count.") { .integer(Int64($0.revision)) },
            .init("termsVersion", .text, "The terms that it was counted with.") { .text($0.termsVersion) },
            .init("participation", .text, "How the meter took part.") { .text($0.participation) },
            .init("state", .text, "waiting: too few intervals are measured.") { .text($0.state) },
            .init("baselineWh", .integer, "Over the measured intervals, in Wh.") { .integer($0.baseline) },
            .init("actualWh", .integer, "Over the measured intervals, in Wh.") { .integer($0.actual) },
            .init("reductionWh", .integer, "Baseline less actual, in Wh.") { .integer($0.reduction) },
            .init("paidEnergyWh", .integer, "After floor and cap, in Wh.") { .integer($0.paidEnergy) },
            .init("paymentMinorUnits", .integer, "In cents.") { .integer($0.payment) },
            .init("currency", .text, "ISO 4217.") { .text($0.currency) },
            .init("settledAt", .instant, "When it was counted.") { .text($0.settledAt.description) },
        ])

    static let recordSchemas: [(name: String, shape: Shape)] = [
        (opt.name, opt.shape), (report.name, report.shape), (certificate.name, certificate.shape),
        (forecast.name, forecast.shape), (baseline.name, baseline.shape), (settlement.name, settlement.shape),
    ]
}
