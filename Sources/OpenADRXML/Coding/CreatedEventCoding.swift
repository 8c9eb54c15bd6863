internal import OpenADR

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
