/// `espi:UsagePoint`: where usage is measured.
public struct UsagePoint: Hashable, Sendable {
    /// Up to four hexadecimal digits.
    public var roleFlags: String?
    /// 0 is electricity.
    public var serviceCategory: UInt16?
    public var status: UInt8?
    public var deliveryPoint: DeliveryPoint?

    public init(
        roleFlags: String? = nil, serviceCategory: UInt16? = nil, status: UInt8? = nil,
        deliveryPoint: DeliveryPoint? = nil
    ) {
        self.roleFlags = roleFlags
        self.serviceCategory = serviceCategory
        self.status = status
        self.deliveryPoint = deliveryPoint
    }
}

/// `espi:ServiceDeliveryPoint`; texts of at most 256 characters.
public struct DeliveryPoint: Hashable, Sendable {
    public var name: String?
    public var tariffProfile: String?
    public var customerAgreement: String?

    public init(name: String? = nil, tariffProfile: String? = nil, customerAgreement: String? = nil) {
        self.name = name
        self.tariffProfile = tariffProfile
        self.customerAgreement = customerAgreement
    }
}

/// `espi:LocalTimeParameters`: how the customer's clock is away from UTC.
public struct LocalTimeParameters: Hashable, Sendable {
    /// Up to eight hexadecimal digits each: when daylight saving ends and begins.
    public var daylightEnd: String
    public var daylightStart: String
    /// Seconds.
    public var daylightOffset: Int64
    public var zoneOffset: Int64

    public init(daylightEnd: String, daylightStart: String, daylightOffset: Int64, zoneOffset: Int64) {
        self.daylightEnd = daylightEnd
        self.daylightStart = daylightStart
        self.daylightOffset = daylightOffset
        self.zoneOffset = zoneOffset
    }
}
