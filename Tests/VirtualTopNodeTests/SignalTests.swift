import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

/// What an event can say.
@Suite struct SignalTests {
    private static let start = Counter.start

    /// Table 1 of the profile: each row with a value that it takes, and one that it does not.
    static let table: [(name: SignalName, types: [SignalType], units: [String], good: Double, bad: Double)] = [
        (.simple, [.level], [""], 3, 4),
        (.electricityPrice, [.price, .priceRelative], ["EUR/kWh", "USD/kWh"], -0.1, .nan),
        (.electricityPrice, [.priceMultiplier], [""], 1.5, .infinity),
        (.energyPrice, [.price, .priceRelative], ["CHF/kWh"], 0.3, .nan),
        (.energyPrice, [.priceMultiplier], [""], 2, .nan),
        (.demandCharge, [.price, .priceRelative], ["EUR/kW"], 12, .nan),
        (.demandCharge, [.priceMultiplier], [""], 2, .nan),
        (.bidPrice, [.price], ["EUR"], 100, .nan),
        (.bidLoad, [.setpoint], ["W", "VA", "VAr"], 1_000, .nan),
        (.bidEnergy, [.setpoint], ["Wh", "VAh", "VArh"], 1_000, .nan),
        (.chargeState, [.setpoint, .delta], ["Wh", "VAh", "VArh"], -500, .nan),
        (.chargeState, [.multiplier], [""], 1, 1.01),
        (.loadDispatch, [.setpoint, .delta], ["W", "VA", "VAr"], -500, .nan),
        (.loadDispatch, [.multiplier], [""], 0.5, .nan),
        (.loadDispatch, [.level], ["W", "VA", "VAr"], -10, 10.5),
        (.loadControl, [.loadControlCapacity], [""], 0.25, -0.1),
        (.loadControl, [.loadControlLevelOffset], [""], -3, 0.5),
        (.loadControl, [.loadControlPercentOffset], [""], -12.5, .nan),
        (.loadControl, [.loadControlSetpoint], [""], 21.5, .nan),
    ]

    @Test func `rules 9, 104 and 116: exactly the combinations of table 1, each in its range`() throws {
        var allowed: Set<String> = []
        for row in Self.table {
            for type in row.types {
                for word in row.units {
                    let path = [row.name.rawValue, type.rawValue, word].filter { !$0.isEmpty }.joined(separator: "/")
                    let kind = try #require(SignalKind(word: path), "\(path)")
                    #expect(kind.path == path)
                    #expect(SignalKind(word: kind.word) == kind)
                    #expect(ProgrammedSignal(kind, values: [row.good]) != nil, "\(path) \(row.good)")
                    #expect(ProgrammedSignal(kind, values: [row.good, row.bad]) == nil, "\(path) \(row.bad)")
                    allowed.insert(path)
                }
            }
        }
        let units = ["", "W", "VAr", "Wh", "VAh", "EUR", "EUR/kWh", "USD/kWh", "CHF/kWh", "EUR/kW", "EUR/thm", "V"]
        for name in SignalName.standard {
            for type in SignalType.allCases {
                for word in units {
                    let path = [name.rawValue, type.rawValue, word].filter { !$0.isEmpty }.joined(separator: "/")
                    let isAllowed =
                        allowed.contains(path) || allowed.contains(path.replacing("EUR/kWh", with: "CHF/kWh"))
                        || allowed.contains(path.replacing("CHF/kWh", with: "EUR/kWh"))
                        || allowed.contains(path.replacing("USD/kWh", with: "CHF/kWh"))
                    #expect((SignalKind(word: path) != nil) == isAllowed, "\(path)")
                }
            }
        }
    }

    @Test func `names of one's own are free, and every unit reads back`() throws {
        for path in ["x-heat/setpoint/celsius", "x-plan/delta/V", "x-gas/price/EUR/thm", "x-y/level/share: percent"] {
            let kind = try #require(SignalKind(word: path), "\(path)")
            #expect(kind.path == path)
            #expect(kind.takes(-1.5))
        }
        for path in ["SIMPLE", "SIMPLE/level/W", "x-a/sideways", "x-a/level/furlong", "heat/level", ""] {
            #expect(SignalKind(word: path) == nil, "\(path)")
        }
    }

    @Test(arguments: SignalKind.everyRow)
    func `each kind goes out with its name, type and unit`(kind: SignalKind, unit: ItemBase?) async throws {
        let counter = try await Counter.registered(TopNodeConfiguration(grid: .northAmerica))
        let signal = try #require(ProgrammedSignal(kind, values: [1]))
        try await counter.vtn.issue(
            "e", terms: Counter.terms(), participants: [ParticipantPlan(venID: "ven-1", signals: [signal])],
            now: Self.start)
        let sent = try #require(try await counter.requestEvent().events.first?.signals.first)
        #expect(sent.name == kind.name && sent.type == kind.type && sent.itemBase == unit)
        #expect(sent.intervals.map(\.value) == [1])
    }

    @Test func `rule 22: all thirteen kinds of targets go out, and an unknown or impossible one cannot be made`()
        async throws
    {
        let counter = try await Counter.registered()
        let area = "52.5 13.4 52.6 13.4 52.6 13.5"
        let values = [
            "serviceArea": area, "serviceLocation": area, "transportInterface": "north>south", "deviceClass": "EVSE",
        ]
        let targets = try EventTarget.kinds.map { kind in
            let value = values[kind] ?? "\(kind)-1"
            let target = try #require(EventTarget(kind: kind, value: value), "\(kind)")
            #expect(target.kind == kind && EventTarget(kind: kind, value: target.value) == target)
            return target
        }
        let level = try #require(ProgrammedSignal(.simpleLevel, values: [1]))
        try await counter.vtn.issue(
            "e", terms: Counter.terms(),
            participants: [ParticipantPlan(venID: "ven-1", signals: [level], resources: ["hvac"], targets: targets)],
            now: Self.start)
        let corners = [(52.5, 13.4), (52.6, 13.4), (52.6, 13.5)].map {
            ServiceArea.Corner(latitude: $0.0, longitude: $0.1)
        }
        let sent = try #require(try await counter.requestEvent().events.first?.target)
        #expect(
            sent
                == Target(
                    aggregatedPnodes: ["aggregatedPnode-1"], endDeviceAssets: [.evse], meterAssets: ["meterAsset-1"],
                    pnodes: ["pnode-1"], serviceAreas: [ServiceArea(corners: corners)],
                    serviceDeliveryPoints: ["serviceDeliveryPoint-1"],
                    serviceLocations: [ServiceArea(corners: corners)],
                    transportInterfaces: [TransportInterface(pointOfReceipt: "north", pointOfDelivery: "south")],
                    groupIDs: ["group-1"], groupNames: ["groupName-1"], resourceIDs: ["hvac"], partyIDs: ["party-1"]))
        for (kind, value) in [
            ("venID", "ven-2"), ("group", ""), ("serviceArea", "1 2 3 4"), ("serviceArea", "91 0 1 1 2 2"),
            ("serviceArea", "a b c d e f"), ("transportInterface", "north"),
            ("party", String(repeating: "p", count: 129)),
        ] {
            #expect(EventTarget(kind: kind, value: value) == nil, "\(kind) \(value)")
        }
    }

    @Test func `rule 111: device classes narrow a signal, so that one kind may stand twice`() async throws {
        let counter = try await Counter.registered()
        let cars = try #require(ProgrammedSignal(.simpleLevel, values: [3], deviceClasses: [.evse]))
        let rest = try #require(ProgrammedSignal(.simpleLevel, values: [1]))
        try await counter.vtn.issue(
            "e", terms: Counter.terms(), participants: [ParticipantPlan(venID: "ven-1", signals: [cars, rest])],
            now: Self.start)
        let sent = try #require(try await counter.requestEvent().events.first?.signals)
        #expect(sent.map(\.target) == [Target(endDeviceAssets: [.evse]), .everything])
        await #expect(throws: OperatorError.signalsDoNotFitSteps("ven-1")) {
            try await counter.vtn.issue(
                "f", terms: Counter.terms(), participants: [ParticipantPlan(venID: "ven-1", signals: [cars, cars])],
                now: Self.start)
        }
    }

    @Test func `rules 101, 102 and 108: the forecast goes out as baseline of the resources that it adds up`()
        async throws
    {
        let counter = try await Counter.registered()
        let level = try #require(ProgrammedSignal(.simpleLevel, values: [1]))
        let steps: [TimeSpan] = [.minutes(15), .minutes(15), .minutes(30)]
        let baseline = try #require(
            ProgrammedBaseline(
                id: "b", name: "forecast", start: Self.start, steps: steps, values: [5_000, 5_200, 4_900],
                resources: ["hvac", "line"]))
        func issue(_ id: EventID, _ baseline: ProgrammedBaseline) async throws {
            try await counter.vtn.issue(
                id, terms: Counter.terms(),
                participants: [ParticipantPlan(venID: "ven-1", signals: [level], baseline: baseline)], now: Self.start)
        }
        try await issue("e", baseline)
        let sent = try #require(try await counter.requestEvent().events.first?.baseline)
        #expect(sent.intervals.map(\.uid) == [0, 1, 2])
        #expect(sent.intervals.map(\.duration) == steps && sent.duration == .hours(1))
        #expect(sent.intervals.map(\.value) == [5_000, 5_200, 4_900])
        #expect(sent.resourceIDs == ["hvac", "line"])
        #expect(sent.itemBase == .realPower())
        let foreign = try #require(
            ProgrammedBaseline(
                id: "b", name: "x", start: Self.start, steps: steps, values: [1, 2, 3], resources: ["z"]))
        await #expect(throws: OperatorError.unknownResource("z", "ven-1")) { try await issue("f", foreign) }
        #expect(ProgrammedBaseline(id: "b", name: "", start: Self.start, steps: steps, values: [1]) == nil)
        #expect(ProgrammedBaseline(id: "b", name: "", start: Self.start, steps: [.zero], values: [1]) == nil)
    }

    @Test func `a change says why, and the reason goes with the version`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        #expect(try await counter.requestEvent().events.first?.descriptor.modificationReason == nil)
        try await counter.vtn.modify(
            "e", participants: [Counter.level("ven-1", [2])], reason: "hotter than forecast", now: Self.start)
        let changed = try #require(try await counter.requestEvent().events.first?.descriptor)
        #expect(changed.modificationReason == "hotter than forecast")
        #expect(changed.modificationDateTime == Self.start)
    }
}

extension SignalKind {
    /// A kind of each unit, with the unit on the wire.
    static let everyRow: [(SignalKind, ItemBase?)] = [
        ("SIMPLE/level", nil), ("ENERGY_PRICE/price/CHF/kWh", ItemBase.currency(.perKilowattHour, code: .swiss)),
        ("DEMAND_CHARGE/price/EUR/kW", .currency(.perKilowatt, code: .eur)),
        ("BID_PRICE/price/USD", .currency(.amount, code: .usd)),
        ("BID_LOAD/setpoint/VAr", .power(.reactive, attributes: .northAmerica)),
        ("CHARGE_STATE/delta/VAh", .energy(.apparent)), ("LOAD_CONTROL/x-loadControlCapacity", nil),
        ("LOAD_DISPATCH/level/W", .realPower(attributes: .northAmerica)),
        ("x-a/setpoint/fahrenheit", .temperature(.fahrenheit)), ("x-a/setpoint/A", .current()),
        ("x-a/setpoint/Hz", .frequency()), ("x-a/setpoint/thm", .therm()), ("x-a/setpoint/V", .voltage()),
        ("x-a/setpoint/share: percent", .custom(description: "share", unit: "percent")),
    ].compactMap { word, unit in SignalKind(word: word).map { ($0, unit) } }
}

extension CurrencyCode {
    fileprivate static let swiss = CurrencyCode(rawValue: "CHF") ?? .eur
}
