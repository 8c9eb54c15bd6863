import Measures
import OpenADR
import Testing
import VirtualEndNode

@Suite struct TimelineDrawingTests {
    private static let start = Solo.start

    private static func layer(
        _ id: EventID, priority: UInt32, _ from: Int64, _ to: Int64?, _ dispatch: Dispatch,
        _ resources: [ResourceID] = []
    ) -> Timeline.Layer {
        Timeline.Layer(
            eventID: id, priority: priority, resources: resources,
            slots: [
                Timeline.Slot(
                    start: start + .minutes(from), end: to.map { start + .minutes($0) }, dispatch: dispatch, eventID: id
                )
            ])
    }

    @Test func `events that lie over each other are drawn as they are executed`() {
        let timeline = Timeline(layers: [
            Self.layer("base", priority: 2, 0, 60, .level(2)),
            Self.layer("peak", priority: 1, 20, 40, .delta(Watts(-5_000)), ["hvac"]),
        ])
        let lines = timeline.drawn(now: Self.start + .minutes(10), resources: ["hvac", "line"], columns: 12)
        #expect(
            lines
                == [
                    "                          2026-07-01 12:00 to 2026-07-01 13:00 UTC, | is now",
                    "peak, priority 1 (hvac)  ..|..aaaa....",
                    "base, priority 2         22|2222222222",
                    "hvac does                22|22aaaa2222",
                    "line does                22|2222222222",
                    "a change by -5.0 kW   2 level 2",
                ].map { line in line.hasPrefix(" ") ? String(line.dropFirst()) : line })
    }

    @Test func `an open end is drawn to an hour from now, and nothing is said in words`() {
        let open = Timeline(layers: [Self.layer("x", priority: 0, 0, nil, .setpoint(Watts(1_500)))])
        #expect(open.drawn(now: Self.start + .minutes(60), columns: 10)[1] == "x     aaaaa|aaaaa")
        #expect(open.drawn(now: Self.start + .minutes(60), columns: 10).last == "a keep 1.5 kW")
        #expect(Timeline().drawn(now: Self.start) == ["nothing to do"])
        let past = Timeline(layers: [Self.layer("x", priority: 0, 0, 10, .level(1))])
        #expect(past.drawn(now: Self.start + .minutes(60)) == ["nothing to do"])
    }
}
