import Foundation
import SiteScheduling

/// The reference generator's sites: a real week of a home with four batteries and solar, with tariff, flexible loads and
/// one outage put upon it. Nil without the reference data.
struct ReferenceWeek {
    enum Kind {
        /// A day in quarter-hours, in five minutes; the week in quarter-hours.
        case day15, day5, week15
    }

    static let folder = ProcessInfo.processInfo.environment["CURTAIL_SHARED"].map { $0 + "/data/optimizer" }

    static let isLong = ProcessInfo.processInfo.environment["CURTAIL_LONG"] != nil

    static func site(_ kind: Kind) throws -> Site? {
        guard let folder,
            let text = try? String(contentsOfFile: folder + "/ucsb_week_5min_kw.csv", encoding: .utf8)
        else { return nil }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: ",") }
        let home = lines[0].firstIndex(of: "home_kW") ?? 0
        let solar = lines[0].firstIndex(of: "solar_kW") ?? 0
        var rows = lines.dropFirst().map { (home: Double($0[home]) ?? 0, solar: Double($0[solar]) ?? 0) }
        let days = kind == .week15 ? 7 : 1
        let stepsPerHour = kind == .day5 ? 12 : 4
        if days == 1 { rows = Array(rows[288..<576]) }
        if kind != .day5 {
            rows = stride(from: 0, to: rows.count, by: 3).map { first in
                let three = rows[first..<(first + 3)]
                return (three.reduce(0) { $0 + $1.home } / 3, three.reduce(0) { $0 + $1.solar } / 3)
            }
        }
        return try site(rows, days: days, perHour: stepsPerHour)
    }

    private static func site(_ rows: [(home: Double, solar: Double)], days: Int, perHour: Int) throws -> Site {
        let count = rows.count
        let perDay = count / days
        let step = 1 / Double(perHour)
        let base = rows.map { max($0.home, 0) * 0.6 }
        let sun = rows.map { max($0.solar, 0) }
        func hour(_ place: Int) -> Double { Double(place % perDay) * step }
        let outageDay = days == 1 ? 0 : 3
        let outage = (0..<count).map { $0 / perDay == outageDay && hour($0) >= 20 && hour($0) < 23 }
        var deficit = zip(base, sun).map { (0.75 * $0 - $1) * step / 0.95 }
        deficit += deficit
        let reserve = (0..<count).map { place in
            var sum = 0.0
            var most = 0.0
            for later in 0..<(3 * perHour) {
                sum += deficit[place + later]
                most = max(most, sum)
            }
            return min(most + 2.7, 27)
        }
        func eachDay(_ allowed: (Int) -> Bool) -> [[Int]] {
            (0..<days).map { day in (day * perDay..<(day + 1) * perDay).filter(allowed) }
        }
        func starts(_ length: Double, _ allowed: (Double) -> Bool) -> [[Int]] {
            eachDay { place in
                let last = (hour(place) + length - step).truncatingRemainder(dividingBy: 24)
                return allowed(hour(place)) && place + Int((length / step).rounded()) <= count && allowed(last)
            }
        }
        return try Site(
            hours: step, base: base, solar: sun,
            importPrice: (0..<count).map { place in
                hour(place) >= 16 && hour(place) < 21 ? 0.48 : hour(place) >= 9 && hour(place) < 16 ? 0.30 : 0.22
            },
            exportPrice: (0..<count).map { place in
                let isSpike = (days == 1 || (place / perDay) % 3 == 1) && hour(place) >= 18 && hour(place) < 19.5
                return isSpike ? 0.72 : max(0.01, 0.06 + 0.02 * normals[place / perHour])
            },
            outage: outage, gridPower: 15, demandPrice: days > 1 ? 4 : 1,
            battery: Site.Battery(
                capacity: 27, floor: 2.7, start: 13.5, chargePower: 10, dischargePower: 10, wear: 0.01, endFloor: 13.5),
            reserve: reserve, reservePrice: 0.08,
            energyLoads: [
                Site.EnergyLoad(
                    name: "vehicle", windows: eachDay { hour($0) >= 18 || hour($0) < 7.5 }, energy: 14, leastPower: 1.4,
                    mostPower: 7.7, stepCost: 0.0005),
                Site.EnergyLoad(name: "water heater", windows: eachDay { _ in true }, energy: 9, mostPower: 4.5),
            ],
            jobs: [
                Site.Job(
                    name: "dishwasher", starts: starts(1) { $0 >= 19 || $0 < 7 }, length: perHour, power: 1.2),
                Site.Job(
                    name: "washer", starts: starts(1.5) { $0 >= 8 && $0 < 18 }, length: perHour * 3 / 2, power: 0.8),
            ],
            switchedLoads: [
                Site.SwitchedLoad(
                    name: "pump", windows: eachDay { _ in true }, steps: 6 * perHour, shortestRun: perHour, power: 1.1,
                    startCost: 0.002)
            ],
            zones: [
                Site.Zone(name: "critical", share: 0.45, lostLoadValue: 50),
                Site.Zone(name: "semi-critical", share: 0.30, lostLoadValue: 5),
                Site.Zone(name: "non-critical", share: 0.25, lostLoadValue: 1.5),
            ])
    }

    /// The generator's noise on the export price, hour by hour: numpy's default generator, seed 3.
    private static let normals: [Double] = [
        2.0409191213851825, -2.5556650313141818, 0.41809884672577885, -0.5677696061279298, -0.45264929211044586,
        -0.2155971630897659, -2.019986129147251, -0.23193237764418947, -0.8652130762749417, 3.3229995166448827,
        0.22578661322792176, -0.3526307943415954, -0.2812874181513504, -0.6680463461089501, -1.0551505512051214,
        -0.39080097723465473, 0.48194538850678587, -0.2385536065733667, 0.9577587029597641, -0.19980212906658,
        0.024259565076664623, 1.545820851212812, 0.5451055226876446, -0.505228735614018, -0.1828389745977349,
        0.5405251317548021, 1.9350880340988528, -0.2696203273419135, -0.24355867907910456, 1.0023136012756912,
        -0.8864599431605871, -0.291720232439864, 0.8825389674564839, 0.5803500161908991, 0.09151670328235219,
        0.6701043548284794, -2.8281623068437627, 1.02130681750008, -0.9596447598081417, -1.6686198426559695,
        0.27644575952099965, 0.7005448853493901, -0.4447674556827841, -1.0764058401008076, 0.026124833534033623,
        -0.05274730824287927, 1.4055981660180925, 0.7474079874793504, 0.19381564626462, 1.1116332052239921,
        -0.20552304990579248, -0.9258995736483681, 0.584058311025248, 0.5825384186556901, -0.2148289111268558,
        -0.7828085779639662, 0.22915390521326254, -2.4938942784579905, 0.690124770162812, 0.4913682607449912,
        -1.6388571438904884, 0.06135350983817159, -0.9640996635412404, 0.7572210447581504, -2.034167273443428,
        -0.9144945379945887, 0.7095799877420675, 1.156401048432157, -2.158005380126208, -0.49803984475130336,
        0.32802009254257697, -0.6092161379498706, 1.5906402313231438, -1.1912266816177808, 0.354531946286926,
        -1.0484055185445111, 1.4059629431348852, -0.021651229055558368, -0.3722505640006159, -1.7181849497326165,
        1.6818255450666806, 0.7527785926973876, 0.753563837509362, 1.1378812589177814, 0.3492265781230293,
        -0.6392466105764212, -0.8002412270301018, -0.800199979361005, 1.3700723413337117, -1.4603812011954127,
        -0.5963695117707888, -0.32124391928619556, 0.22461902534909414, 0.5753493885078089, -1.2490970090955427,
        -1.730013451272522, -0.004414232621967487, 1.2135638252860816, 0.7570580592965243, 0.21565078369996044,
        -0.3171556440173552, 0.2932336958002246, -0.24333508574217566, 0.817206580492595, -0.7944473388868819,
        0.13423994708633882, -0.11078013611159404, 0.5433593895301524, 0.22463852364937692, 2.550034636307906,
        1.498654758135483, 1.4967371655185107, -2.0395038375946424, -0.3403166247023773, -0.6086106159129299,
        0.5327215998890392, -2.279026489055327, 1.1744986790091876, 1.0669833108953142, -1.3020708582457947,
        -0.9785485286214127, -0.8011720107811816, 0.043295900283144985, 0.6409710646894711, 2.0478860553573326,
        -0.19744542988767094, 0.7675025589036195, 0.15541781005943467, 1.7599262839082537, 0.7421578612115688,
        1.3685504508744795, -1.0776751897834627, -0.19224071152595104, -0.8137724218420405, 1.5049474040083073,
        0.6576399038177728, -0.3051444257775161, -0.4524678870704014, 0.4846648782067015, -0.7014955301795535,
        -0.9305888762121555, 0.4812744922715323, 2.463132032105226, -0.24613355406481327, -0.5558657807935545,
        -1.171156834025543, -1.3350109575593827, 0.524983234564226, 0.8508030327785525, 0.0091747208824902,
        0.3325759886762084, 0.11591657750710396, 0.13865484604722084, -1.5261590525828475, -0.45811827304922115,
        0.11147930758994773, -0.7831667805636854, -0.47642974385981746, -0.8191201803277345, -0.3334966741984413,
        0.8531082743251359, -0.40658035065559817, -0.15387068019710476, 0.813718359438118, 0.6447702141569163,
        1.6952075589596332, -2.090485078128588, 0.856858944523106,
    ]
}
