internal import Measures
internal import OpenADR

extension CreateOpt: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        let optID = try cursor.required(.ei("optID")).id(OptID.self)
        let optType = try cursor.required(.ei("optType")).listed(OptType.self)
        let reason = try cursor.required(.ei("optReason")).listed(OptReason.self)
        let marketContext = try cursor.optional(.emix("marketContext")).id(MarketContext.self)
        let venID = try cursor.required(.ei("venID")).id(VENID.self)
        let windows = try cursor.optional(.xcal("vavailability")).read(Self.windows)
        let createdDateTime = try cursor.required(.ei("createdDateTime")).instant()
        let requestID = try cursor.required(.pyld("requestID")).id(RequestID.self)
        let event = try cursor.optional(.ei("qualifiedEventID")).read(QualifiedEventID.init)
        let target = try Target(cursor.required(.ei("eiTarget")))
        let devices = try Target(cursor.optional(.oadr("oadrDeviceClass")))
        let scope: Scope
        switch (windows, event) {
        case (let windows?, nil): scope = .schedule(windows, marketContext: marketContext)
        case (nil, let event?) where marketContext == nil: scope = .event(event)
        default:
            throw element.problem(
                .complianceError, "an opt is for a schedule or for an event, and an event has its own programme")
        }
        self.init(
            optID: optID, optType: optType, reason: reason, venID: venID, createdDateTime: createdDateTime,
            requestID: requestID, scope: scope, target: target, deviceClasses: devices.endDeviceAssets)
    }

    private static func windows(_ availability: Element) throws(Problem) -> [TimeWindow] {
        try availability.child(.xcal("components")).children.read { available throws(Problem) in
            var properties = Cursor(try available.child(.xcal("properties")))
            let start = try properties.required(.xcal("dtstart")).wrappedInstant()
            let duration = try properties.required(.xcal("duration"))
            let span = try duration.wrappedDuration(from: start)
            guard span >= .zero else { throw duration.problem(.invalidData, "an availability ends before it starts") }
            return TimeWindow(start: start, duration: span)
        }
    }

    func write(to xml: XMLWriter) {
        xml.leaf("ei:optID", optID)
        xml.leaf("ei:optType", optType.rawValue)
        xml.leaf("ei:optReason", reason.rawValue)
        if case .schedule(_, let marketContext) = scope { xml.leaf("emix:marketContext", optional: marketContext) }
        xml.leaf("ei:venID", venID)
        if case .schedule(let windows, _) = scope { Self.write(windows, to: xml) }
        xml.leaf("ei:createdDateTime", createdDateTime)
        xml.leaf("pyld:requestID", requestID)
        if case .event(let event) = scope { event.write(to: xml) }
        target.write(to: xml, as: "ei:eiTarget")
        if !deviceClasses.isEmpty {
            Target(endDeviceAssets: deviceClasses).write(to: xml, as: "oadr:oadrDeviceClass")
        }
    }

    private static func write(_ windows: [TimeWindow], to xml: XMLWriter) {
        xml.element("xcal:vavailability") {
            xml.element("xcal:components") {
                for window in windows {
                    xml.element("xcal:available") {
                        xml.element("xcal:properties") {
                            xml.start(window.start)
                            xml.duration("xcal:duration", window.duration)
                        }
                    }
                }
            }
        }
    }
}

extension CreatedOpt: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            response: try EiResponse(cursor.required(.ei("eiResponse"))), optID: try cursor.required(.ei("optID")).id())
    }

    func write(to xml: XMLWriter) {
        response.write(to: xml)
        xml.leaf("ei:optID", optID)
    }
}

extension CancelOpt: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            requestID: try cursor.required(.pyld("requestID")).id(), optID: try cursor.required(.ei("optID")).id(),
            venID: try cursor.required(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.leaf("pyld:requestID", requestID)
        xml.leaf("ei:optID", optID)
        xml.leaf("ei:venID", venID)
    }
}

extension CanceledOpt: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            response: try EiResponse(cursor.required(.ei("eiResponse"))),
            optID: try cursor.optional(.ei("optID")).id())
    }

    func write(to xml: XMLWriter) {
        response.write(to: xml)
        xml.leaf("ei:optID", optional: optID)
    }
}
