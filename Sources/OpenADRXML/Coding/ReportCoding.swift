internal import Measures
internal import OpenADR

extension MetadataReport {
    /// Passes over a start and intervals, which rule 305 forbids here and which offer nothing.
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        _ = cursor.optional(.xcal("dtstart"))
        let duration = try cursor.optional(.xcal("duration"))
            .read { element throws(Problem) in try element.wrappedDuration() }
        _ = cursor.optional(.strm("intervals"))
        _ = cursor.optional(.ei("eiReportID"))
        let descriptions = try cursor.all(.oadr("oadrReportDescription")).read(ReportDescription.init)
        _ = try cursor.required(.ei("reportRequestID"))
        self.init(
            specifierID: try cursor.required(.ei("reportSpecifierID")).id(),
            name: try cursor.optional(.ei("reportName"))
                .read { element throws(Problem) in try element.listed(ReportName.self) },
            duration: duration, descriptions: descriptions,
            createdDateTime: try cursor.required(.ei("createdDateTime")).instant())
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrReport") {
            xml.duration("xcal:duration", duration)
            for description in descriptions { description.write(to: xml) }
            xml.leaf("ei:reportRequestID", ReportRequestID.metadata)
            xml.leaf("ei:reportSpecifierID", specifierID)
            xml.leaf("ei:reportName", optional: name?.rawValue)
            xml.leaf("ei:createdDateTime", createdDateTime)
        }
    }
}

extension ReportDescription {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            rID: try cursor.required(.ei("rID")).id(),
            subject: try Target(cursor.optional(.ei("reportSubject"))),
            dataSource: try Target(cursor.optional(.ei("reportDataSource"))),
            reportType: try cursor.required(.ei("reportType")).listed(ReportType.self),
            itemBase: try cursor.any(unless: .ei("readingType")).read(ItemBase.init),
            readingType: try cursor.required(.ei("readingType")).listed(ReadingType.self),
            marketContext: try cursor.optional(.emix("marketContext")).id(),
            samplingRate: try cursor.optional(.oadr("oadrSamplingRate")).read(SamplingRate.init))
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrReportDescription") {
            xml.leaf("ei:rID", rID)
            if !subject.isEmpty { subject.write(to: xml, as: "ei:reportSubject") }
            if !dataSource.isEmpty { dataSource.write(to: xml, as: "ei:reportDataSource") }
            xml.leaf("ei:reportType", reportType.rawValue)
            itemBase?.write(to: xml)
            xml.leaf("ei:readingType", readingType.rawValue)
            xml.leaf("emix:marketContext", optional: marketContext)
            samplingRate?.write(to: xml)
        }
    }
}

extension SamplingRate {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            minPeriod: try cursor.required(.oadr("oadrMinPeriod")).duration(),
            maxPeriod: try cursor.required(.oadr("oadrMaxPeriod")).duration(),
            onChange: try cursor.required(.oadr("oadrOnChange")).boolean())
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrSamplingRate") {
            xml.leaf("oadr:oadrMinPeriod", minPeriod.xml)
            xml.leaf("oadr:oadrMaxPeriod", maxPeriod.xml)
            xml.leaf("oadr:oadrOnChange", onChange)
        }
    }
}

extension DataReport {
    /// Passes over descriptions, which rule 313 forbids here.
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        let start = try cursor.optional(.xcal("dtstart"))
            .read { element throws(Problem) in try element.wrappedInstant() }
        let duration = try cursor.optional(.xcal("duration"))
            .read { element throws(Problem) in try element.wrappedDuration(from: start) }
        let intervals = try (cursor.optional(.strm("intervals"))?.children ?? []).read { interval throws(Problem) in
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
            payloads: try cursor.all(.oadr("oadrReportPayload")).read(ReportPayload.init))
        guard !payloads.isEmpty, cursor.any(unless: .oadr("oadrReportPayload")) == nil else {
            throw element.problem(
                .complianceError, "an interval of a report carries something else than report payloads")
        }
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:interval") {
            xml.start(start)
            xml.duration("xcal:duration", duration)
            xml.uid(uid)
            for payload in payloads { payload.write(to: xml) }
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

extension ResourceStatus {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            isOnline: try cursor.required(.oadr("oadrOnline")).boolean(),
            isManuallyOverridden: try cursor.required(.oadr("oadrManualOverride")).boolean(),
            loadControl: try cursor.optional(.oadr("oadrLoadControlState")).read(LoadControlState.init))
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrPayloadResourceStatus") {
            xml.leaf("oadr:oadrOnline", isOnline)
            xml.leaf("oadr:oadrManualOverride", isManuallyOverridden)
            loadControl?.write(to: xml)
        }
    }
}

extension LoadControlState {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            capacity: try cursor.optional(.oadr("oadrCapacity")).read(LoadControlValue.init),
            levelOffset: try cursor.optional(.oadr("oadrLevelOffset")).read(LoadControlValue.init),
            percentOffset: try cursor.optional(.oadr("oadrPercentOffset")).read(LoadControlValue.init),
            setPoint: try cursor.optional(.oadr("oadrSetPoint")).read(LoadControlValue.init))
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrLoadControlState") {
            capacity?.write(to: xml, as: "oadr:oadrCapacity")
            levelOffset?.write(to: xml, as: "oadr:oadrLevelOffset")
            percentOffset?.write(to: xml, as: "oadr:oadrPercentOffset")
            setPoint?.write(to: xml, as: "oadr:oadrSetPoint")
        }
    }
}

extension LoadControlValue {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        func number(_ element: Element) throws(Problem) -> Double { try element.number() }
        self.init(
            minimum: try cursor.optional(.oadr("oadrMin")).read(number),
            maximum: try cursor.optional(.oadr("oadrMax")).read(number),
            current: try cursor.required(.oadr("oadrCurrent")).number(),
            normal: try cursor.optional(.oadr("oadrNormal")).read(number))
    }

    func write(to xml: XMLWriter, as name: String) {
        xml.element(name) {
            xml.leaf("oadr:oadrMin", optional: minimum)
            xml.leaf("oadr:oadrMax", optional: maximum)
            xml.leaf("oadr:oadrCurrent", optional: current)
            xml.leaf("oadr:oadrNormal", optional: normal)
        }
    }
}
