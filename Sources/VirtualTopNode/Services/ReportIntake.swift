import Measures
import OpenADR

/// Turns `oadrUpdateReport` into measurements in W and Wh. A report that breaks a rule leaves nothing behind; the others
/// of its message count.
struct ReportIntake {
    let ven: VENRecord
    let now: Instant
    let offers: [ReportOffer]
    let requests: [ReportRequestRecord]

    func update(_ message: UpdateReport) -> Decision {
        var changes: [TopNodeChange] = []
        var refusal: Refusal?
        for report in message.reports {
            do throws(Refusal) {
                changes += try take(report)
            } catch {
                refusal = refusal ?? error
            }
        }
        let response = EiResponse(
            code: refusal?.code ?? .success, description: refusal?.explanation, requestID: message.requestID)
        return Decision(
            answer: .updatedReport(UpdatedReport(response: response, venID: ven.venID)), changes: changes)
    }

    private func take(_ report: DataReport) throws(Refusal) -> [TopNodeChange] {
        guard var request = requests.first(where: { $0.requestID == report.requestID }), request.state != .ended else {
            throw .unknown("reportRequestID")
        }
        guard request.specifierID == report.specifierID,
            let offer = offers.first(where: { $0.specifierID == report.specifierID })
        else { throw .unknown("reportSpecifierID") }
        var measurements: [Measurement] = []
        var next = report.start
        for interval in report.intervals {
            guard let start = interval.start ?? next else {
                throw Refusal(code: .complianceError, explanation: "an interval without a start")
            }
            for payload in interval.payloads {
                guard let point = offer.dataPoints.first(where: { $0.rID == payload.rID }) else {
                    throw .unknown("rID")
                }
                measurements.append(
                    try measurement(payload, point, report, start: start, duration: interval.duration))
            }
            next = interval.duration.map { start + $0 }
        }
        let before = request
        if request.backDuration == .zero {
            request.state = .ended
        } else if request.state == .requested || request.state == .refused {
            request.state = .accepted
        }
        return [.record(measurements)] + (request == before ? [] : [.saveRequest(request)])
    }

    private func measurement(
        _ payload: ReportPayload, _ point: OfferedDataPoint, _ report: DataReport, start: Instant, duration: TimeSpan?
    ) throws(Refusal) -> Measurement {
        var quality = Measurement.Quality(payload.quality)
        if let confidence = payload.confidence, confidence < 50, quality == .ok { quality = .estimated }
        let span = duration.flatMap { $0 > .zero ? $0 : nil }
        return Measurement(
            venID: ven.venID, specifierID: report.specifierID, rID: payload.rID, resource: point.resource,
            start: start, duration: span,
            value: quality == .missing ? .missing : try value(of: payload, in: point.unit),
            quality: quality, reportedAt: report.createdDateTime, receivedAt: now)
    }

    private func value(of payload: ReportPayload, in unit: MeasurementUnit) throws(Refusal) -> Measurement.Value {
        switch payload.value {
        case .resourceStatus(let status):
            return .status(isOnline: status.isOnline, isManuallyOverridden: status.isManuallyOverridden)
        case .float(let number):
            guard number.isFinite, number.magnitude <= Self.largest else {
                throw Refusal(code: .invalidData, explanation: "a value out of range")
            }
            switch unit {
            case .watts(let scale): return .power(Watts(number * scale))
            case .wattHours(let scale): return .energy(WattHours(number * scale))
            case .other: return .number(number)
            }
        }
    }

    /// Beyond any load on earth; what is larger is a fault of the sender.
    private static let largest = 1e12
}
