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
