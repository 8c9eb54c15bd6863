internal import Measures
internal import OpenADR

// The order of the calls is the order of the schema, in both directions.

extension EiResponse {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            code: try cursor.required(.ei("responseCode")).responseCode(),
            description: cursor.optional(.ei("responseDescription")).text,
            requestID: try cursor.required(.pyld("requestID")).id())
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:eiResponse") {
            xml.leaf("ei:responseCode", code.description)
            xml.leaf("ei:responseDescription", optional: description)
            xml.leaf("pyld:requestID", requestID)
        }
    }
}

extension QualifiedEventID {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            eventID: try cursor.required(.ei("eventID")).id(),
            modificationNumber: try cursor.required(.ei("modificationNumber")).count())
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:qualifiedEventID") {
            xml.leaf("ei:eventID", eventID)
            xml.leaf("ei:modificationNumber", modificationNumber)
        }
    }
}

extension Target {
    /// Nothing is everything (rules 22 and 202).
    init(_ element: Element?) throws(Problem) {
        guard let element else {
            self = .everything
            return
        }
        func inner(_ name: Name) -> (Element) throws(Problem) -> String {
            { element throws(Problem) in
                var cursor = Cursor(element)
                return try cursor.required(name).text
            }
        }
        let node = inner(.power("node"))
        let mrid = inner(.power("mrid"))
        var cursor = Cursor(element)
        self.init(
            aggregatedPnodes: try cursor.all(.power("aggregatedPnode")).read(node),
            endDeviceAssets: try cursor.all(.power("endDeviceAsset")).read(mrid).map(DeviceClass.init),
            meterAssets: try cursor.all(.power("meterAsset")).read(mrid),
            pnodes: try cursor.all(.power("pnode")).read(node),
            serviceAreas: try cursor.all(.emix("serviceArea")).read(ServiceArea.init),
            serviceDeliveryPoints: try cursor.all(.power("serviceDeliveryPoint")).read(node),
            serviceLocations: try cursor.all(.power("serviceLocation")).read(ServiceArea.init),
            transportInterfaces: try cursor.all(.power("transportInterface")).read(TransportInterface.init),
            groupIDs: try cursor.all(.ei("groupID")).ids(),
            groupNames: cursor.all(.ei("groupName")).map(\.text),
            resourceIDs: try cursor.all(.ei("resourceID")).ids(),
            venIDs: try cursor.all(.ei("venID")).ids(),
            partyIDs: try cursor.all(.ei("partyID")).ids())
    }

    func write(to xml: XMLWriter, as name: String) {
        func wrapped(_ texts: [String], _ outer: String, _ inner: String) {
            for text in texts { xml.element(outer) { xml.leaf(inner, text) } }
        }
        xml.element(name) {
            wrapped(aggregatedPnodes, "power:aggregatedPnode", "power:node")
            wrapped(endDeviceAssets.map(\.rawValue), "power:endDeviceAsset", "power:mrid")
            wrapped(meterAssets, "power:meterAsset", "power:mrid")
            wrapped(pnodes, "power:pnode", "power:node")
            for area in serviceAreas { area.write(to: xml, as: "emix:serviceArea") }
            wrapped(serviceDeliveryPoints, "power:serviceDeliveryPoint", "power:node")
            for area in serviceLocations { area.write(to: xml, as: "power:serviceLocation") }
            for interface in transportInterfaces {
                xml.element("power:transportInterface") {
                    xml.leaf("power:pointOfReceipt", interface.pointOfReceipt)
                    xml.leaf("power:pointOfDelivery", interface.pointOfDelivery)
                }
            }
            for id in groupIDs { xml.leaf("ei:groupID", id) }
            for groupName in groupNames { xml.leaf("ei:groupName", groupName) }
            for id in resourceIDs { xml.leaf("ei:resourceID", id) }
            for id in venIDs { xml.leaf("ei:venID", id) }
            for id in partyIDs { xml.leaf("ei:partyID", id) }
        }
    }
}

extension [Element] {
    /// Elements without text name nobody (rule 46).
    func ids<ID: Identifier>() throws(Problem) -> [ID] {
        try read { element throws(Problem) in try element.id(ID.self) }.filter { !$0.isEmpty }
    }
}

extension TransportInterface {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            pointOfReceipt: try cursor.required(.power("pointOfReceipt")).text,
            pointOfDelivery: try cursor.required(.power("pointOfDelivery")).text)
    }
}

extension ServiceArea {
    init(_ element: Element) throws(Problem) {
        let collection = try element.child(.gml("FeatureCollection"))
        let polygon = try collection.child(.gml("location")).child(.gml("Polygon"))
        let ring = try polygon.child(.gml("exterior")).child(.gml("LinearRing"))
        let positions = try ring.child(.gml("posList"))
        let numbers = positions.text.split { $0.isWhitespace }.map { Double($0) }
        guard numbers.count % 2 == 0, numbers.allSatisfy({ $0?.isFinite ?? false }) else {
            throw positions.problem(.invalidData, "posList is not made of pairs of finite numbers")
        }
        let values = numbers.compactMap { $0 }
        self.init(
            id: collection.attribute("id"), polygonID: polygon.attribute("id"),
            corners: stride(from: 0, to: values.count, by: 2).map {
                Corner(latitude: values[$0], longitude: values[$0 + 1])
            })
    }

    func write(to xml: XMLWriter, as name: String) {
        xml.element(name) {
            xml.element("gml:FeatureCollection") {
                if let id { xml.attribute("gml:id", id) }
                xml.element("gml:location") {
                    xml.element("gml:Polygon") {
                        if let polygonID { xml.attribute("gml:id", polygonID) }
                        xml.element("gml:exterior") {
                            xml.element("gml:LinearRing") { xml.leaf("gml:posList", positions) }
                        }
                    }
                }
            }
        }
    }

    private var positions: String {
        corners.flatMap { [$0.latitude.xml, $0.longitude.xml] }.joined(separator: " ")
    }
}

extension Element {
    /// The only child.
    func child(_ name: Name) throws(Problem) -> Element {
        var cursor = Cursor(self)
        return try cursor.required(name)
    }
}
