internal import OpenADR

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
