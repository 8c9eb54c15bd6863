public import OpenADR

/// Whom or what an event means besides a VEN and its resources, which a participation names itself: with them the
/// thirteen kinds of the standard. Several are or-ed (rule 22).
public enum EventTarget: Hashable, Sendable {
    case aggregatedPnode(String)
    case deviceClass(DeviceClass)
    case meterAsset(String)
    case pnode(String)
    case serviceArea([ServiceArea.Corner])
    case serviceDeliveryPoint(String)
    case serviceLocation([ServiceArea.Corner])
    case transportInterface(receipt: String, delivery: String)
    case group(GroupID)
    case groupName(String)
    case party(PartyID)

    /// The words of `kind`.
    public static let kinds = [
        "aggregatedPnode", "deviceClass", "meterAsset", "pnode", "serviceArea", "serviceDeliveryPoint",
        "serviceLocation", "transportInterface", "group", "groupName", "party",
    ]

    public var kind: String {
        switch self {
        case .aggregatedPnode: "aggregatedPnode"
        case .deviceClass: "deviceClass"
        case .meterAsset: "meterAsset"
        case .pnode: "pnode"
        case .serviceArea: "serviceArea"
        case .serviceDeliveryPoint: "serviceDeliveryPoint"
        case .serviceLocation: "serviceLocation"
        case .transportInterface: "transportInterface"
        case .group: "group"
        case .groupName: "groupName"
        case .party: "party"
        }
    }

    /// An id; of an area its corners in degrees, `52.5 13.4 52.6 13.4 …`; of a transport interface `receipt>delivery`.
    public var value: String {
        switch self {
        case .aggregatedPnode(let id), .meterAsset(let id), .pnode(let id), .serviceDeliveryPoint(let id),
            .groupName(let id):
            id
        case .deviceClass(let device): device.rawValue
        case .serviceArea(let corners), .serviceLocation(let corners):
            corners.map { "\($0.latitude) \($0.longitude)" }.joined(separator: " ")
        case .transportInterface(let receipt, let delivery): "\(receipt)>\(delivery)"
        case .group(let id): id.rawValue
        case .party(let id): id.rawValue
        }
    }

    /// Nil for an unknown kind, an empty or overlong value, or an area of fewer than three corners or off the globe.
    public init?(kind: String, value: String) {
        guard !value.isEmpty, value.unicodeScalars.count <= (kind.hasPrefix("service") ? 4_096 : 128) else {
            return nil
        }
        switch kind {
        case "aggregatedPnode": self = .aggregatedPnode(value)
        case "deviceClass": self = .deviceClass(DeviceClass(rawValue: value))
        case "meterAsset": self = .meterAsset(value)
        case "pnode": self = .pnode(value)
        case "serviceDeliveryPoint": self = .serviceDeliveryPoint(value)
        case "group": self = .group(GroupID(value))
        case "groupName": self = .groupName(value)
        case "party": self = .party(PartyID(value))
        case "serviceArea", "serviceLocation":
            guard let corners = Self.corners(value) else { return nil }
            self = kind == "serviceArea" ? .serviceArea(corners) : .serviceLocation(corners)
        case "transportInterface":
            let ends = value.split(separator: ">", omittingEmptySubsequences: false).map(String.init)
            guard ends.count == 2, ends.allSatisfy({ !$0.isEmpty }) else { return nil }
            self = .transportInterface(receipt: ends[0], delivery: ends[1])
        default: return nil
        }
    }

    private static func corners(_ text: String) -> [ServiceArea.Corner]? {
        let numbers = text.split { $0 == " " || $0 == "," }.map { Double($0) }
        guard numbers.count >= 6, numbers.count % 2 == 0 else { return nil }
        let corners = stride(from: 0, to: numbers.count, by: 2).compactMap { index -> ServiceArea.Corner? in
            guard let latitude = numbers[index], let longitude = numbers[index + 1], latitude.magnitude <= 90,
                longitude.magnitude <= 180
            else { return nil }
            return ServiceArea.Corner(latitude: latitude, longitude: longitude)
        }
        return corners.count * 2 == numbers.count ? corners : nil
    }
}

extension EventTarget: Codable {
    private enum CodingKeys: CodingKey { case kind, value }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let known = EventTarget(
            kind: try fields.decode(String.self, forKey: .kind), value: try fields.decode(String.self, forKey: .value))
        guard let known else {
            throw DecodingError.dataCorruptedError(forKey: .value, in: fields, debugDescription: "no such target")
        }
        self = known
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(value, forKey: .value)
    }
}

extension Target {
    /// The wire's form, which sorts by kind.
    init(resources: [ResourceID], targets: [EventTarget]) {
        self.init(resourceIDs: resources)
        for target in targets {
            switch target {
            case .aggregatedPnode(let id): aggregatedPnodes.append(id)
            case .deviceClass(let device): endDeviceAssets.append(device)
            case .meterAsset(let id): meterAssets.append(id)
            case .pnode(let id): pnodes.append(id)
            case .serviceArea(let corners): serviceAreas.append(ServiceArea(corners: corners))
            case .serviceDeliveryPoint(let id): serviceDeliveryPoints.append(id)
            case .serviceLocation(let corners): serviceLocations.append(ServiceArea(corners: corners))
            case .transportInterface(let receipt, let delivery):
                transportInterfaces.append(TransportInterface(pointOfReceipt: receipt, pointOfDelivery: delivery))
            case .group(let id): groupIDs.append(id)
            case .groupName(let name): groupNames.append(name)
            case .party(let id): partyIDs.append(id)
            }
        }
    }
}
