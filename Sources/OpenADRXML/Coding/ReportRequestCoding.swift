internal import Measures
internal import OpenADR

extension ReportRequest {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            requestID: try cursor.required(.ei("reportRequestID")).id(),
            specifier: try ReportSpecifier(cursor.required(.ei("reportSpecifier"))))
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrReportRequest") {
            xml.leaf("ei:reportRequestID", requestID)
            specifier.write(to: xml)
        }
    }
}

extension ReportSpecifier {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        let specifierID = try cursor.required(.ei("reportSpecifierID")).id(ReportSpecifierID.self)
        let granularity = try cursor.required(.xcal("granularity"))
        let step = try granularity.wrappedDuration()
        let back = try cursor.required(.ei("reportBackDuration")).wrappedDuration()
        guard step >= .zero, back >= .zero else {
            throw granularity.problem(.invalidData, "granularity or reportBackDuration is negative")
        }
        self.init(
            specifierID: specifierID, granularity: step, reportBackDuration: back,
            interval: try cursor.optional(.ei("reportInterval")).read(RequestedInterval.init),
            payloads: try cursor.all(.ei("specifierPayload")).read(SpecifierPayload.init))
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:reportSpecifier") {
            xml.leaf("ei:reportSpecifierID", specifierID)
            xml.duration("xcal:granularity", granularity)
            xml.duration("ei:reportBackDuration", reportBackDuration)
            interval?.write(to: xml)
            for payload in payloads {
                xml.element("ei:specifierPayload") {
                    xml.leaf("ei:rID", payload.rID)
                    xml.leaf("ei:readingType", payload.readingType.rawValue)
                }
            }
        }
    }
}

extension RequestedInterval {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(try element.child(.xcal("properties")))
        let start = try cursor.required(.xcal("dtstart")).wrappedInstant()
        self.init(
            start: start, duration: try cursor.required(.xcal("duration")).wrappedDuration(from: start, longest: nil))
        guard duration >= .zero else { throw element.problem(.invalidData, "an interval ends before it starts") }
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:reportInterval") {
            xml.element("xcal:properties") {
                xml.start(start)
                xml.duration("xcal:duration", duration)
            }
        }
    }
}

extension SpecifierPayload {
    /// Passes over a unit, which rule 321 forbids here.
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        let rID = try cursor.required(.ei("rID")).id(RID.self)
        _ = cursor.any(unless: .ei("readingType"))
        self.init(rID: rID, readingType: try cursor.required(.ei("readingType")).listed(ReadingType.self))
    }
}
