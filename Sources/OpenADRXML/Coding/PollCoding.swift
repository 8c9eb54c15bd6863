internal import OpenADR

extension Poll: CodableMessage {
    init(_ element: Element) throws(Problem) {
        self.init(venID: try element.child(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.leaf("ei:venID", venID)
    }
}

extension Response: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            response: try EiResponse(cursor.required(.ei("eiResponse"))),
            venID: try cursor.optional(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        response.write(to: xml)
        xml.leaf("ei:venID", optional: venID)
    }
}
