internal import OpenADR

/// What the schema says of the messages that a VEN sends, as far as ``Tolerance`` needs it.
enum SchemaOrder {
    /// The children of each element in their order; `*` is the place of those with another name.
    static let children: [String: [String]] = [
        "oadrPayload": ["Signature", "oadrSignedObject"],
        "eiResponse": ["responseCode", "responseDescription", "requestID"],
        "oadrCreatePartyRegistration": [
            "requestID", "registrationID", "venID", "oadrProfileName", "oadrTransportName", "oadrTransportAddress",
            "oadrReportOnly", "oadrXmlSignature", "oadrVenName", "oadrHttpPullModel",
        ],
        "oadrCancelPartyRegistration": ["requestID", "registrationID", "venID"],
        "oadrCanceledPartyRegistration": ["eiResponse", "registrationID", "venID"],
        "eiRequestEvent": ["requestID", "venID", "replyLimit"],
        "eiCreatedEvent": ["eiResponse", "eventResponses", "venID"],
        "eventResponse": ["responseCode", "responseDescription", "requestID", "qualifiedEventID", "optType"],
        "qualifiedEventID": ["eventID", "modificationNumber"],
        "oadrRegisterReport": ["requestID", "oadrReport", "venID", "reportRequestID"],
        "oadrReport": [
            "dtstart", "duration", "intervals", "eiReportID", "oadrReportDescription", "reportRequestID",
            "reportSpecifierID", "reportName", "createdDateTime",
        ],
        "oadrReportDescription": [
            "rID", "reportSubject", "reportDataSource", "reportType", "*", "readingType", "marketContext",
            "oadrSamplingRate",
        ],
        "oadrSamplingRate": ["oadrMinPeriod", "oadrMaxPeriod", "oadrOnChange"],
        "interval": ["dtstart", "duration", "uid", "*"],
        "oadrReportPayload": ["rID", "confidence", "accuracy", "*", "oadrDataQuality"],
        "oadrPayloadResourceStatus": ["oadrOnline", "oadrManualOverride", "oadrLoadControlState"],
        "oadrRegisteredReport": ["eiResponse", "oadrReportRequest", "venID"],
        "oadrReportRequest": ["reportRequestID", "reportSpecifier"],
        "reportSpecifier": [
            "reportSpecifierID", "granularity", "reportBackDuration", "reportInterval", "specifierPayload",
        ],
        "specifierPayload": ["rID", "*", "readingType"],
        "oadrCreateReport": ["requestID", "oadrReportRequest", "venID"],
        "oadrCreatedReport": ["eiResponse", "oadrPendingReports", "venID"],
        "oadrUpdateReport": ["requestID", "oadrReport", "venID"],
        "oadrUpdatedReport": ["eiResponse", "oadrCancelReport", "venID"],
        "oadrCancelReport": ["requestID", "reportRequestID", "reportToFollow", "venID"],
        "oadrCanceledReport": ["eiResponse", "oadrPendingReports", "venID"],
        "oadrCreateOpt": [
            "optID", "optType", "optReason", "marketContext", "venID", "vavailability", "createdDateTime", "requestID",
            "qualifiedEventID", "eiTarget", "oadrDeviceClass",
        ],
        "oadrCancelOpt": ["requestID", "optID", "venID"],
        "oadrResponse": ["eiResponse", "venID"],
        "properties": ["dtstart", "duration", "tolerance", "x-eiNotification", "x-eiRampUp", "x-eiRecovery"],
        "eiTarget": target, "reportSubject": target, "reportDataSource": target, "oadrDeviceClass": target,
    ].merging(units) { own, _ in own }

    private static let target = [
        "aggregatedPnode", "endDeviceAsset", "meterAsset", "pnode", "serviceArea", "serviceDeliveryPoint",
        "serviceLocation", "transportInterface", "groupID", "groupName", "resourceID", "venID", "partyID",
    ]

    private static let units = Dictionary(
        uniqueKeysWithValues: [
            "powerReal", "powerApparent", "powerReactive", "energyReal", "energyApparent", "energyReactive", "voltage",
            "current", "frequency", "Therm", "temperature", "currency", "currencyPerKWh", "currencyPerKW",
            "currencyPerThm", "customUnit",
        ].map { ($0, ["itemDescription", "itemUnits", "siScaleCode", "powerAttributes"]) })

    /// Ids that must be there and may be empty, and whose parents miss them at some devices.
    static let requiredIDs: [(id: String, parents: Set<String>)] = [
        (
            "requestID",
            [
                "eiResponse", "oadrQueryRegistration", "oadrCreatePartyRegistration", "oadrCancelPartyRegistration",
                "eiRequestEvent", "eventResponse", "oadrRegisterReport", "oadrCreateReport", "oadrUpdateReport",
                "oadrCancelReport", "oadrCreateOpt", "oadrCancelOpt",
            ]
        ),
        ("venID", ["oadrPoll", "eiRequestEvent", "eiCreatedEvent", "oadrCreateOpt", "oadrCancelOpt"]),
    ]

    /// Whether an `xcal:duration` inside is the text of a duration.
    static func wrapsDuration(_ parent: String?) -> Bool {
        guard let parent else { return false }
        return [
            "duration", "granularity", "reportBackDuration", "x-eiNotification", "x-eiRampUp", "x-eiRecovery",
            "oadrRequestedOadrPollFreq",
        ].contains(parent)
    }

    /// The lists of words, and whether they take words of anybody's own.
    static let words: [String: (words: [String], isOpen: Bool)] = [
        "optType": (OptType.allCases.map(\.rawValue), false),
        "optReason": (OptReason.standard.map(\.rawValue), true),
        "reportName": (ReportName.standard.map(\.rawValue), true),
        "reportType": (ReportType.standard.map(\.rawValue), true),
        "readingType": (ReadingType.standard.map(\.rawValue), true),
        "oadrDataQuality": (DataQuality.standard.map(\.rawValue), true),
        "siScaleCode": (SIScale.allCases.map(\.rawValue), false),
        "oadrProfileName": (ProfileName.allCases.map(\.rawValue), false),
        "oadrTransportName": (TransportName.allCases.map(\.rawValue), false),
    ]
}
