internal import OpenADR

// The order of the calls is the order of the schema when writing; readers go by names.

extension ESPIInterval {
    init(_ element: Element) {
        self.init(duration: element.number("duration"), start: element.number("start"))
    }

    func write(to xml: XMLWriter, as name: String) {
        xml.element(name) {
            xml.espi("duration", duration)
            xml.espi("start", start)
        }
    }
}

extension UsagePoint {
    init(_ element: Element) {
        self.init(
            roleFlags: element.part("roleFlags")?.text.trimmed,
            serviceCategory: element.part("ServiceCategory")?.number("kind"), status: element.number("status"),
            deliveryPoint: element.part("ServiceDeliveryPoint").map(DeliveryPoint.init))
    }

    func write(to xml: XMLWriter) {
        xml.leaf("espi:roleFlags", optional: roleFlags)
        if let serviceCategory { xml.element("espi:ServiceCategory") { xml.leaf("espi:kind", serviceCategory) } }
        xml.espi("status", status)
        if let deliveryPoint {
            xml.element("espi:ServiceDeliveryPoint") {
                xml.leaf("espi:name", optional: deliveryPoint.name)
                xml.leaf("espi:tariffProfile", optional: deliveryPoint.tariffProfile)
                xml.leaf("espi:customerAgreement", optional: deliveryPoint.customerAgreement)
            }
        }
    }
}

extension DeliveryPoint {
    fileprivate init(_ element: Element) {
        self.init(
            name: element.part("name")?.text, tariffProfile: element.part("tariffProfile")?.text,
            customerAgreement: element.part("customerAgreement")?.text)
    }
}

extension LocalTimeParameters {
    init(_ element: Element) {
        self.init(
            daylightEnd: element.part("dstEndRule")?.text.trimmed ?? "",
            daylightStart: element.part("dstStartRule")?.text.trimmed ?? "",
            daylightOffset: element.number("dstOffset") ?? 0, zoneOffset: element.number("tzOffset") ?? 0)
    }

    func write(to xml: XMLWriter) {
        xml.leaf("espi:dstEndRule", daylightEnd)
        xml.espi("dstOffset", daylightOffset)
        xml.leaf("espi:dstStartRule", daylightStart)
        xml.espi("tzOffset", zoneOffset)
    }
}

extension MeterReadingType {
    init(_ element: Element) {
        self.init(
            accumulation: element.code("accumulationBehaviour"), commodity: element.number("commodity"),
            flow: element.code("flowDirection"), intervalLength: element.number("intervalLength"),
            powerOfTen: element.number("powerOfTenMultiplier"), unit: element.code("uom"))
        consumptionTier = element.number("consumptionTier")
        currency = element.number("currency")
        dataQualifier = element.number("dataQualifier")
        defaultQuality = element.code("defaultQuality")
        kind = element.number("kind")
        phase = element.number("phase")
        timeAttribute = element.number("timeAttribute")
        timeOfUse = element.number("tou")
        criticalPeak = element.number("cpp")
        measuringPeriod = element.number("measuringPeriod")
    }

    func write(to xml: XMLWriter) {
        xml.espi("accumulationBehaviour", accumulation?.rawValue)
        xml.espi("commodity", commodity)
        xml.espi("consumptionTier", consumptionTier)
        xml.espi("currency", currency)
        xml.espi("dataQualifier", dataQualifier)
        xml.espi("defaultQuality", defaultQuality?.rawValue)
        xml.espi("flowDirection", flow?.rawValue)
        xml.espi("intervalLength", intervalLength)
        xml.espi("kind", kind)
        xml.espi("phase", phase)
        xml.espi("powerOfTenMultiplier", powerOfTen)
        xml.espi("timeAttribute", timeAttribute)
        xml.espi("tou", timeOfUse)
        xml.espi("uom", unit?.rawValue)
        xml.espi("cpp", criticalPeak)
        xml.espi("measuringPeriod", measuringPeriod)
    }
}

extension IntervalBlock {
    init(_ element: Element) {
        self.init(
            interval: element.part("interval").map(ESPIInterval.init),
            readings: element.parts("IntervalReading").map(BlockReading.init))
    }

    func write(to xml: XMLWriter) {
        interval?.write(to: xml, as: "espi:interval")
        for reading in readings { reading.write(to: xml) }
    }
}

extension BlockReading {
    fileprivate init(_ element: Element) {
        self.init(
            cost: element.number("cost"),
            qualities: element.parts("ReadingQuality").compactMap { $0.code("quality") },
            period: element.part("timePeriod").map(ESPIInterval.init), value: element.number("value"))
    }

    fileprivate func write(to xml: XMLWriter) {
        xml.element("espi:IntervalReading") {
            xml.espi("cost", cost)
            for quality in qualities {
                xml.element("espi:ReadingQuality") { xml.leaf("espi:quality", quality.rawValue) }
            }
            period?.write(to: xml, as: "espi:timePeriod")
            xml.espi("value", value)
        }
    }
}

extension XMLWriter {
    /// Nothing for nil.
    func espi(_ name: String, _ number: (some FixedWidthInteger)?) {
        if let number { leaf("espi:\(name)", number) }
    }
}
