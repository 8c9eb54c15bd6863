internal import OpenADR

extension QueryRegistration: CodableMessage {
    init(_ element: Element) throws(Problem) {
        self.init(requestID: try element.child(.pyld("requestID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.leaf("pyld:requestID", requestID)
    }
}

extension CreatePartyRegistration: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        let requestID = try cursor.required(.pyld("requestID")).id(RequestID.self)
        let registrationID = try cursor.optional(.ei("registrationID")).id(RegistrationID.self)
        let venID = try cursor.optional(.ei("venID")).id(VENID.self)
        let profile = try cursor.required(.oadr("oadrProfileName")).listed(ProfileName.self)
        let transport = try cursor.required(.oadr("oadrTransportName")).listed(TransportName.self)
        let address = cursor.optional(.oadr("oadrTransportAddress")).text
        let isReportOnly = try cursor.required(.oadr("oadrReportOnly")).boolean()
        let usesXMLSignature = try cursor.required(.oadr("oadrXmlSignature")).boolean()
        let venName = cursor.optional(.oadr("oadrVenName")).text
        let pulls = try cursor.optional(.oadr("oadrHttpPullModel"))
            .read { element throws(Problem) in try element.boolean() }
        self.init(
            requestID: requestID, registrationID: registrationID, venID: venID, profile: profile,
            transport: try Self.transport(transport, address: address, pulls: pulls, in: element),
            isReportOnly: isReportOnly, usesXMLSignature: usesXMLSignature, venName: venName)
    }

    /// Rule 402. A VEN that pulls has no address that matters: some peers write the word `None` there.
    private static func transport(
        _ name: TransportName, address: String?, pulls: Bool?, in element: Element
    ) throws(Problem) -> Transport {
        switch name {
        case .xmpp:
            return .xmpp(address: address ?? "")
        case .simpleHTTP:
            guard pulls == false else { return .httpPull }
            guard let address else { throw element.problem(.complianceError, "a push needs an address") }
            return .httpPush(address: address)
        }
    }

    func write(to xml: XMLWriter) {
        xml.leaf("pyld:requestID", requestID)
        xml.leaf("ei:registrationID", optional: registrationID)
        xml.leaf("ei:venID", optional: venID)
        xml.leaf("oadr:oadrProfileName", profile.rawValue)
        xml.leaf("oadr:oadrTransportName", transport.name.rawValue)
        switch transport {
        case .httpPull: break
        case .httpPush(let address), .xmpp(let address): xml.leaf("oadr:oadrTransportAddress", address)
        }
        xml.leaf("oadr:oadrReportOnly", isReportOnly)
        xml.leaf("oadr:oadrXmlSignature", usesXMLSignature)
        xml.leaf("oadr:oadrVenName", optional: venName)
        if transport.name == .simpleHTTP { xml.leaf("oadr:oadrHttpPullModel", transport == .httpPull) }
    }
}

extension CancelPartyRegistration: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            requestID: try cursor.required(.pyld("requestID")).id(),
            registrationID: try cursor.required(.ei("registrationID")).id(),
            venID: try cursor.optional(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.leaf("pyld:requestID", requestID)
        xml.leaf("ei:registrationID", registrationID)
        xml.leaf("ei:venID", optional: venID)
    }
}

extension CanceledPartyRegistration: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            response: try EiResponse(cursor.required(.ei("eiResponse"))),
            registrationID: try cursor.optional(.ei("registrationID")).id(),
            venID: try cursor.optional(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        response.write(to: xml)
        xml.leaf("ei:registrationID", optional: registrationID)
        xml.leaf("ei:venID", optional: venID)
    }
}

extension RequestReregistration: CodableMessage {
    init(_ element: Element) throws(Problem) {
        self.init(venID: try element.child(.ei("venID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.leaf("ei:venID", venID)
    }
}
