import Accounts
import DemandResponse
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// The things that the API gives.
enum Resources {
    private static let id = Shape.integer(1...Int64.max)
    private static let maybeInstant = Shape.orNull(.instant)

    static let person = Resource<MemberStore.Member>(
        name: "Person",
        members: [
            .init("id", id, "Number of the account.") { .integer($0.identity.account.rawValue) },
            .init("email", .text, "Address in lower case.") { .text($0.identity.email) },
            .init("name", .text, "As the person writes it.") { .text($0.identity.name) },
            .init("organization", .orNull(id), "Number of the organization; null for a resident.") {
                .optional($0.identity.organization) { .integer($0.rawValue) }
            },
            .init("role", .word(Role.allCases.map(\.rawValue)), "What the person is to the platform.") {
                .text($0.identity.role.rawValue)
            },
            .init("approval", .word(AccountState.Approval.allCases.map(\.rawValue)), "What was decided.") {
                .text($0.approval.rawValue)
            },
            .init("isConfirmed", .boolean, "Whether the address is confirmed.") { .boolean($0.isConfirmed) },
            .init("createdAt", .instant, "When the account was made.") { .text($0.createdAt.description) },
            .init("version", .integer, "Rises with every change; the ETag.") { .integer($0.identity.version) },
        ])

    static let organization = Resource<MemberStore.Organization>(
        name: "Organization",
        members: [
            .init("id", id, "Number of the organization.") { .integer($0.id.rawValue) },
            .init("name", .text, "As people write it.") { .text($0.name) },
            .init("approval", .word(AccountState.Approval.allCases.map(\.rawValue)), "What the distributor decided.") {
                .text($0.approval.rawValue)
            },
            .init("isDistributor", .boolean, "Whether it runs the grid.") { .boolean($0.isDistributor) },
            .init("members", .integer, "How many people belong to it.") { .integer(Int64($0.members)) },
            .init("meters", .integer, "How many meters belong to it.") { .integer(Int64($0.meters)) },
            .init("createdAt", .instant, "When it was founded here.") { .text($0.createdAt.description) },
        ])

    static let meter = Resource<MeterQueries.Row>(
        name: "Meter",
        members: [
            .init("id", id, "Number of the meter.") { .integer($0.meter.id.rawValue) },
            .init("name", .text, "Unique; what people and files call it.") { .text($0.meter.description.name) },
            .init("zone", .text, "IANA time zone of the place.") { .text($0.meter.description.zone) },
            .init("stepSeconds", .integer, "Length of a metering interval, in s.") {
                .integer($0.meter.description.step.seconds)
            },
            .init("owners", .list(.text, 0...10_000), "Organizations by name and residents by address.") {
                .array($0.owners.map { .text($0) })
            },
            .init("ven", .orNull(.text), "The VEN that reports for it.") { .optional($0.ven) { .text($0) } },
            .init("lastReading", maybeInstant, "End of the latest reading.") {
                .optional($0.lastReading) { .text($0.description) }
            },
        ])

    static let reading = Resource<ReadingStore.StoredReading>(
        name: "Reading",
        members: [
            .init("start", .instant, "First moment of the interval.") { .text($0.reading.start.description) },
            .init("end", .instant, "First moment after it.") { .text($0.reading.window.end.description) },
            .init("energyWh", .orNull(.number), "In Wh; export is negative.") {
                .optional($0.reading.energy) { .number($0.value) }
            },
            .init("shedWh", .orNull(.number), "In Wh, of an event's interval: max(baseline - value, 0).") {
                .optional($0.delta) { .number($0.value) }
            },
            .init("quality", .word(["good", "estimated", "suspect"]), "How far it may be trusted.") {
                .text($0.quality.rawValue)
            },
            .init("source", .text, "A file, or a VEN's telemetry.") { .text($0.source.rawValue) },
        ])

    static let event = Resource<(row: EventQueries.Row, now: Instant)>(
        name: "Event",
        members: [
            .init("id", .text, "eventID.") { .text($0.row.record.eventID.rawValue) },
            .init("status", .text, "Where it is in its life: far, near, active, completed, cancelled.") {
                .text($0.row.record.status(at: $0.now).rawValue)
            },
            .init("programContext", .text, "URI of the programme.") {
                .text($0.row.record.terms.marketContext.rawValue)
            },
            .init("start", .instant, "When it begins.") { .text($0.row.record.terms.start.description) },
            .init("durationSeconds", .integer, "How long it lasts, in s; 0 is open-ended.") {
                .integer($0.row.record.terms.duration.seconds)
            },
            .init("priority", .integer, "1 is the most important, 0 none.") {
                .integer(Int64($0.row.record.terms.priority))
            },
            .init("isTest", .boolean, "Whether it is a test.") { .boolean($0.row.record.terms.isTest) },
            .init("comment", .orNull(.text), "The operator's comment.") {
                .optional($0.row.record.terms.comment) { .text($0) }
            },
            .init("version", .integer, "modificationNumber; the ETag.") {
                .integer(Int64($0.row.record.modificationNumber))
            },
            .init("participants", .integer, "How many of your VENs are called.") {
                .integer(Int64($0.row.participants))
            },
            .init("optedIn", .integer, "How many of them take part.") { .integer(Int64($0.row.optedIn)) },
            .init("optedOut", .integer, "How many of them do not.") { .integer(Int64($0.row.optedOut)) },
            .init("createdAt", .instant, "When it was published.") { .text($0.row.record.createdAt.description) },
            .init("changedAt", .instant, "When it was changed last.") { .text($0.row.record.changedAt.description) },
        ])

    static let participation = Resource<EventParticipation>(
        name: "Participation",
        members: [
            .init("ven", .text, "venID.") { .text($0.venID.rawValue) },
            .init("event", .text, "eventID.") { .text($0.eventID.rawValue) },
            .init("opt", .orNull(.word(["optIn", "optOut"])), "What the VEN said; null before its answer.") {
                .optional($0.opt.type) { .text($0.rawValue) }
            },
            .init("decidedAt", maybeInstant, "When the VTN heard it.") {
                .optional($0.opt.decidedAt) { .text($0.description) }
            },
            .init("asked", .text, "What the signals ask for, in words.") { .text(EventPages.asked($0.signals)) },
            .init("acknowledgedVersion", .orNull(.integer), "The newest version that the VEN answered.") {
                .optional($0.delivery.acknowledgedModification) { .integer(Int64($0)) }
            },
            .init("isWithdrawn", .boolean, "Whether the event goes on without it.") {
                .boolean($0.withdrawnModification != nil)
            },
        ])

    static let ven = Resource<PortfolioQueries.VEN>(
        name: "VEN",
        members: [
            .init("id", .text, "venID.") { .text($0.id) },
            .init("name", .text, "For people.") { .text($0.name) },
            .init("registration", .text, "Where the registration stands.") { .text($0.registration) },
            .init("registrationID", .orNull(.text), "registrationID.") { .optional($0.registrationID) { .text($0) } },
            .init("transport", .orNull(.text), "How it gets its messages.") { .optional($0.transport) { .text($0) } },
            .init("pollSeconds", .integer, "How often it is told to poll, in s.") { .integer(Int64($0.pollSeconds)) },
            .init("fingerprint", .text, "Of its certificate, as OpenADR writes it.") {
                .text(CertificateDigest(bytes: $0.certificate)?.fingerprint ?? "")
            },
            .init("lastSeen", maybeInstant, "Last sign of life that is still remembered.") {
                .optional($0.lastSeen) { .text($0.description) }
            },
            .init("meters", .list(.text, 0...10_000), "Meters that it reports for, by name.") {
                .array($0.meters.map { .text($0) })
            },
            .init("waiting", .integer, "Messages that wait for its next poll.") { .integer(Int64($0.waiting)) },
        ])

    static let program = Resource<PortfolioQueries.Program>(
        name: "Program",
        members: [
            .init("id", id, "Number of the programme.") { .integer($0.id) },
            .init("name", .text, "For people.") { .text($0.name) },
            .init("context", .text, "URI that its events carry.") { .text($0.marketContext) },
            .init("termsVersions", .list(.text, 0...10_000), "Versions of the published terms, the latest first.") {
                .array($0.versions.map { .text($0) })
            },
            .init("currency", .orNull(.text), "ISO 4217.") { .optional($0.currency) { .text($0) } },
        ])

    static let reward = Resource<RewardQueries.Reward>(
        name: "Reward",
        members: [
            .init("id", id, "Place in the ledger.") { .integer($0.id) },
            .init("event", .text, "eventID.") { .text($0.event) },
            .init("eventStart", .instant, "When the event began.") { .text($0.eventStart.description) },
            .init("meter", id, "Number of the meter.") { .integer($0.meter.rawValue) },
            .init("program", .text, "Name of the programme.") { .text($0.program) },
            .init("termsVersion", .text, "The terms that it was counted with.") { .text($0.formulaVersion) },
            .init("revision", .integer, "0 at first, one more for each correction.") { .integer(Int64($0.revision)) },
            .init("state", .word(["provisional", "final", "corrected"]), "How settled it is.") { .text($0.state) },
            .init("amountMinorUnits", .integer, "What the participant gets, in cents.") {
                .integer($0.amount.minorUnits)
            },
            .init("currency", .text, "ISO 4217.") { .text($0.amount.currency.rawValue) },
            .init("paidEnergyWh", .integer, "In Wh, after floor and cap.") { .integer($0.audit.paidEnergy) },
            .init("baselineRule", .text, "The rule that the baseline was made with.") {
                .text("\($0.audit.ruleID) \($0.audit.ruleVersion)")
            },
            .init("daysUsed", .list(.text, 0...1_000), "The days that the baseline was made from.") {
                .array($0.audit.daysUsed.map { .text("\($0)") })
            },
            .init("recordedAt", .instant, "When it was booked.") { .text($0.recordedAt.description) },
        ])

    static let auditLine = Resource<PortfolioQueries.AuditLine>(
        name: "AuditLine",
        members: [
            .init("id", id, "In the order in which they were written.") { .integer($0.id) },
            .init("at", .instant, "When.") { .text($0.occurredAt.description) },
            .init("actor", .text, "Who: an address, a venID, or the program's name.") { .text($0.actor) },
            .init("action", .text, "What was done.") { .text($0.action) },
            .init("subject", .text, "What it was done to.") { .text($0.subject) },
            .init("detail", .text, "For people to read.") { .text($0.detail) },
            .init("address", .text, "Where the request came from.") { .text($0.address) },
            .init("before", .any, "What it was; null for something new.") { state($0.before) },
            .init("after", .any, "What it is now; null for something gone.") { state($0.after) },
        ])

    private static func state(_ text: String) -> JSONValue { JSONValue(Array(text.utf8)) ?? .null }

    /// The named schemas of the description.
    static let schemas: [(name: String, shape: Shape)] =
        [
            (person.name, person.shape), (organization.name, organization.shape), (meter.name, meter.shape),
            (reading.name, reading.shape), (event.name, event.shape), (participation.name, participation.shape),
            (ven.name, ven.shape), (program.name, program.shape), (reward.name, reward.shape),
            (auditLine.name, auditLine.shape), (imported.name, imported.shape), (job.name, job.shape),
            (edit.name, edit.shape),
        ] + recordSchemas
}
