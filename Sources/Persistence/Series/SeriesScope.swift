public import DemandResponse

/// Whose readings a series adds up.
public enum SeriesScope: Hashable, Sendable {
    case meter(MeterID)
    /// All meters that are mapped to the organization; for the distributor all there are.
    case organization(OrganizationID)
    /// The meter of a residential user.
    case user(UserID)
}

/// Why a series is not given.
public enum SeriesError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownMeter(MeterID)
    /// The window has more buckets than `SeriesStore.limit`.
    case tooFine(buckets: Int, limit: Int)

    public var description: String {
        switch self {
        case .unknownMeter(let meter): "There is no meter \(meter.rawValue)."
        case .tooFine(let buckets, let limit):
            "The window has about \(buckets) buckets at this resolution; at most \(limit) are given: choose a coarser one."
        }
    }
}
