/// `ei:eiTarget`: who or what is meant. Everything listed is or-ed; nothing listed means the receiver with all its
/// resources (rules 22 and 202).
public struct Target: Hashable, Sendable {
    public var aggregatedPnodes: [String]
    /// Device classes; they narrow the rest of a target down (rules 111 and 209).
    public var endDeviceAssets: [DeviceClass]
    public var meterAssets: [String]
    public var pnodes: [String]
    public var serviceAreas: [ServiceArea]
    public var serviceDeliveryPoints: [String]
    public var serviceLocations: [ServiceArea]
    public var transportInterfaces: [TransportInterface]
    public var groupIDs: [GroupID]
    public var groupNames: [String]
    public var resourceIDs: [ResourceID]
    /// In an event at most one, the receiver's (rule 63).
    public var venIDs: [VENID]
    public var partyIDs: [PartyID]

    public init(
        aggregatedPnodes: [String] = [], endDeviceAssets: [DeviceClass] = [], meterAssets: [String] = [],
        pnodes: [String] = [], serviceAreas: [ServiceArea] = [], serviceDeliveryPoints: [String] = [],
        serviceLocations: [ServiceArea] = [], transportInterfaces: [TransportInterface] = [],
        groupIDs: [GroupID] = [], groupNames: [String] = [], resourceIDs: [ResourceID] = [],
        venIDs: [VENID] = [], partyIDs: [PartyID] = []
    ) {
        self.aggregatedPnodes = aggregatedPnodes
        self.endDeviceAssets = endDeviceAssets
        self.meterAssets = meterAssets
        self.pnodes = pnodes
        self.serviceAreas = serviceAreas
        self.serviceDeliveryPoints = serviceDeliveryPoints
        self.serviceLocations = serviceLocations
        self.transportInterfaces = transportInterfaces
        self.groupIDs = groupIDs
        self.groupNames = groupNames
        self.resourceIDs = resourceIDs
        self.venIDs = venIDs
        self.partyIDs = partyIDs
    }

    public static let everything = Target()

    public var isEmpty: Bool { self == .everything }
}

/// `power:transportInterface`: the two ends of a transfer.
public struct TransportInterface: Hashable, Sendable {
    public var pointOfReceipt: String
    public var pointOfDelivery: String

    public init(pointOfReceipt: String, pointOfDelivery: String) {
        self.pointOfReceipt = pointOfReceipt
        self.pointOfDelivery = pointOfDelivery
    }
}

/// `gml:FeatureCollection` as the profile uses it: one polygon of latitudes and longitudes.
public struct ServiceArea: Hashable, Sendable {
    /// A corner in degrees.
    public struct Corner: Hashable, Sendable {
        public var latitude: Double
        public var longitude: Double

        public init(latitude: Double, longitude: Double) {
            self.latitude = latitude
            self.longitude = longitude
        }
    }

    public var id: String?
    public var polygonID: String?
    /// The outer ring.
    public var corners: [Corner]

    public init(id: String? = nil, polygonID: String? = nil, corners: [Corner]) {
        self.id = id
        self.polygonID = polygonID
        self.corners = corners
    }
}
