import DemandResponse
import Foundation
import Measures

/// A programme's terms as people write them in a JSON file: amounts are decimal texts such as `"2.50"` or `"2.50 USD"`.
struct ProgramSheet: Codable, Sendable {
    struct Pay: Codable, Sendable {
        enum Kind: String, Codable { case energy, firm, market, nomination, pool }
        let kind: Kind
        var perKilowattHour: String?
        var perKilowatt: String?
        var budget: String?
        var cap: Double?
        var excessUpToKilowattHours: Double?
        var share: Double?
        var leastPerKilowattHour: String?
    }

    struct Capacity: Codable, Sendable {
        let perKilowatt: String
        /// Nothing for programmes without charges.
        var firmChargeRate: Double?
    }

    struct Guard: Codable, Sendable {
        let minutes: Int64
        let netted: Bool
    }

    struct Tier: Codable, Sendable {
        let from: Double
        let multiplier: Double
    }

    struct Admission: Codable, Sendable {
        var placeboDays: Int?
        var error: Double?
        var bias: Double?
        var failure: AdmissionTest.Failure?
    }

    struct Calendar: Codable, Sendable {
        let version: String
        let holidays: [String]
    }

    let name: String
    let marketContext: String
    let version: String
    let validFrom: String
    let currency: String
    let baseline: [String]
    let pay: Pay
    var capacity: Capacity?
    var deadbandKilowattHours: Double?
    var snapBack: Guard?
    var preEventRise: Guard?
    var tiers: [Tier]?
    var tierEvents: Int?
    var mostPaid: String?
    var leastPaid: String?
    var optOutDeadlineMinutes: Int64?
    var resettlementDays: Int64?
    var rounding: SettlementOptions.Rounding?
    var mayExport: Bool?
    var acceptsEstimates: Bool?
    var admission: Admission?
    var calendar: Calendar?
    var leastMeasuredShare: Double?
    var highestPerformance: Double?

    /// A file that is not a sheet is refused with the field that is wrong.
    static func read(_ path: String) throws -> ProgramSheet {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("The file \(path) cannot be read.", hint: "give a JSON file of terms", status: .usage)
        }
        do {
            return try JSONDecoder().decode(ProgramSheet.self, from: data)
        } catch let error as DecodingError {
            throw SheetError("The file \(path) is no sheet of terms: \(error.place)").failure
        }
    }

    /// The terms of a programme.
    func terms(of program: ProgramID) throws -> ProgramTerms {
        guard let currency = Currency(rawValue: currency) else {
            throw SheetError("The currency '\(currency)' is unknown; EUR and USD are known.").failure
        }
        guard let start = Instant(utc: validFrom) else {
            throw SheetError("validFrom takes a time like 2026-05-01T00:00:00Z, not '\(validFrom)'.").failure
        }
        let rules = try baseline.map { name in
            guard let rule = BaselineRule.standard.first(where: { $0.id == name }) else {
                let known = BaselineRule.standard.map(\.id).sorted().joined(separator: ", ")
                throw SheetError("There is no baseline rule '\(name)'.", hint: "the rules are \(known)").failure
            }
            return rule
        }
        do {
            return try ProgramTerms(
                program: program, version: version, validFrom: start, baselineRules: rules,
                payment: try payment(currency), highestPerformance: highestPerformance ?? 1.25,
                leastMeasuredShare: leastMeasuredShare ?? 0.95, options: try options(currency))
        } catch let error as ProgramTermsError {
            throw SheetError(error.words).failure
        }
    }

    private func payment(_ currency: Currency) throws -> ProgramTerms.Payment {
        switch pay.kind {
        case .energy:
            let floor: ProgramTerms.EnergyFloor =
                pay.excessUpToKilowattHours.map { .excess(upTo: .kilowattHours($0)) } ?? .zero
            return .energy(
                .init(price: try price(pay.perKilowattHour, "perKilowattHour", currency), floor: floor, cap: pay.cap))
        case .firm:
            return .firmServiceLevel(
                .init(excessPrice: try price(pay.perKilowattHour, "perKilowattHour", currency)))
        case .market:
            return .market(
                .init(
                    shareMicros: try micros(pay.share ?? 1, "share"),
                    leastPrice: try price(pay.leastPerKilowattHour ?? "0", "leastPerKilowattHour", currency)))
        case .nomination:
            return .nomination(.init(ratePerKilowatt: try money(pay.perKilowatt, "perKilowatt", currency)))
        case .pool: return .pool(.init(budget: try money(pay.budget, "budget", currency)))
        }
    }

    private func options(_ currency: Currency) throws -> SettlementOptions {
        var options = SettlementOptions.standard
        if let capacity {
            options.capacity = .init(
                ratePerKilowatt: try money(capacity.perKilowatt, "capacity", currency),
                curve: capacity.firmChargeRate.map { .firm(rate: $0) } ?? .standard)
        }
        if let deadbandKilowattHours, deadbandKilowattHours.magnitude < 1e9 {
            options.deadband = Int64((deadbandKilowattHours * 1_000).rounded())
        }
        if let snapBack { options.snapBack = .init(span: .minutes(snapBack.minutes), isNetted: snapBack.netted) }
        if let preEventRise {
            options.preEventRise = .init(span: .minutes(preEventRise.minutes), isNetted: preEventRise.netted)
        }
        options.tiers = try (tiers ?? []).map {
            .init(from: $0.from, multiplierMicros: try micros($0.multiplier, "multiplier"))
        }
        options.tierEvents = tierEvents ?? options.tierEvents
        options.mostPaid = try mostPaid.map { try money($0, "mostPaid", currency) }
        options.leastPaid = try leastPaid.map { try money($0, "leastPaid", currency) }
        options.optOutDeadline = .minutes(optOutDeadlineMinutes ?? 0)
        options.resettlementWindow = resettlementDays.map { .days($0) } ?? options.resettlementWindow
        options.rounding = rounding ?? options.rounding
        options.mayExport = mayExport ?? options.mayExport
        options.acceptsEstimates = acceptsEstimates ?? options.acceptsEstimates
        if let admission {
            guard
                let test = AdmissionTest(
                    placeboDays: admission.placeboDays ?? 20, highestError: admission.error ?? 0.2,
                    highestBias: admission.bias ?? 0.1, failure: admission.failure ?? .unpaid)
            else { throw SheetError("The admission test has a limit that cannot be.").failure }
            options.admission = test
        }
        if let calendar {
            options.calendarVersion = calendar.version
            options.holidays = try calendar.holidays.map { text in
                guard let day = CivilDay(text) else {
                    throw SheetError("'\(text)' in the calendar is no day like 2026-07-04.").failure
                }
                return day
            }.sorted()
        }
        return options
    }

    private func micros(_ value: Double, _ field: String) throws -> Int64 {
        guard value.isFinite, value.magnitude <= 1e6 else { throw SheetError("\(field) is out of range.").failure }
        return Int64((value * 1e6).rounded())
    }

    private func price(_ text: String?, _ field: String, _ currency: Currency) throws -> EnergyPrice {
        EnergyPrice(micros: try DecimalAmount.parse(text, field, currency, decimals: 6), currency: currency)
    }

    private func money(_ text: String?, _ field: String, _ currency: Currency) throws -> Money {
        Money(minorUnits: try DecimalAmount.parse(text, field, currency, decimals: 2), currency: currency)
    }
}

/// Decimal texts as whole numbers of their last decimal.
enum DecimalAmount {
    static func parse(_ text: String?, _ field: String, _ currency: Currency, decimals: Int) throws -> Int64 {
        guard let text else { throw SheetError("The terms lack '\(field)'.").failure }
        let words = text.split(separator: " ")
        guard let number = words.first, words.count <= 2 else {
            throw SheetError("'\(text)' in \(field) is no amount like 2.50.").failure
        }
        if words.count == 2, words[1] != currency.rawValue {
            throw SheetError("\(field) is in \(words[1]), but the terms are in \(currency.rawValue).").failure
        }
        let isNegative = number.hasPrefix("-")
        let parts = number.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        let digits = parts.joined()
        guard (1...2).contains(parts.count), !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            parts.count == 1 || (1...decimals).contains(parts[1].count)
        else { throw SheetError("'\(text)' in \(field) is no amount with at most \(decimals) decimals.").failure }
        let fraction = parts.count == 2 ? parts[1].count : 0
        guard let whole = Int64(digits + String(repeating: "0", count: decimals - fraction)) else {
            throw SheetError("'\(text)' in \(field) is too large.").failure
        }
        return isNegative ? -whole : whole
    }
}

/// What is wrong with a sheet.
struct SheetError {
    let message: String
    let hint: String

    init(_ message: String, hint: String = "see 'curtail programme publish --help' for a sheet that works") {
        self.message = message
        self.hint = hint
    }

    var failure: CommandFailure { CommandFailure(message, hint: hint, status: .refused) }
}

extension ProgramTermsError {
    var words: String {
        switch self {
        case .differentCurrencies: "An amount of the terms is in another currency than their price."
        case .negativePrice: "A price or rate is below zero."
        case .noBaselineRule: "The terms name no baseline rule."
        case .noVersion: "The terms have no version."
        case .notOnePayment: "The terms have to pay in exactly one way."
        case .unknownRule(let id, let version): "There is no baseline rule \(id) \(version) with these parameters."
        case .unusableLimit: "A limit of the terms is out of range."
        }
    }
}

extension DecodingError {
    fileprivate var place: String {
        switch self {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
        @unknown default: "it cannot be read"
        }
    }
}
