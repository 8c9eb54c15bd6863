import Measures
import OpenADR

/// What is longer than the stores keep is refused, never cut off and never an error of the store: names and ids of up to 128
/// characters, programmes of 256, free words of 128, names for people and addresses of 512; times from 2000 to 2099.
extension Payload {
    func unstorable() -> Refusal? {
        switch self {
        case .createPartyRegistration(let message):
            var texts = [(message.requestID.rawValue, 128), (message.venName ?? "", 512)]
            if case .httpPush(let address) = message.transport { texts.append((address, 512)) }
            if case .xmpp(let address) = message.transport { texts.append((address, 512)) }
            return Self.check(texts)
        case .registerReport(let message):
            return Self.check([(message.requestID.rawValue, 128)]) ?? message.reports.lazy.compactMap(Self.check).first
        case .createReport(let message):
            return Self.check(
                [(message.requestID.rawValue, 128)] + message.requests.map { ($0.requestID.rawValue, 128) })
        case .createOpt(let message):
            return Self.check(message)
        default:
            return Self.check([(requestID?.rawValue ?? "", 128)])
        }
    }

    private static func check(_ report: MetadataReport) -> Refusal? {
        guard report.duration.map({ $0 >= .zero && $0 <= .days(36_600) }) ?? true else { return .outOfRange }
        var texts = [(report.specifierID.rawValue, 128), (report.name?.rawValue ?? "", 128)]
        for point in report.descriptions {
            texts += [
                (point.rID.rawValue, 128), (point.reportType.rawValue, 128), (point.readingType.rawValue, 128),
                (point.marketContext?.rawValue ?? "", 256),
            ]
            texts += point.dataSource.resourceIDs.map { ($0.rawValue, 128) }
            texts += point.subject.endDeviceAssets.map { ($0.rawValue, 128) }
        }
        return check(texts)
    }

    private static func check(_ opt: CreateOpt) -> Refusal? {
        guard opt.createdDateTime.isStorable else { return .outOfRange }
        var texts = [(opt.requestID.rawValue, 128), (opt.optID.rawValue, 128), (opt.reason.rawValue, 128)]
        texts += opt.deviceClasses.map { ($0.rawValue, 128) }
        if case .schedule(let windows, let marketContext) = opt.scope {
            guard windows.count <= 1_000, windows.allSatisfy({ $0.start.isStorable && $0.duration <= .days(36_600) })
            else { return .outOfRange }
            texts.append((marketContext?.rawValue ?? "", 256))
        }
        return check(texts)
    }

    private static func check(_ texts: [(text: String, limit: Int)]) -> Refusal? {
        guard
            let long = texts.first(where: { $0.text.utf8.count > $0.limit && $0.text.unicodeScalars.count > $0.limit })
        else { return nil }
        return Refusal(code: .invalidData, explanation: "a text of more than \(long.limit) characters")
    }
}

extension Instant {
    /// Whether it is a time that a message of this protocol can speak of.
    var isStorable: Bool { self >= Self.earliest && self < Self.latest }

    private static let earliest = Instant(year: 2000, month: 1, day: 1)
    private static let latest = Instant(year: 2100, month: 1, day: 1)
}
