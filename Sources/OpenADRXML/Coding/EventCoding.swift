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
            vtnID: try cursor.required(.ei("vtnID")).id())
        // One bad event fails alone (rule 19), unless nobody can say which one it is.
        for element in cursor.all(.oadr("oadrEvent")) {
            do {
                events.append(try Event(element))
            } catch {
                guard let event = FaultyEvent(element, error) else { throw error }
                faultyEvents.append(event)
            }
        }
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

extension FaultyEvent {
    /// Nil when the event's own id cannot be read.
    fileprivate init?(_ element: Element, _ problem: Problem) {
        guard var descriptor = (try? element.child(.ei("eiEvent")).child(.ei("eventDescriptor"))).map(Cursor.init),
            let id = try? descriptor.required(.ei("eventID")).id(EventID.self),
            let number = try? descriptor.required(.ei("modificationNumber")).count()
        else { return nil }
        let wish = element.children.first { $0.isNamed(.oadr("oadrResponseRequired")) }
        self.init(
            event: QualifiedEventID(eventID: id, modificationNumber: number),
            responseRequired: wish.flatMap { try? $0.listed(ResponseRequired.self) } ?? .always,
            code: problem.code, reason: problem.reason)
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
