internal import Measures
internal import OpenADR

extension CreatedPartyRegistration: CodableMessage {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            response: try EiResponse(cursor.required(.ei("eiResponse"))),
            registrationID: try cursor.optional(.ei("registrationID")).id(),
            venID: try cursor.optional(.ei("venID")).id(),
            vtnID: try cursor.required(.ei("vtnID")).id(),
            profiles: try cursor.required(.oadr("oadrProfiles")).children.read(Profile.init),
            pollFrequency: try cursor.optional(.oadr("oadrRequestedOadrPollFreq"))
                .read { element throws(Problem) in try element.wrappedDuration() },
            serviceSpecificInfo: try (cursor.optional(.oadr("oadrServiceSpecificInfo"))?.children ?? [])
                .read(ServiceInfo.init),
            extensions: try (cursor.optional(.oadr("oadrExtensions"))?.children ?? [])
                .read(RegistrationExtension.init))
    }

    func write(to xml: XMLWriter) {
        response.write(to: xml)
        xml.leaf("ei:registrationID", optional: registrationID)
        xml.leaf("ei:venID", optional: venID)
        xml.leaf("ei:vtnID", vtnID)
        xml.element("oadr:oadrProfiles") {
            for profile in profiles { profile.write(to: xml) }
        }
        xml.duration("oadr:oadrRequestedOadrPollFreq", pollFrequency)
        if !serviceSpecificInfo.isEmpty {
            xml.element("oadr:oadrServiceSpecificInfo") {
                for service in serviceSpecificInfo { service.write(to: xml) }
            }
        }
        if !extensions.isEmpty {
            xml.element("oadr:oadrExtensions") {
                for one in extensions { one.write(to: xml) }
            }
        }
    }
}

extension Profile {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            name: try cursor.required(.oadr("oadrProfileName")).listed(ProfileName.self),
            transports: try cursor.required(.oadr("oadrTransports")).children.read { transport throws(Problem) in
                try transport.child(.oadr("oadrTransportName")).listed(TransportName.self)
            })
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrProfile") {
            xml.leaf("oadr:oadrProfileName", name.rawValue)
            xml.element("oadr:oadrTransports") {
                for transport in transports {
                    xml.element("oadr:oadrTransport") { xml.leaf("oadr:oadrTransportName", transport.rawValue) }
                }
            }
        }
    }
}

extension KeyValue {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            key: try cursor.required(.oadr("oadrKey")).text, value: try cursor.required(.oadr("oadrValue")).text)
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrInfo") {
            xml.leaf("oadr:oadrKey", key)
            xml.leaf("oadr:oadrValue", value)
        }
    }
}

extension ServiceInfo {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            service: try cursor.required(.oadr("oadrServiceName")).listed(ServiceName.self),
            info: try cursor.all(.oadr("oadrInfo")).read(KeyValue.init))
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrService") {
            xml.leaf("oadr:oadrServiceName", service.rawValue)
            for pair in info { pair.write(to: xml) }
        }
    }
}

extension RegistrationExtension {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            name: try cursor.required(.oadr("oadrExtensionName")).text,
            info: try cursor.all(.oadr("oadrInfo")).read(KeyValue.init))
    }

    func write(to xml: XMLWriter) {
        xml.element("oadr:oadrExtension") {
            xml.leaf("oadr:oadrExtensionName", name)
            for pair in info { pair.write(to: xml) }
        }
    }
}
