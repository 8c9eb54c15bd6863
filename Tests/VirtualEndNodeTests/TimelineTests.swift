import Measures
import OpenADR
import Testing
import VirtualEndNode

@Suite struct TimelineTests {
    private static let start = Solo.start

    private static func layer(
        _ id: EventID, priority: UInt32, from: Int64, to: Int64?, _ dispatch: Dispatch, _ resources: [ResourceID] = []
    ) -> Timeline.Layer {
        Timeline.Layer(
            eventID: id, priority: priority, resources: resources,
            slots: [
                Timeline.Slot(
                    start: start + .minutes(from), end: to.map { start + .minutes($0) }, dispatch: dispatch,
                    eventID: id)
            ])
    }

    @Test func `the better priority lies on top, and what it covers shows again after it`() {
        let timeline = Timeline(layers: [
            Self.layer("b", priority: 2, from: 0, to: 60, .level(2)),
            Self.layer("a", priority: 1, from: 20, to: 40, .delta(Watts(-5_000))),
        ])
        let slots = timeline.slots(in: TimeWindow(start: Self.start, duration: .hours(2)))
        #expect(slots.map(\.eventID) == ["b", "a", "b"])
        #expect(slots.map(\.start) == [0, 20, 40].map { Self.start + .minutes($0) })
        #expect(slots.map(\.end) == [20, 40, 60].map { Self.start + .minutes($0) })
        #expect(timeline.nextChange(after: Self.start + .minutes(20)) == Self.start + .minutes(40))
        #expect(timeline.nextChange(after: Self.start + .hours(1)) == nil)
    }

    @Test func `no priority is the least, and of two equals the earlier one counts`() {
        let timeline = Timeline(layers: [
            Self.layer("none", priority: 0, from: 0, to: 60, .level(1)),
            Self.layer("late", priority: 9, from: 10, to: 60, .level(2)),
            Self.layer("early", priority: 9, from: 5, to: 60, .level(3)),
        ])
        #expect(timeline.slot(at: Self.start)?.eventID == "none")
        #expect(timeline.slot(at: Self.start + .minutes(30))?.eventID == "early")
    }

    @Test func `an event for one resource leaves the others alone`() {
        let timeline = Timeline(layers: [Self.layer("e", priority: 1, from: 0, to: nil, .level(1), ["hvac"])])
        #expect(timeline.slot(of: "hvac", at: Self.start + .days(1)) != nil)
        #expect(timeline.slot(of: "line", at: Self.start) == nil)
        #expect(timeline.slot(at: Self.start) != nil)
    }

    @Test func `a load sheds what it can, in the share of the interval that the event covers`() async throws {
        let load = SimulatedLoad(ability: .init(share: 0.4, compliance: 0.5)) { Watts(100_000) * $0.duration }
        func energy(_ dispatch: Dispatch, from: Int64 = 0, to: Int64 = 60) async throws -> Double? {
            await load.follow(Timeline(layers: [Self.layer("e", priority: 1, from: from, to: to, dispatch)]))
            let window = TimeWindow(start: Self.start, duration: .hours(1))
            return try await load.readings(of: nil, in: window, every: .hours(1)).first?.energy?.value
        }
        #expect(try await energy(.delta(Watts(-20_000))) == 90_000)
        #expect(try await energy(.delta(Watts(-20_000)), from: 30) == 95_000)
        #expect(try await energy(.delta(Watts(-200_000))) == 60_000)
        #expect(try await energy(.delta(Watts(5_000))) == 100_000)
        #expect(try await energy(.setpoint(Watts(80_000))) == 90_000)
        #expect(try await energy(.setpoint(Watts(120_000))) == 100_000)
        #expect(try await energy(.level(3)) == 80_000)
        #expect(try await energy(.level(0)) == 100_000)
    }
}
