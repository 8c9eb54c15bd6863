import Measures
public import OpenADR
public import VirtualTopNode

/// What every store of the VTN promises, tried out on an empty one. Give it a fresh store each time.
public enum TopNodeStoreContract {
    /// The promises that are broken, in words; none when the store is good.
    public static func violations(of store: any TopNodeStore) async throws -> [String] {
        var found = try await keepsWhatItIsGiven(store)
        found += try await ordersAndFilters(store)
        found += try await replacesAndRemoves(store)
        found += try await undoesWhatFails(store)
        found += try await losesNoUpdate(store)
        found += try await knowsWhoIsIdle(store)
        return found
    }

    /// Registered, no push, nothing waiting: only then a poll needs no transaction.
    private static func knowsWhoIsIdle(_ store: any TopNodeStore) async throws -> [String] {
        let states: [(number: UInt8, state: RegistrationState, transport: Transport?)] = [
            (40, .registered("r"), .httpPull), (41, .registered("r"), nil), (42, .provisioned, nil),
            (43, .reregistering("r"), .httpPull), (44, .cancelling("r"), .httpPull), (45, .cancelled("r"), nil),
            (46, .registered("r"), .httpPush(address: "https://ven.example/")), (47, .registered("r"), .httpPull),
        ]
        try await store.transaction { rows in
            for (number, state, transport) in states {
                try await rows.save(
                    VENRecord(
                        venID: VENID("idle-\(number)"), name: "", certificate: .numbered(number), registration: state,
                        endpoint: transport.map { VENEndpoint(transport: $0) }))
            }
            let key = OutboxRow.Key(venID: "idle-47", kind: .registerReport, subject: "")
            try await rows.save(OutboxRow(key: key, enqueuedAt: start))
        }
        let filled = try await store.hasOutbox("idle-47")
        let empty = try await store.hasOutbox("idle-46")
        // All at once, some twice, and more than are asked for in one go.
        let numbers = (0..<200).map { UInt8($0 % 100) }
        let found = try await withThrowingTaskGroup(of: (UInt8, VENID?).self) { group in
            for number in numbers { group.addTask { (number, try await store.idlePoller(.numbered(number))) } }
            return try await group.reduce(into: [:]) { $0[$1.0, default: Set()].insert($1.1) }
        }
        var violations = filled && !empty ? [] : ["an outbox is filled, or not: \(filled), \(empty)"]
        for number in Set(numbers) where number >= 40 {
            let expected: VENID? = number == 40 || number == 41 ? VENID("idle-\(number)") : nil
            if found[number] != [expected] {
                violations.append("VEN \(number) is idle, or not: \(found[number] ?? [])")
            }
        }
        return violations
    }

    static let start = Instant(year: 2026, month: 7, day: 1)

    private static func keepsWhatItIsGiven(_ store: any TopNodeStore) async throws -> [String] {
        let ven = VENRecord(
            venID: "Ven-a", name: "Naïve ☀", certificate: .numbered(1), registration: .reregistering("reg"),
            endpoint: VENEndpoint(transport: .httpPush(address: "https://ven.example/"), venName: "x"),
            pollFrequency: .seconds(7), resources: ["hvac", "line"])
        let event = event("e", minutes: 60)
        let part = EventParticipation(
            eventID: "e", venID: "Ven-a", signals: [signal(1, 2)], resources: ["hvac"], withdrawnModification: 3,
            delivery: EventDelivery(sentModification: 2, sendCount: 4, acknowledgedModification: 1),
            opt: OptState(
                type: .optOut, source: .createOpt, decidedAt: start, errorCode: .targetMismatch,
                resources: ["hvac": .optIn]))
        try await store.transaction { rows in
            try await rows.save(ven)
            try await rows.save(event)
            try await rows.save(part)
        }
        return try await store.transaction { rows in
            var found: [String] = []
            if try await rows.ven("Ven-a") != ven { found.append("a VEN is not read as written") }
            if try await rows.ven(certificate: .numbered(1)) != ven {
                found.append("a VEN is not found by certificate")
            }
            if try await rows.ven("ven-a") != nil { found.append("venIDs are not case-sensitive (rule 512)") }
            if try await rows.event("e") != event { found.append("an event is not read as written") }
            if try await rows.participation(of: "Ven-a", in: "e") != part {
                found.append("a participation is not read as written")
            }
            return found
        }
    }

    private static func ordersAndFilters(_ store: any TopNodeStore) async throws -> [String] {
        try await store.transaction { rows in
            try await rows.save(VENRecord(venID: "b", name: "B", certificate: .numbered(2)))
            for (id, minutes) in [("short", 10), ("long", 90), ("open", nil)] as [(EventID, Int64?)] {
                try await rows.save(event(id, minutes: minutes))
                try await rows.save(EventParticipation(eventID: id, venID: "b", signals: [signal(1)]))
            }
            for (kind, subject, second) in [
                (OutboxRow.Kind.createReport, "r", 0), (.distributeEvent, "y", 5), (.distributeEvent, "x", 5),
                (.distributeEvent, "z", 1), (.cancelPartyRegistration, "c", 9),
            ] as [(OutboxRow.Kind, String, Int64)] {
                let key = OutboxRow.Key(venID: "b", kind: kind, subject: subject)
                try await rows.save(OutboxRow(key: key, enqueuedAt: start + .seconds(second)))
            }
        }
        return try await store.transaction { rows in
            var found: [String] = []
            let live = try await rows.participations(of: "b", endingAfter: start + .minutes(10))
            if Set(live.map(\.event.eventID)) != ["long", "open"] { found.append("endingAfter does not filter") }
            let outbox = try await rows.outbox(of: "b").map(\.key.subject)
            if outbox != ["c", "z", "x", "y", "r"] { found.append("the outbox is in another order: \(outbox)") }
            if try await !rows.outbox(of: "Ven-a").isEmpty { found.append("the outbox shows another VEN's rows") }
            if try await rows.participations(in: "long").map(\.venID) != ["b"] {
                found.append("the participations of an event are wrong")
            }
            return found
        }
    }

    private static func replacesAndRemoves(_ store: any TopNodeStore) async throws -> [String] {
        let key = OutboxRow.Key(venID: "b", kind: .distributeEvent, subject: "x")
        let offer = ReportOffer(
            venID: "b", specifierID: "s", name: .telemetryUsage, capacity: .hours(1),
            dataPoints: [
                OfferedDataPoint(
                    rID: "1", reportType: .usage, readingType: .directRead, unit: .wattHours(scale: 1_000),
                    resource: "hvac", minPeriod: .minutes(1), maxPeriod: .hours(1), onChange: true)
            ])
        let request = ReportRequestRecord(
            venID: "b", requestID: "q", specifierID: "s", dataPoints: ["1"], granularity: .minutes(1),
            backDuration: .minutes(5), start: start, state: .accepted, createdAt: start)
        let answer = StoredAnswer(
            key: StoredAnswer.Key(certificate: .numbered(2), message: "oadrCreateOpt", requestID: "r"),
            contentDigest: .max, code: .success, explanation: nil, references: ["a", "b"], answeredAt: start)
        try await store.transaction { rows in
            try await rows.save(
                OutboxRow(key: key, modification: 3, enqueuedAt: start, sendCount: 2, lastSentAt: start))
            try await rows.replaceOffers(of: "b", with: [offer])
            try await rows.save(request)
            try await rows.save(answer)
        }
        return try await store.transaction { rows in
            var found: [String] = []
            let row = try await rows.outbox(of: "b").first { $0.key == key }
            if row != OutboxRow(key: key, modification: 3, enqueuedAt: start, sendCount: 2, lastSentAt: start) {
                found.append("an outbox row is not replaced")
            }
            if try await rows.offers(of: "b") != [offer] { found.append("an offer is not read as written") }
            if try await rows.reportRequests(of: "b") != [request] { found.append("a request is not read as written") }
            if try await rows.answer(answer.key) != answer { found.append("an answer is not read as written") }
            try await rows.replaceOffers(of: "b", with: [])
            try await rows.removeOutbox(of: "b")
            try await rows.removeAnswers(of: .numbered(2))
            if try await !rows.offers(of: "b").isEmpty { found.append("offers are not removed") }
            if try await !rows.outbox(of: "b").isEmpty { found.append("the outbox is not removed") }
            if try await rows.answer(answer.key) != nil { found.append("answers are not removed") }
            return found
        }
    }

    private struct Regret: Error {}

    private static func undoesWhatFails(_ store: any TopNodeStore) async throws -> [String] {
        do {
            try await store.transaction { rows in
                try await rows.save(VENRecord(venID: "gone", name: "", certificate: .numbered(9)))
                throw Regret()
            }
            return ["a transaction swallows the error of its body"]
        } catch is Regret {
            let left = try await store.transaction { rows in try await rows.ven("gone") }
            return left == nil ? [] : ["a failed transaction leaves its writes"]
        }
    }

    /// Fifty transactions that each add one to a number.
    private static func losesNoUpdate(_ store: any TopNodeStore) async throws -> [String] {
        let before = try await store.transaction { rows in try await rows.ven("b")?.pollFrequency ?? .zero }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await store.transaction { rows in
                        guard var ven = try await rows.ven("b") else { return }
                        ven.pollFrequency = ven.pollFrequency + .seconds(1)
                        try await rows.save(ven)
                    }
                }
            }
            try await group.waitForAll()
        }
        let after = try await store.transaction { rows in try await rows.ven("b")?.pollFrequency ?? .zero }
        return after - before == .seconds(50) ? [] : ["of 50 updates at once \((after - before).seconds) count"]
    }

    private static func event(_ id: EventID, minutes: Int64?) -> EventRecord {
        guard
            let terms = EventTerms(
                marketContext: "http://programme.example/ü", start: start,
                steps: [minutes.map { TimeSpan.minutes($0) } ?? .zero], startAfter: .zero,
                notification: .minutes(5), rampUp: .minutes(-3), recovery: .minutes(2), priority: 4,
                responseRequired: .never, isTest: true, comment: "a <comment> & more")
        else { preconditionFailure("the terms of the contract are sane") }
        return EventRecord(
            eventID: id, modificationNumber: 6, terms: terms, cancelledAt: nil, createdAt: start, changedAt: start)
    }

    private static func signal(_ values: Double...) -> ProgrammedSignal {
        guard let signal = ProgrammedSignal(.loadDispatchDelta, values: values.map { $0 / 3 }) else {
            preconditionFailure("the values of the contract are finite")
        }
        return signal
    }
}

extension TopNodeStore {
    /// Whether there is anything in the VEN's outbox.
    public func hasOutbox(_ ven: VENID) async throws -> Bool {
        try await withCheckedThrowingContinuation { waiter in hasOutbox(ven) { waiter.resume(with: $0) } }
    }
}
