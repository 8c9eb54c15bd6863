public import Measures
public import OpenADR

/// What a VEN knows and is about to do, for people and for machines.
public struct EndNodeStatus: Hashable, Codable, Sendable {
    public struct KnownEvent: Hashable, Codable, Sendable {
        public let eventID: EventID
        public let modificationNumber: UInt32
        public let priority: UInt32
        public let opt: OptType
        /// Cancelled by the VTN, or forgotten by it.
        public let isCancelled: Bool
        public let start: Instant
        /// Nil while open-ended.
        public let end: Instant?
        /// None means everything behind the VEN.
        public let resources: [ResourceID]
        /// What is executed: nothing when opted out.
        public let slots: [Timeline.Slot]
    }

    public struct Report: Hashable, Codable, Sendable {
        public let requestID: ReportRequestID
        public let specifierID: ReportSpecifierID
        public let step: TimeSpan
        /// Up to here the VTN has the readings.
        public let reportedUntil: Instant
        /// Steps for which the meter has shown nothing yet.
        public let missing: Int
    }

    public let at: Instant
    /// Nil while the VEN is not registered.
    public let registration: EndNodeRegistration?
    /// When the VTN was last heard of in this life of the VEN; nil when it was not, or does not run.
    public let lastContact: Instant?
    /// When the VEN will speak next; nil while it does, or does not run.
    public let nextMessage: Instant?
    public let events: [KnownEvent]
    public let reports: [Report]
    public let opts: [LocalOpt]
    /// What the loads do now and next.
    public let timeline: Timeline

    /// - Parameters:
    ///   - memory: of a VEN that runs, or of its journal.
    public init(of memory: EndNodeMemory, at now: Instant, lastContact: Instant? = nil, nextMessage: Instant? = nil) {
        at = now
        registration = memory.registration
        self.lastContact = lastContact
        self.nextMessage = nextMessage
        events = memory.events.values.map { known in
            KnownEvent(
                eventID: known.event.id, modificationNumber: known.event.descriptor.modificationNumber,
                priority: known.event.descriptor.priority ?? 0, opt: known.opt, isCancelled: known.isCancelled,
                start: known.event.activePeriod.start + known.offset, end: known.end,
                resources: known.event.target.resourceIDs, slots: known.slots)
        }.sorted { ($0.start, $0.eventID) < ($1.start, $1.eventID) }
        reports = memory.reports.values.map { report in
            Report(
                requestID: report.request.requestID, specifierID: report.request.specifier.specifierID,
                step: report.step, reportedUntil: report.reportedUntil, missing: report.gaps.count)
        }.sorted { $0.requestID < $1.requestID }
        opts = memory.opts.values.sorted { ($0.createdAt, $0.optID) < ($1.createdAt, $1.optID) }
        timeline = memory.timeline
    }
}
