public import Measures
public import OpenADR

extension OptSchedule {
    /// Whether it speaks of a programme and of a resource; a nil resource is the VEN as a whole, for which only
    /// schedules without resources and devices speak.
    public func covers(_ marketContext: MarketContext, resource: ResourceID?) -> Bool {
        guard state == .inForce, deviceClasses.isEmpty else { return false }
        guard self.marketContext == nil || self.marketContext == marketContext else { return false }
        return resources.isEmpty || resource.map(resources.contains) == true
    }

    /// Whether one of its windows touches the span; a window of length zero has no end (rule 210), and neither has a
    /// span without an end.
    public func touches(from start: Instant, to end: Instant?) -> Bool {
        windows.contains { window in
            (end.map { window.start < $0 } ?? true) && (window.duration == .zero || start < window.end)
        }
    }
}

extension [OptSchedule] {
    /// What the schedules of one VEN say about a time, a programme and a resource (nil is the VEN as a whole): the one
    /// that was made last counts; nil when none speaks of it.
    public func availability(
        in marketContext: MarketContext, resource: ResourceID? = nil, from start: Instant, to end: Instant?
    ) -> OptType? {
        decisive(in: marketContext, resource: resource, from: start, to: end)?.type
    }

    /// The schedule whose word counts for `availability(in:resource:from:to:)`.
    public func decisive(
        in marketContext: MarketContext, resource: ResourceID? = nil, from start: Instant, to end: Instant?
    ) -> OptSchedule? {
        filter { $0.covers(marketContext, resource: resource) && $0.touches(from: start, to: end) }
            .max { ($0.createdAt, $0.optID) < ($1.createdAt, $1.optID) }
    }

    func optsOut(of terms: EventTerms, resource: ResourceID?) -> Bool {
        availability(in: terms.marketContext, resource: resource, from: terms.start, to: terms.mentionedUntil)
            == .optOut
    }
}
