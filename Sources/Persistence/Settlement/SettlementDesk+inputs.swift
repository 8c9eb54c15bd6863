import DemandResponse
import MariaDB
import Measures

/// What all sites of an event are counted with, read once.
struct SharedInputs: Sendable {
    let prices: ProgramSeries?
    let temperatures: ProgramSeries?
    let controls: [SettlementInputs]
}

extension SettlementDesk {
    /// How many days of readings are looked at: the longest of the rules' spans and of the placebo days before them.
    private static let lookBack = TimeSpan.days(125)

    /// What an event's sites have in common.
    func shared(_ opened: Case) async throws -> SharedInputs {
        let span = Self.span(opened.window)
        let series = ProgramSeriesStore(pool)
        let program = opened.terms.program
        var prices: ProgramSeries?
        if case .market = opened.terms.payment {
            prices = try await series.prices(of: program, in: opened.window)
        }
        let needs = opened.terms.baselineRules.needs
        let temperatures = needs.temperature ? try await series.temperatures(of: program, in: span) : nil
        return SharedInputs(
            prices: prices, temperatures: temperatures,
            controls: needs.controlGroup ? try await controls(opened) : [])
    }

    private static func span(_ window: TimeWindow) -> TimeWindow {
        let first = (window.start - lookBack).floored(to: .days(1))
        return TimeWindow(start: first, duration: window.end + .hours(6) - first)
    }

    /// The readings of the programme's control meters that were not called.
    private func controls(_ opened: Case) async throws -> [SettlementInputs] {
        let rows = try await pool.query(
            "SELECT meter_id FROM program_meters WHERE program_id = ? AND is_control ORDER BY meter_id",
            [.integer(opened.terms.program.rawValue)])
        let called = Set(opened.parts.map(\.meter.id) + opened.overlapping)
        var controls: [SettlementInputs] = []
        for row in rows {
            let id = try row.meter()
            guard !called.contains(id), let meter = try await MeterStore(pool).meter(id) else { continue }
            let part = Case.Part(meter: meter, asked: nil, participation: .optedIn)
            controls.append(
                try await inputs(part, opened, SharedInputs(prices: nil, temperatures: nil, controls: [])))
        }
        return controls
    }

    /// Everything that one site is counted from.
    func inputs(_ part: Case.Part, _ opened: Case, _ shared: SharedInputs) async throws -> SettlementInputs {
        let meter = part.meter
        let window = opened.window
        let zone = try environment.zone(meter.description.zone)
        let step = meter.description.step
        let span = Self.span(window)
        // The cleaned series: what was mended counts as estimated, what is suspect does not count.
        let readings = try await CleaningStore(pool).readings(of: meter.id, in: span)
        // Not before there is something: a new meter's inputs are short.
        let start = readings.first.map(\.window.start) ?? window.start
        let count = Int((span.end - start).seconds / step.seconds)
        var qualities: [Int: ReadingQuality] = [:]
        var energies: [Double?] = Array(repeating: nil, count: count)
        for reading in readings where reading.window.duration == step {
            let offset = (reading.window.start - start).seconds
            let place = Int(offset / step.seconds)
            guard offset % step.seconds == 0, energies.indices.contains(place) else { continue }
            let isSuspect = reading.edit == nil && reading.quality == .suspect
            // No baseline learns from a reading that is not believed; beside the event it is shown with its quality.
            if isSuspect, reading.window.start < window.start - .hours(6) { continue }
            energies[place] = reading.energy?.value
            if isSuspect {
                qualities[place] = .suspect
            } else if reading.edit != nil || reading.quality != .good {
                qualities[place] = .estimated
            }
        }
        let starts = (0..<count).map { start + step * Int64($0) }
        return SettlementInputs(
            event: opened.event, window: window, meter: meter.id, participation: part.participation,
            pledge: try await pledge(meter.id, opened.terms.program) ?? part.asked,
            zone: zone.cut(from: start, until: span.end),
            eventDays: try await eventDays(meter.id, opened.event, before: window.start, zone),
            outageDays: try await outageDays(meter.id, before: window.start, zone), step: step, first: start,
            energies: energies, qualities: qualities,
            temperatures: shared.temperatures.map { series in starts.map { series.value(from: $0, step) } } ?? [],
            controlGroup: Self.mean(of: shared.controls, starts, step),
            prices: shared.prices?.prices(window.intervals(every: step), opened.terms.currency) ?? [],
            past: try await past(meter.id, opened.terms, before: window.start))
    }

    /// The mean of those control meters that have a reading, interval by interval; empty without control meters.
    private static func mean(of controls: [SettlementInputs], _ starts: [Instant], _ step: TimeSpan) -> [Double?] {
        let controls = controls.filter { $0.step == step }
        guard !controls.isEmpty else { return [] }
        return starts.map { start in
            let values = controls.compactMap { control -> Double? in
                let place = Int((start - control.first).seconds / step.seconds)
                return start >= control.first && control.energies.indices.contains(place)
                    ? control.energies[place] : nil
            }
            // One that drops out would move the mean: all or none.
            return values.count == controls.count ? values.reduce(0, +) / Double(values.count) : nil
        }
    }

    private func pledge(_ meter: MeterID, _ program: ProgramID) async throws -> Watts? {
        try await pool.query(
            "SELECT pledge FROM program_meters WHERE program_id = ? AND meter_id = ?",
            [.integer(program.rawValue), .meter(meter)]
        ).first.flatMap { try $0.optionalDouble("pledge") }.map { Watts($0) }
    }

    /// Days on which the meter's VEN had another event that was not cancelled; one it left in time is a normal day.
    private func eventDays(
        _ meter: MeterID, _ event: ProgramEventID, before start: Instant, _ zone: ZoneRules
    ) async throws -> [CivilDay] {
        let rows = try await pool.query(
            """
            SELECT DISTINCT e.start_time, e.steps FROM report_meters m
                JOIN event_participations p ON p.ven_id = m.ven_id JOIN events e ON e.event_id = p.event_id
            WHERE m.meter_id = ? AND e.event_id <> ? AND e.cancelled_at IS NULL AND NOT e.is_test AND e.start_time < ?
                AND e.start_time >= ? AND p.withdrawn_modification IS NULL
                AND NOT (COALESCE(p.opt_type, 'optIn') = 'optOut' AND p.opt_decided_at < e.start_time)
            """,
            [
                .meter(meter), .text(event.rawValue), .instant(start),
                .instant(start - Self.lookBack - .days(2)),
            ])
        return try days(
            rows.map { row in
                let seconds = try row.json("steps", as: [Int64].self).reduce(0, +)
                return TimeWindow(start: try row.instant("start_time"), duration: .seconds(max(1, seconds)))
            }, zone)
    }

    private func outageDays(_ meter: MeterID, before start: Instant, _ zone: ZoneRules) async throws -> [CivilDay] {
        let rows = try await pool.query(
            "SELECT start_time, end_time FROM meter_outages WHERE meter_id = ? AND start_time < ? AND end_time > ?",
            [.meter(meter), .instant(start), .instant(start - Self.lookBack - .days(2))])
        return try days(rows.map { try $0.window() }, zone)
    }

    /// The local days that the windows touch, in order.
    private func days(_ windows: [TimeWindow], _ zone: ZoneRules) throws -> [CivilDay] {
        var days: Set<CivilDay> = []
        for window in windows {
            let last = zone.local(window.end - .seconds(1)).day
            var day = zone.local(window.start).day
            while day <= last, days.count < 1_000 {
                days.insert(day)
                day = day + 1
            }
        }
        return days.sorted()
    }

    /// The latest settled events of the programme, the latest last.
    private func past(_ meter: MeterID, _ terms: ProgramTerms, before start: Instant) async throws -> [PastPerformance]
    {
        guard !terms.options.tiers.isEmpty else { return [] }
        let rows = try await pool.query(
            """
            SELECT s.event, s.performance FROM settlements s JOIN events e ON e.event_id = s.event
            WHERE s.meter_id = ? AND s.program_id = ? AND s.state = 'settled' AND s.performance IS NOT NULL
                AND e.start_time < ? AND s.revision = (
                    SELECT MAX(l.revision) FROM settlements l WHERE l.event = s.event AND l.meter_id = s.meter_id)
            ORDER BY e.start_time DESC, s.event LIMIT ?
            """,
            [.meter(meter), .integer(terms.program.rawValue), .instant(start), .count(terms.options.tierEvents)])
        return try rows.reversed().map {
            PastPerformance(
                event: ProgramEventID(try $0.text("event")), performance: try $0.double("performance"))
        }
    }
}

extension ZoneRules {
    /// The same clock with the changes of a span only: short to store, and no longer one that a newer time zone database
    /// could change.
    fileprivate func cut(from start: Instant, until end: Instant) -> ZoneRules {
        let margin = TimeSpan.days(2)
        return ZoneRules(
            identifier: identifier, initialOffset: offset(at: start - margin),
            transitions: transitions.filter { $0.at > start - margin && $0.at < end + margin })
    }
}

extension [BaselineRule] {
    /// Which inputs beside the meter's own readings any of the rules looks at.
    fileprivate var needs: (temperature: Bool, controlGroup: Bool) {
        reduce((false, false)) { needs, rule in
            switch rule.selection {
            case .averageDay, .highOfLatest, .likeDays, .middleOfLatest: needs
            case .controlGroup: (needs.0, true)
            case .likeDayARIMA, .timeOfWeekAndTemperature, .weatherMatching: (true, needs.1)
            case .placeboChoice(let choice):
                (needs.0 || choice.candidates.needs.temperature, needs.1 || choice.candidates.needs.controlGroup)
            }
        }
    }
}
