public import DemandResponse
public import Measures

/// What a meter is (table `meters`).
public struct MeterDescription: Hashable, Sendable {
    /// Degrees, WGS 84.
    public struct Place: Hashable, Sendable {
        public var latitude: Double
        public var longitude: Double

        public init(latitude: Double, longitude: Double) {
            self.latitude = latitude
            self.longitude = longitude
        }
    }

    /// The unit of the source. Readings are kept in Wh whatever it is.
    public enum Unit: String, Hashable, Sendable {
        case wattHours = "Wh"
        case kilowattHours = "kWh"
        case watts = "W"
        case kilowatts = "kW"
    }

    /// Unique; what people and files call it.
    public var name: String
    /// Name in the IANA database.
    public var zone: String
    /// Length of a metering interval.
    public var step: TimeSpan
    public var unit: Unit
    public var place: Place?

    public init(name: String, zone: String, step: TimeSpan, unit: Unit = .wattHours, place: Place? = nil) {
        self.name = name
        self.zone = zone
        self.step = step
        self.unit = unit
        self.place = place
    }
}

/// A meter with its number.
public struct Meter: Hashable, Sendable {
    public let id: MeterID
    public let description: MeterDescription

    public init(id: MeterID, description: MeterDescription) {
        self.id = id
        self.description = description
    }
}

/// A meter in a list, with whom it belongs to.
public struct MeterListing: Hashable, Sendable {
    public let meter: Meter
    /// Beside the distributor.
    public let organizations: [OrganizationID]
    public let resident: UserID?
}

extension MeterID {
    /// How the audit trail names it.
    var subject: String { "meter/\(rawValue)" }
}
