internal import OpenADR

extension RegisterReport: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            requestID: try cursor.required(.pyld("requestID")).id(),
            reports: try cursor.all(.oadr("oadrReport")).read(MetadataReport.init),
            venID: try cursor.optional(.ei("venID")).id(),
            reportRequestID: try cursor.optional(.ei("reportRequestID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.leaf("pyld:requestID", requestID)
        for report in reports { report.write(to: xml) }
        xml.leaf("ei:venID", optional: venID)
        xml.leaf("ei:reportRequestID", optional: reportRequestID)
    }
}

extension RegisteredReport: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            response: try EiResponse(cursor.required(.ei("eiResponse"))),
            requests: try cursor.all(.oadr("oadrReportRequest")).read(ReportRequest.init),
            venID: try cursor.optional(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        response.write(to: xml)
        for request in requests { request.write(to: xml) }
        xml.leaf("ei:venID", optional: venID)
    }
}

extension CreateReport: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            requestID: try cursor.required(.pyld("requestID")).id(),
            requests: try cursor.all(.oadr("oadrReportRequest")).read(ReportRequest.init),
            venID: try cursor.optional(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.leaf("pyld:requestID", requestID)
        for request in requests { request.write(to: xml) }
        xml.leaf("ei:venID", optional: venID)
    }
}

extension CreatedReport: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            response: try EiResponse(cursor.required(.ei("eiResponse"))),
            pending: try cursor.required(.oadr("oadrPendingReports")).children.ids(),
            venID: try cursor.optional(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        response.write(to: xml)
        xml.pendingReports(pending)
        xml.leaf("ei:venID", optional: venID)
    }
}

extension UpdateReport: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            requestID: try cursor.required(.pyld("requestID")).id(),
            reports: try cursor.all(.oadr("oadrReport")).read(DataReport.init),
            venID: try cursor.optional(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.leaf("pyld:requestID", requestID)
        for report in reports { report.write(to: xml) }
        xml.leaf("ei:venID", optional: venID)
    }
}

extension UpdatedReport: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            response: try EiResponse(cursor.required(.ei("eiResponse"))),
            cancel: try cursor.optional(.oadr("oadrCancelReport")).read(CancelReport.init),
            venID: try cursor.optional(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        response.write(to: xml)
        if let cancel { xml.message(cancel) }
        xml.leaf("ei:venID", optional: venID)
    }
}

extension CancelReport: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            requestID: try cursor.required(.pyld("requestID")).id(),
            reportRequestIDs: try cursor.all(.ei("reportRequestID")).ids(),
            reportToFollow: try cursor.required(.pyld("reportToFollow")).boolean(),
            venID: try cursor.optional(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.leaf("pyld:requestID", requestID)
        for id in reportRequestIDs { xml.leaf("ei:reportRequestID", id) }
        xml.leaf("pyld:reportToFollow", reportToFollow)
        xml.leaf("ei:venID", optional: venID)
    }
}

extension CanceledReport: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            response: try EiResponse(cursor.required(.ei("eiResponse"))),
            pending: try cursor.required(.oadr("oadrPendingReports")).children.ids(),
            venID: try cursor.optional(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        response.write(to: xml)
        xml.pendingReports(pending)
        xml.leaf("ei:venID", optional: venID)
    }
}

extension XMLWriter {
    fileprivate func pendingReports(_ ids: [ReportRequestID]) {
        element("oadr:oadrPendingReports") {
            for id in ids { leaf("ei:reportRequestID", id) }
        }
    }
}
