internal import Measures
internal import OpenADR

extension RequestEvent: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(try element.child(.pyld("eiRequestEvent")))
        self.init(
            requestID: try cursor.required(.pyld("requestID")).id(), venID: try cursor.required(.ei("venID")).id(),
            replyLimit: try cursor.optional(.pyld("replyLimit"))
                .read { element throws(Problem) in try element.count() })
    }

    func write(to xml: XMLWriter) {
        xml.element("pyld:eiRequestEvent") {
            xml.leaf("pyld:requestID", requestID)
            xml.leaf("ei:venID", venID)
            if let replyLimit { xml.leaf("pyld:replyLimit", replyLimit) }
        }
    }
}

extension DistributeEvent: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            response: try cursor.optional(.ei("eiResponse")).read(EiResponse.init),
            requestID: try cursor.required(.pyld("requestID")).id(),
            vtnID: try cursor.required(.ei("vtnID")).id(),
            events: try cursor.all(.oadr("oadrEvent")).read(Event.init))
    }

    func write(to xml: XMLWriter) {
        response?.write(to: xml)
        xml.leaf("pyld:requestID", requestID)
        xml.leaf("ei:vtnID", vtnID)
        for event in events { event.write(to: xml) }
    }
}

extension Event {
    init(_ element: Element) throws(Problem) {
        var outer = Cursor(element)
        var cursor = Cursor(try outer.required(.ei("eiEvent")))
        let descriptor = try EventDescriptor(cursor.required(.ei("eventDescriptor")))
        let period = try ActivePeriod(cursor.required(.ei("eiActivePeriod")))
        var signals = Cursor(try cursor.required(.ei("eiEventSignals")))
        self.init(
            descriptor: descriptor, activePeriod: period,
            signals: try signals.all(.ei("eiEventSignal")).read { signal throws(Problem) in
                try EventSignal(signal, in: period)
            },
            baseline: try signals.optional(.ei("eiEventBaseline")).read(EventBaseline.init),
            target: try Target(cursor.required(.ei("eiTarget"))),
            responseRequired: try outer.required(.oadr("oadrResponseRequired")).listed(ResponseRequired.self))
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrEvent") {
            xml.element("ei:eiEvent") {
                descriptor.write(to: xml)
                activePeriod.write(to: xml)
                xml.element("ei:eiEventSignals") {
                    for signal in signals { signal.write(to: xml) }
                    baseline?.write(to: xml)
                }
                target.write(to: xml, as: "ei:eiTarget")
            }
            xml.leaf("oadr:oadrResponseRequired", responseRequired.rawValue)
        }
    }
}

extension EventDescriptor {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            eventID: try cursor.required(.ei("eventID")).id(),
            modificationNumber: try cursor.required(.ei("modificationNumber")).count(),
            modificationDateTime: try cursor.optional(.ei("modificationDateTime"))
                .read { element throws(Problem) in try element.instant() },
            modificationReason: cursor.optional(.ei("modificationReason")).text,
            priority: try cursor.optional(.ei("priority")).read { element throws(Problem) in try element.count() },
            marketContext: try cursor.required(.ei("eiMarketContext")).child(.emix("marketContext")).id(),
            createdDateTime: try cursor.required(.ei("createdDateTime")).instant(),
            status: try cursor.required(.ei("eventStatus")).listed(EventStatus.self),
            isTest: cursor.optional(.ei("testEvent")).text.map { $0.trimmed != "false" } ?? false,
            vtnComment: cursor.optional(.ei("vtnComment")).text)
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:eventDescriptor") {
            xml.leaf("ei:eventID", eventID)
            xml.leaf("ei:modificationNumber", modificationNumber)
            if let modificationDateTime { xml.leaf("ei:modificationDateTime", modificationDateTime) }
            xml.leaf("ei:modificationReason", optional: modificationReason)
            if let priority { xml.leaf("ei:priority", priority) }
            xml.element("ei:eiMarketContext") { xml.leaf("emix:marketContext", marketContext) }
            xml.leaf("ei:createdDateTime", createdDateTime)
            xml.leaf("ei:eventStatus", status.rawValue)
            xml.leaf("ei:testEvent", isTest)
            xml.leaf("ei:vtnComment", optional: vtnComment)
        }
    }
}

extension ActivePeriod {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(try element.child(.xcal("properties")))
        let start = try cursor.required(.xcal("dtstart")).wrappedInstant()
        let duration = try cursor.required(.xcal("duration"))
        let length = try duration.wrappedDuration(from: start)
        guard length >= .zero else { throw duration.problem(.invalidData, "an event ends before it starts") }
        let tolerance = cursor.optional(.xcal("tolerance"))
        let startAfter = try tolerance.read { tolerance throws(Problem) in
            var tolerate = Cursor(try tolerance.child(.xcal("tolerate")))
            return try tolerate.optional(.xcal("startafter"))
                .read { element throws(Problem) in try element.duration(from: start) }
        }
        if let tolerance, let span = startAfter ?? nil, span < .zero {
            throw tolerance.problem(.invalidData, "startafter is negative")
        }
        func span(_ element: Element) throws(Problem) -> TimeSpan { try element.wrappedDuration(from: start) }
        self.init(
            start: start, duration: length, startAfter: (startAfter ?? nil) ?? .zero,
            notification: try cursor.optional(.ei("x-eiNotification")).read(span) ?? .zero,
            rampUp: try cursor.optional(.ei("x-eiRampUp")).read(span) ?? .zero,
            recovery: try cursor.optional(.ei("x-eiRecovery")).read(span) ?? .zero)
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:eiActivePeriod") {
            xml.element("xcal:properties") {
                xml.start(start)
                xml.duration("xcal:duration", duration)
                if startAfter != .zero {
                    xml.element("xcal:tolerance") {
                        xml.element("xcal:tolerate") { xml.leaf("xcal:startafter", startAfter.xml) }
                    }
                }
                xml.duration("ei:x-eiNotification", notification)
                xml.duration("ei:x-eiRampUp", rampUp == .zero ? nil : rampUp)
                xml.duration("ei:x-eiRecovery", recovery == .zero ? nil : recovery)
            }
            xml.element("xcal:components")
        }
    }
}

extension EventSignal {
    init(_ element: Element, in period: ActivePeriod) throws(Problem) {
        var cursor = Cursor(element)
        let intervals = try SignalInterval.read(
            cursor.required(.strm("intervals")), from: period.start, whole: period.duration)
        let target = try Target(cursor.optional(.ei("eiTarget")))
        let name = try cursor.required(.ei("signalName")).listed(SignalName.self)
        let type = try cursor.required(.ei("signalType")).listed(SignalType.self)
        let signalID = try cursor.required(.ei("signalID")).id(SignalID.self)
        let itemBase = try cursor.any(unless: .ei("currentValue")).read(ItemBase.init)
        let currentValue = try cursor.optional(.ei("currentValue")).read { current throws(Problem) in
            try current.child(.ei("payloadFloat")).child(.ei("value")).number()
        }
        self.init(
            signalID: signalID, name: name, type: type, itemBase: itemBase, intervals: intervals, target: target,
            currentValue: currentValue)
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:eiEventSignal") {
            SignalInterval.write(intervals, to: xml)
            if !target.isEmpty { target.write(to: xml, as: "ei:eiTarget") }
            xml.leaf("ei:signalName", name.rawValue)
            xml.leaf("ei:signalType", type.rawValue)
            xml.leaf("ei:signalID", signalID)
            itemBase?.write(to: xml)
            if let currentValue { xml.element("ei:currentValue") { xml.payloadFloat(currentValue) } }
        }
    }
}

extension SignalInterval {
    /// The wire should leave every start out (rule 103) and give every duration (rule 102). Peers break both: a start is
    /// passed over, and a single interval without a duration lasts as long as the whole.
    static func read(_ element: Element, from start: Instant, whole: TimeSpan) throws(Problem) -> [SignalInterval] {
        let elements = element.children
        var intervals: [SignalInterval] = []
        var position = start
        for (index, element) in elements.enumerated() {
            var cursor = Cursor(element)
            _ = cursor.optional(.xcal("dtstart"))
            let given = try cursor.optional(.xcal("duration"))
                .read { element throws(Problem) in try element.wrappedDuration(from: position) }
            guard let duration = given ?? (elements.count == 1 ? whole : nil), duration >= .zero else {
                throw element.problem(.complianceError, "an interval of a signal has no sane duration")
            }
            let uid = try cursor.optional(.xcal("uid")).read { uid throws(Problem) in try uid.uid() } ?? index
            let payload = try cursor.required(.ei("signalPayload"))
            guard cursor.any(unless: .xcal("uid")) == nil else {
                throw element.problem(.complianceError, "an interval of a signal has more than one payload")
            }
            let value = try payload.child(.ei("payloadFloat")).child(.ei("value")).number()
            intervals.append(SignalInterval(uid: uid, duration: duration, value: value))
            position = position + duration
        }
        return intervals
    }

    static func write(_ intervals: [SignalInterval], to xml: XMLWriter) {
        xml.element("strm:intervals") {
            for interval in intervals {
                xml.element("ei:interval") {
                    xml.duration("xcal:duration", interval.duration)
                    xml.uid(interval.uid)
                    xml.element("ei:signalPayload") { xml.payloadFloat(interval.value) }
                }
            }
        }
    }
}

extension Element {
    /// The number in an `xcal:uid`.
    func uid() throws(Problem) -> Int {
        guard let number = Int32(try child(.xcal("text")).text.trimmed) else {
            throw problem(.outOfSequence, "uid is not a number")
        }
        return Int(number)
    }
}

extension XMLWriter {
    func payloadFloat(_ value: Double) {
        element("ei:payloadFloat") { leaf("ei:value", optional: value) }
    }

    func uid(_ number: Int?) {
        if let number { element("xcal:uid") { leaf("xcal:text", number) } }
    }
}

extension EventBaseline {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        let start = try cursor.required(.xcal("dtstart")).wrappedInstant()
        let duration = try cursor.required(.xcal("duration")).wrappedDuration(from: start)
        let intervals = try SignalInterval.read(cursor.required(.strm("intervals")), from: start, whole: duration)
        let baselineID = try cursor.required(.ei("baselineID")).id(BaselineID.self)
        let resourceIDs: [ResourceID] = try cursor.all(.ei("resourceID")).ids()
        let name = try cursor.required(.ei("baselineName")).text
        self.init(
            baselineID: baselineID, name: name, start: start, duration: duration, intervals: intervals,
            resourceIDs: resourceIDs, itemBase: try cursor.any(unless: .ei("baselineName")).read(ItemBase.init))
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:eiEventBaseline") {
            xml.start(start)
            xml.duration("xcal:duration", duration)
            SignalInterval.write(intervals, to: xml)
            xml.leaf("ei:baselineID", baselineID)
            for id in resourceIDs { xml.leaf("ei:resourceID", id) }
            xml.leaf("ei:baselineName", name)
            itemBase?.write(to: xml)
        }
    }
}

extension CreatedEvent: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(try element.child(.pyld("eiCreatedEvent")))
        self.init(
            response: try EiResponse(cursor.required(.ei("eiResponse"))),
            eventResponses: try (cursor.optional(.ei("eventResponses"))?.children ?? []).read(EventResponse.init),
            venID: try cursor.required(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.element("pyld:eiCreatedEvent") {
            response.write(to: xml)
            if !eventResponses.isEmpty {
                xml.element("ei:eventResponses") {
                    for response in eventResponses { response.write(to: xml) }
                }
            }
            xml.leaf("ei:venID", venID)
        }
    }
}

extension EventResponse {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            code: try cursor.required(.ei("responseCode")).responseCode(),
            description: cursor.optional(.ei("responseDescription")).text,
            requestID: try cursor.required(.pyld("requestID")).id(),
            event: try QualifiedEventID(cursor.required(.ei("qualifiedEventID"))),
            optType: try cursor.required(.ei("optType")).listed(OptType.self))
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:eventResponse") {
            xml.leaf("ei:responseCode", code.description)
            xml.leaf("ei:responseDescription", optional: description)
            xml.leaf("pyld:requestID", requestID)
            event.write(to: xml)
            xml.leaf("ei:optType", optType.rawValue)
        }
    }
}
