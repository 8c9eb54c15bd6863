import Measures

/// What makes up a site's load: drawn once per site.
struct LoadProfile: Sendable {
    /// What runs day and night.
    let base: Watts
    /// What people switch on when they are there.
    let occupied: Watts
    /// For each kelvin above `coolingFrom`, and below `heatingUntil`.
    let coolingPerKelvin: Watts
    let heatingPerKelvin: Watts
    let coolingFrom: Double
    let heatingUntil: Double
    /// The part of heating and cooling that goes on when nobody is there.
    let setback: Double
    /// Machines: their power when they run, and how long a cycle takes.
    let process: Watts
    let processCycle: TimeSpan
    /// The peak power of the roof's panels.
    let solar: Watts
    let weekday: Opening
    let saturday: Opening?
    let sunday: Opening?
    let closesOnHolidays: Bool
    /// The standard deviation of the noise, relative to the load.
    let noise: Double

    /// From when to when people are there, in hours of the day.
    struct Opening: Sendable {
        let from: Double
        let until: Double
        /// The share of the people of a full day.
        let share: Double

        func moved(by hours: Double) -> Opening { Opening(from: from + hours, until: until + hours, share: share) }
    }

    init(kind: SiteKind, random: inout SeededGenerator) {
        let shape = Shape(kind)
        let peak = random.between(shape.kilowatts.lowerBound, shape.kilowatts.upperBound)
        func part(_ share: Double) -> Watts { .kilowatts(peak * share * random.between(0.85, 1.15)) }
        base = part(shape.base)
        occupied = part(shape.occupied)
        coolingPerKelvin = part(shape.cooling / 14)
        heatingPerKelvin = part(shape.heating / 20)
        coolingFrom = random.between(16, 20)
        heatingUntil = random.between(11, 15)
        setback = shape.setback
        process = part(shape.process)
        processCycle = .minutes(15 * Int64(random.whole(3...16)))
        solar = random.fraction() < shape.solarChance ? .kilowatts(peak * random.between(0.4, 0.8)) : .zero
        let early = 0.25 * Double(random.whole(-4...4))
        weekday = shape.weekday.moved(by: early)
        saturday = shape.saturday?.moved(by: early)
        sunday = shape.sunday?.moved(by: early)
        closesOnHolidays = shape.closesOnHolidays
        noise = random.between(shape.noise.lowerBound, shape.noise.upperBound)
    }

    /// The opening of a day of the week or a holiday, nil when nobody comes.
    func opening(_ day: CivilDay, isHoliday: Bool) -> Opening? {
        if isHoliday, closesOnHolidays { return sunday }
        switch day.weekday {
        case 6: return saturday
        case 7: return sunday
        default: return isHoliday ? sunday ?? weekday : weekday
        }
    }
}

/// The typical proportions of a kind: shares of the site's peak, chosen by hand for plausible day shapes.
private struct Shape {
    var kilowatts: ClosedRange<Double>
    var base: Double
    var occupied: Double
    var cooling: Double
    var heating: Double
    var setback = 0.3
    var process = 0.0
    var solarChance = 0.0
    var weekday: LoadProfile.Opening
    var saturday: LoadProfile.Opening?
    var sunday: LoadProfile.Opening?
    var closesOnHolidays = true
    var noise = 0.015...0.03

    init(_ kind: SiteKind) {
        typealias Opening = LoadProfile.Opening
        switch kind {
        case .office:
            self.init(
                kilowatts: 80...500, base: 0.18, occupied: 0.42, cooling: 0.34, heating: 0.12, solarChance: 0.15,
                weekday: Opening(from: 7.5, until: 18.5, share: 1), saturday: Opening(from: 9, until: 14, share: 0.15))
        case .school:
            self.init(
                kilowatts: 60...350, base: 0.15, occupied: 0.45, cooling: 0.30, heating: 0.15, solarChance: 0.3,
                weekday: Opening(from: 7, until: 16.5, share: 1))
        case .supermarket:
            self.init(
                kilowatts: 100...300, base: 0.40, occupied: 0.28, cooling: 0.26, heating: 0.06, setback: 0.6,
                weekday: Opening(from: 6.5, until: 22, share: 1), saturday: Opening(from: 6.5, until: 22, share: 1.08),
                sunday: Opening(from: 8, until: 20, share: 0.9), closesOnHolidays: false)
        case .coldStore:
            self.init(
                kilowatts: 150...700, base: 0.38, occupied: 0.14, cooling: 0.36, heating: 0, setback: 1, process: 0.12,
                weekday: Opening(from: 5, until: 19, share: 1), saturday: Opening(from: 6, until: 14, share: 0.7))
        case .lightIndustry:
            self.init(
                kilowatts: 100...800, base: 0.14, occupied: 0.30, cooling: 0.12, heating: 0.06, process: 0.42,
                weekday: Opening(from: 6, until: 17, share: 1), saturday: Opening(from: 6.5, until: 12, share: 0.45),
                noise: 0.025...0.05)
        case .home:
            self.init(
                kilowatts: 4...11, base: 0.10, occupied: 0.30, cooling: 0.35, heating: 0.18, setback: 0.6,
                process: 0.12,
                solarChance: 0.6, weekday: Opening(from: 16.5, until: 22.5, share: 1),
                saturday: Opening(from: 9, until: 23, share: 0.85), sunday: Opening(from: 9, until: 22.5, share: 0.9),
                closesOnHolidays: true, noise: 0.06...0.12)
        }
    }

    private init(
        kilowatts: ClosedRange<Double>, base: Double, occupied: Double, cooling: Double, heating: Double,
        setback: Double = 0.3, process: Double = 0, solarChance: Double = 0, weekday: LoadProfile.Opening,
        saturday: LoadProfile.Opening? = nil, sunday: LoadProfile.Opening? = nil, closesOnHolidays: Bool = true,
        noise: ClosedRange<Double> = 0.015...0.03
    ) {
        self.kilowatts = kilowatts
        self.base = base
        self.occupied = occupied
        self.cooling = cooling
        self.heating = heating
        self.setback = setback
        self.process = process
        self.solarChance = solarChance
        self.weekday = weekday
        self.saturday = saturday
        self.sunday = sunday
        self.closesOnHolidays = closesOnHolidays
        self.noise = noise
    }
}
