internal import Measures
internal import OpenADR

extension DataReport {
    /// In one report: three months of quarters of an hour.
    private static var mostIntervals: Int { 10_000 }

    /// Passes over descriptions, which rule 313 forbids here.
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        let start = try cursor.optional(.xcal("dtstart"))
            .read { element throws(Problem) in try element.wrappedInstant() }
        let duration = try cursor.optional(.xcal("duration"))
            .read { element throws(Problem) in try element.wrappedDuration(from: start) }
        let items = cursor.optional(.strm("intervals"))?.children ?? []
        if let last = items.last, items.count > Self.mostIntervals {
            throw last.problem(.invalidData, "more than \(Self.mostIntervals) intervals")
        }
        let intervals = try items.read { interval throws(Problem) in
            try ReportInterval(interval, reportStart: start)
        }
        _ = cursor.optional(.ei("eiReportID"))
        _ = cursor.all(.oadr("oadrReportDescription"))
        let requestID = try cursor.required(.ei("reportRequestID")).id(ReportRequestID.self)
        let specifierID = try cursor.required(.ei("reportSpecifierID")).id(ReportSpecifierID.self)
        let name = try cursor.optional(.ei("reportName"))
            .read { element throws(Problem) in try element.listed(ReportName.self) }
        self.init(
            requestID: requestID, specifierID: specifierID, name: name, start: start, duration: duration,
            intervals: intervals, createdDateTime: try cursor.required(.ei("createdDateTime")).instant())
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrReport") {
            xml.start(start)
            xml.duration("xcal:duration", duration)
            if !intervals.isEmpty {
                xml.element("strm:intervals") {
                    for interval in intervals { interval.write(to: xml) }
                }
            }
            xml.leaf("ei:reportRequestID", requestID)
            xml.leaf("ei:reportSpecifierID", specifierID)
            xml.leaf("ei:reportName", optional: name?.rawValue)
            xml.leaf("ei:createdDateTime", createdDateTime)
        }
    }
}

extension ReportInterval {
    init(_ element: Element, reportStart: Instant?) throws(Problem) {
        var cursor = Cursor(element)
        let start = try cursor.optional(.xcal("dtstart"))
            .read { element throws(Problem) in try element.wrappedInstant() }
        let duration = cursor.optional(.xcal("duration"))
        let span = try duration.read { element throws(Problem) in
            try element.wrappedDuration(from: start ?? reportStart)
        }
        if let duration, let span, span < .zero {
            throw duration.problem(.invalidData, "an interval ends before it starts")
        }
        self.init(
            start: start, duration: span,
            uid: try cursor.optional(.xcal("uid")).read { uid throws(Problem) in try uid.uid() },
            payloads: [])
        while let payload = cursor.any(unless: .ei("interval")) {
            if payload.isNamed(.oadr("oadrReportPayload")) {
                payloads.append(try ReportPayload(payload))
            } else if payload.isNamed(.oadr("oadrGBPayload")) {
                greenButton.append(GreenButtonFeed(try payload.child(.atom("feed"))))
            } else {
                throw payload.problem(.complianceError, "an interval of a report carries \(payload.localName)")
            }
        }
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:interval") {
            xml.start(start)
            xml.duration("xcal:duration", duration)
            xml.uid(uid)
            for payload in payloads { payload.write(to: xml) }
            for feed in greenButton { xml.element("oadr:oadrGBPayload") { feed.write(to: xml) } }
        }
    }
}

extension ReportPayload {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        let rID = try cursor.required(.ei("rID")).id(RID.self)
        let confidence = try cursor.optional(.ei("confidence"))
            .read { element throws(Problem) in UInt8(clamping: try element.count()) }
        let accuracy = try cursor.optional(.ei("accuracy"))
            .read { element throws(Problem) in try element.number() }
        let payload = try cursor.any()
        let value: Value =
            payload.isNamed(.ei("payloadFloat"))
            ? .float(try payload.child(.ei("value")).number())
            : .resourceStatus(try ResourceStatus(payload))
        self.init(
            rID: rID, confidence: confidence, accuracy: accuracy, value: value,
            quality: try cursor.optional(.oadr("oadrDataQuality"))
                .read { element throws(Problem) in try element.listed(DataQuality.self) })
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrReportPayload") {
            xml.leaf("ei:rID", rID)
            if let confidence { xml.leaf("ei:confidence", min(confidence, 100)) }
            xml.leaf("ei:accuracy", optional: accuracy)
            switch value {
            case .float(let value): xml.payloadFloat(value)
            case .resourceStatus(let status): status.write(to: xml)
            }
            xml.leaf("oadr:oadrDataQuality", optional: quality?.rawValue)
        }
    }
}
