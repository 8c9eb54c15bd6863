import Measures
import OpenADR

/// Values of our own for every message, so that a machine without sample files tests all of them.
enum Samples {
    static let start = Instant(year: 2026, month: 1, day: 15, hour: 16)
    static let ok = EiResponse(description: "fine", requestID: "req-1")

    static let units: [ItemBase] =
        [PowerKind.real, .apparent, .reactive].flatMap { kind in
            [ItemBase.power(kind, scale: .kilo, attributes: .europe), .energy(kind, scale: .mega)]
        } + [
            .power(.real, unit: .joulePerSecond, attributes: .northAmerica),
            .power(.real, attributes: PowerAttributes(hertz: 1e-9, voltage: 1.25e11, isAlternating: false)),
            .voltage(), .current(scale: .milli), .frequency(), .therm(scale: .giga),
            .temperature(.celsius), .temperature(.fahrenheit, scale: .deci),
            .pulseCount(factor: 0.25), .custom(description: "people", unit: "heads", scale: .none),
        ] + CurrencyBase.allCases.map { .currency($0, code: .eur) }

    static let allTargets = Target(
        aggregatedPnodes: ["a"], endDeviceAssets: [.evse, .thermostat], meterAssets: ["m1"], pnodes: ["p"],
        serviceAreas: [
            ServiceArea(
                id: "fc1", polygonID: "pg1",
                corners: [.init(latitude: 52.5, longitude: 13.25), .init(latitude: -1e-7, longitude: 180)])
        ],
        serviceDeliveryPoints: ["sdp"], serviceLocations: [ServiceArea(corners: [])],
        transportInterfaces: [TransportInterface(pointOfReceipt: "r", pointOfDelivery: "d")],
        groupIDs: ["g"], groupNames: ["Gruppe <Süd> & Co."], resourceIDs: ["r1", "r2"], venIDs: ["VEN_1"],
        partyIDs: ["party"])

    static func descriptor(_ status: EventStatus = .far) -> EventDescriptor {
        EventDescriptor(
            eventID: "evt-1", marketContext: "http://example.org/peak", createdDateTime: start, status: status)
    }

    static let simple = EventSignal(
        signalID: "s0", name: .simple, type: .level,
        intervals: SignalInterval.numbered([(.minutes(30), 1), (.minutes(30), 2)]), currentValue: 0)

    static let fullEvent = Event(
        descriptor: EventDescriptor(
            eventID: "evt-2", modificationNumber: 4_294_967_295, modificationDateTime: start,
            modificationReason: "more",
            priority: 1, marketContext: "http://example.org/peak", createdDateTime: start, status: .near, isTest: true,
            vtnComment: "a \"comment\" with <tags> & 🙂"),
        activePeriod: ActivePeriod(
            start: start, duration: .hours(1), startAfter: .minutes(5), notification: .days(1), rampUp: .minutes(-15),
            recovery: .minutes(10)),
        signals: [
            simple,
            EventSignal(
                signalID: "s1", name: .loadDispatch, type: .setpoint, itemBase: .realPower(scale: .kilo),
                intervals: SignalInterval.numbered([(.hours(1), -12.5)]), target: Target(endDeviceAssets: [.storage])),
        ],
        baseline: EventBaseline(
            baselineID: "b", name: "forecast", start: start, duration: .hours(1),
            intervals: SignalInterval.numbered([(.minutes(60), 1e-12)]), resourceIDs: ["r1"],
            itemBase: .energy(.real, scale: .kilo)),
        target: allTargets, responseRequired: .never)

    static func event(_ signal: EventSignal) -> Event {
        Event(
            descriptor: descriptor(), activePeriod: ActivePeriod(start: start, duration: .hours(1)), signals: [signal])
    }

    static let descriptions: [ReportDescription] =
        [
            ReportDescription(
                rID: "r0", subject: Target(endDeviceAssets: [.evse]), dataSource: Target(resourceIDs: ["res"]),
                reportType: .resourceStatus, readingType: .notApplicable, marketContext: "http://example.org/peak",
                samplingRate: SamplingRate(minPeriod: .seconds(1), maxPeriod: .days(31), onChange: true))
        ]
        + units.enumerated().map { index, unit in
            ReportDescription(rID: RID("u\(index)"), reportType: .usage, itemBase: unit, readingType: .directRead)
        }
        + ReportType.standard.map { ReportDescription(rID: "t", reportType: $0, readingType: .net) }
        + ReadingType.standard.map { ReportDescription(rID: "t", reportType: .usage, readingType: $0) }

    static let request = ReportRequest(
        requestID: "rr-1",
        specifier: ReportSpecifier(
            specifierID: "spec", granularity: .minutes(15), reportBackDuration: .hours(1),
            interval: RequestedInterval(start: start),
            payloads: [SpecifierPayload(rID: "r1"), SpecifierPayload(rID: "r2")]))

    static let status = ResourceStatus(
        isOnline: true, isManuallyOverridden: false,
        loadControl: LoadControlState(
            capacity: LoadControlValue(minimum: 0, maximum: 1, current: 0.7, normal: 1),
            setPoint: LoadControlValue(current: 21.5)))

    static let data = DataReport(
        requestID: "rr-1", specifierID: "spec", name: .telemetryUsage, start: start, duration: .minutes(30),
        intervals: [
            ReportInterval(
                start: start, duration: .minutes(15),
                payloads: [
                    ReportPayload(
                        rID: "r1", confidence: 100, accuracy: 0.5, value: .float(1234.5), quality: .goodNonSpecific),
                    ReportPayload(rID: "r2", value: .resourceStatus(status)),
                ]),
            ReportInterval(
                start: nil, uid: 1, payloads: [ReportPayload(rID: "r1", value: .float(0), quality: .noValue)]),
        ]
            + DataQuality.standard.map {
                ReportInterval(start: start, payloads: [ReportPayload(rID: "q", value: .float(1), quality: $0)])
            },
        createdDateTime: start)

    static let registration: [Payload] =
        [
            .queryRegistration(QueryRegistration(requestID: "")),
            .createdPartyRegistration(CreatedPartyRegistration(response: ok, vtnID: "VTN_1")),
            .createdPartyRegistration(
                CreatedPartyRegistration(
                    response: ok, registrationID: "reg", venID: "VEN_1", vtnID: "VTN_1",
                    profiles: [Profile(), Profile(name: .twoPointZeroA, transports: [.xmpp, .simpleHTTP])],
                    pollFrequency: .seconds(10),
                    serviceSpecificInfo: ServiceName.allCases.map {
                        ServiceInfo(service: $0, info: [KeyValue(key: "k", value: "")])
                    },
                    extensions: [
                        RegistrationExtension(name: "x"),
                        RegistrationExtension(name: "y", info: [KeyValue(key: "a", value: "b")]),
                    ])),
            .cancelPartyRegistration(CancelPartyRegistration(requestID: "1", registrationID: "reg", venID: "VEN_1")),
            .cancelPartyRegistration(CancelPartyRegistration(requestID: "1", registrationID: "reg")),
            .canceledPartyRegistration(CanceledPartyRegistration(response: ok, registrationID: "reg", venID: "VEN_1")),
            .canceledPartyRegistration(CanceledPartyRegistration(response: EiResponse(code: .invalidID))),
            .requestReregistration(RequestReregistration(venID: "VEN_1")),
        ]
        + [Transport.httpPull, .httpPush(address: "https://ven.example"), .xmpp(address: "ven@example/client")].map {
            .createPartyRegistration(CreatePartyRegistration(requestID: "1", transport: $0))
        } + [
            .createPartyRegistration(
                CreatePartyRegistration(
                    requestID: "1", registrationID: "reg", venID: "VEN_1", profile: .twoPointZeroA, isReportOnly: true,
                    usesXMLSignature: true, venName: "Bäckerei"))
        ]

    static let events: [Payload] =
        [
            .requestEvent(RequestEvent(requestID: "1", venID: "VEN_1")),
            .requestEvent(RequestEvent(requestID: "1", venID: "VEN_1", replyLimit: 3)),
            .distributeEvent(DistributeEvent(requestID: "d", vtnID: "VTN_1")),
            .distributeEvent(
                DistributeEvent(response: ok, requestID: "d", vtnID: "VTN_1", events: [fullEvent, event(simple)])),
            .distributeEvent(
                DistributeEvent(
                    requestID: "d", vtnID: "VTN_1",
                    events: SignalName.standard.map {
                        event(EventSignal(signalID: "s", name: $0, type: .level, intervals: simple.intervals))
                    })),
            .distributeEvent(
                DistributeEvent(
                    requestID: "d", vtnID: "VTN_1",
                    events: SignalType.allCases.map {
                        event(EventSignal(signalID: "s", name: .loadControl, type: $0, intervals: simple.intervals))
                    })),
            .distributeEvent(
                DistributeEvent(
                    requestID: "d", vtnID: "VTN_1",
                    events: units.map {
                        event(
                            EventSignal(
                                signalID: "s", name: .chargeState, type: .delta, itemBase: $0,
                                intervals: simple.intervals,
                                currentValue: 1e12))
                    })),
            .distributeEvent(
                DistributeEvent(
                    requestID: "d", vtnID: "VTN_1",
                    events: EventStatus.allCases.map {
                        Event(
                            descriptor: descriptor($0), activePeriod: ActivePeriod(start: start, duration: .zero),
                            signals: [simple])
                    })),
            .createdEvent(CreatedEvent(response: EiResponse(code: .complianceError), venID: "VEN_1")),
            .createdEvent(
                CreatedEvent(
                    eventResponses: [
                        EventResponse(
                            code: .signalNotSupported, description: "no", requestID: "d",
                            event: QualifiedEventID(eventID: "e", modificationNumber: 2), optType: .optOut),
                        EventResponse(requestID: "d", event: QualifiedEventID(eventID: "f"), optType: .optIn),
                    ], venID: "VEN_1")),
        ]

    static let reports: [Payload] = [
        .registerReport(RegisterReport(requestID: "1")),
        .registerReport(
            RegisterReport(
                requestID: "1",
                reports: ReportName.standard.map {
                    MetadataReport(
                        specifierID: "spec", name: $0, duration: .hours(1), descriptions: descriptions,
                        createdDateTime: start)
                }, venID: "VEN_1", reportRequestID: "rr-0")),
        .registeredReport(RegisteredReport(response: ok)),
        .registeredReport(RegisteredReport(response: ok, requests: [request], venID: "VEN_1")),
        .createReport(CreateReport(requestID: "1", requests: [request, request], venID: "VEN_1")),
        .createdReport(CreatedReport(response: ok, pending: ["rr-1", "0"], venID: "VEN_1")),
        .createdReport(CreatedReport(response: ok)),
        .updateReport(UpdateReport(requestID: "1", reports: [data, data], venID: "VEN_1")),
        .updateReport(UpdateReport(requestID: "1", reports: [])),
        .updatedReport(UpdatedReport(response: ok, venID: "VEN_1")),
        .updatedReport(
            UpdatedReport(
                response: ok, cancel: CancelReport(requestID: "2", reportRequestIDs: ["rr-1"], reportToFollow: true))),
        .cancelReport(CancelReport(requestID: "2", reportRequestIDs: ["rr-1", "rr-2"], venID: "VEN_1")),
        .canceledReport(CanceledReport(response: ok, pending: ["rr-2"], venID: "VEN_1")),
    ]

    static let opts: [Payload] =
        OptReason.standard.map { reason in
            .createOpt(
                CreateOpt(
                    optID: "o", optType: .optOut, reason: reason, venID: "VEN_1", createdDateTime: start,
                    requestID: "1",
                    scope: .schedule(
                        [TimeWindow(start: start, duration: .hours(4)), TimeWindow(start: start, duration: .zero)],
                        marketContext: "http://example.org/peak"),
                    target: Target(resourceIDs: ["r1"], venIDs: ["VEN_1"])))
        } + [
            .createOpt(
                CreateOpt(
                    optID: "o", optType: .optIn, reason: .economic, venID: "VEN_1", createdDateTime: start,
                    requestID: "1",
                    scope: .schedule([]))),
            .createOpt(
                CreateOpt(
                    optID: "o", optType: .optIn, reason: .economic, venID: "VEN_1", createdDateTime: start,
                    requestID: "1",
                    scope: .event(QualifiedEventID(eventID: "e")), deviceClasses: [.evse, .storage])),
            .createdOpt(CreatedOpt(response: ok, optID: "o")),
            .cancelOpt(CancelOpt(requestID: "1", optID: "o", venID: "VEN_1")),
            .canceledOpt(CanceledOpt(response: ok, optID: "o")),
            .canceledOpt(CanceledOpt(response: EiResponse(code: .invalidID))),
        ]

    static let polls: [Payload] = [
        .poll(Poll(venID: "VEN_1")), .response(Response(response: ok)),
        .response(Response(response: ok, venID: "VEN_1")),
    ]

    static let all = registration + events + reports + opts + polls
}
