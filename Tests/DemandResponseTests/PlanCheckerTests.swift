import DemandResponse
import Measures
import Testing

@Suite struct PlanCheckerTests {
    static let name = ResourceName("a")

    static func resource(
        optIn: Double = 1, resourceClass: ResourceClass = .nonCritical, limits: DispatchResource.Limits = .init()
    ) throws -> DispatchResource {
        try .site("a", kilowatts: 10, optIn: optIn, resourceClass: resourceClass, limits: limits)
    }

    static func plan(
        run: Range<Int> = 0..<4, level: Double = 1, times: Int = 1, cents: Int64 = 200, kilowatts: Double = 10,
        target: Double = 10, optIn: Double = 1
    ) throws -> DispatchPlan {
        let request = try DispatchRequest.reduction(kilowatts: target)
        let expected = (0..<4).map { run.contains($0) ? Watts.kilowatts(kilowatts * level * optIn) : .zero }
        let start = request.intervals[run.lowerBound].start
        let window = TimeWindow(start: start, duration: .minutes(15 * Int64(run.count)))
        let call = DispatchCall(resource: name, run: run, window: window, level: level, expected: expected)
        let totals = request.intervals.indices.map { index in
            let sum = expected[index] * Double(times)
            return DispatchTotal(
                window: request.intervals[index], target: request.target[index], expected: sum,
                standardDeviation: .zero, margin: sum - request.target[index], probability: 1)
        }
        return DispatchPlan(
            request: request, calls: [DispatchCall](repeating: call, count: times), totals: totals,
            cost: .cents(cents), bound: nil, gap: nil, status: .proven, notCalled: [])
    }

    func check(_ plan: DispatchPlan, _ resource: DispatchResource) -> [PlanViolation] {
        PlanChecker(resources: [resource]).violations(of: plan)
    }

    @Test func `a sound plan has no violation`() throws {
        #expect(try check(Self.plan(), Self.resource()) == [])
    }

    @Test func `every kind of violation is found`() throws {
        let fine = try Self.resource()
        let name = Self.name
        #expect(try check(Self.plan(times: 2), fine) == [.calledTwice(name)])
        #expect(try check(Self.plan(), Self.resource(resourceClass: .critical)) == [.critical(name)])
        #expect(try check(Self.plan(), Self.resource(limits: .init(callsLeft: 0))) == [.noCallsLeft(name)])
        #expect(
            try check(Self.plan(), Self.resource(limits: .init(maximumDuration: .minutes(30))))
                == [.duration(name, .hours(1))])
        #expect(
            try check(Self.plan(), Self.resource(limits: .init(notice: .hours(3))))
                == [.notice(name, start: eventStart, earliest: eventStart + .hours(1))])
        #expect(
            try check(Self.plan(), Self.resource(limits: .init(restingUntil: eventStart + .minutes(1))))
                == [.notice(name, start: eventStart, earliest: eventStart + .minutes(1))])
        #expect(try check(Self.plan(level: 0.5), fine) == [.level(name, 0.5)])
        #expect(try check(Self.plan(cents: 201), fine) == [.figures("cost")])
        #expect(try check(Self.plan(kilowatts: 11), fine).count == 4)
        #expect(try PlanChecker(resources: []).violations(of: Self.plan()) == [.unknownResource(name)])
    }

    @Test func `an interval that is not delivered surely enough is found`() throws {
        let windows = try DispatchRequest.reduction(kilowatts: 10).intervals
        #expect(
            try check(Self.plan(run: 0..<3, cents: 150), Self.resource()) == [.undelivered(windows[3], probability: 0)])
        let unsure = try Self.plan(cents: 170, target: 8, optIn: 0.85)
        #expect(
            try check(unsure, Self.resource(optIn: 0.85)) == windows.map { .undelivered($0, probability: 0.85) })
    }
}
