internal import OpenADR

extension SummaryMeasurement {
    init(_ element: Element) {
        self.init(
            powerOfTen: element.number("powerOfTenMultiplier"), time: element.number("timeStamp"),
            unit: element.code("uom"), value: element.number("value"))
    }

    func write(to xml: XMLWriter, as name: String) {
        xml.element("espi:\(name)") {
            xml.espi("powerOfTenMultiplier", powerOfTen)
            xml.espi("timeStamp", time)
            xml.espi("uom", unit?.rawValue)
            xml.espi("value", value)
        }
    }
}

extension PowerUsageSummary {
    init(_ element: Element) {
        self.init(statusTime: element.number("statusTimeStamp") ?? 0)
        billingPeriod = element.part("billingPeriod").map(ESPIInterval.init)
        billLastPeriod = element.number("billLastPeriod")
        billToDate = element.number("billToDate")
        additionalCost = element.number("costAdditionalLastPeriod")
        additionalCosts = element.parts("costAdditionalDetailLastPeriod").map(CostLine.init)
        currency = element.number("currency")
        for quantity in Quantity.allCases {
            quantities[quantity] = element.part(quantity.rawValue).map(SummaryMeasurement.init)
        }
        quality = element.code("qualityOfReading")
        ratchetDemand = element.part("ratchetDemand").map(SummaryMeasurement.init)
        ratchetDemandPeriod = element.part("ratchetDemandPeriod").map(ESPIInterval.init)
    }

    func write(to xml: XMLWriter) {
        billingPeriod?.write(to: xml, as: "espi:billingPeriod")
        xml.espi("billLastPeriod", billLastPeriod)
        xml.espi("billToDate", billToDate)
        xml.espi("costAdditionalLastPeriod", additionalCost)
        for line in additionalCosts { line.write(to: xml) }
        xml.espi("currency", currency)
        for quantity in Quantity.allCases { quantities[quantity]?.write(to: xml, as: quantity.rawValue) }
        xml.espi("qualityOfReading", quality?.rawValue)
        ratchetDemand?.write(to: xml, as: "ratchetDemand")
        ratchetDemandPeriod?.write(to: xml, as: "espi:ratchetDemandPeriod")
        xml.espi("statusTimeStamp", statusTime)
    }
}

extension CostLine {
    fileprivate init(_ element: Element) {
        self.init(
            amount: element.number("amount") ?? 0, rounding: element.number("rounding"),
            time: element.number("dateTime") ?? 0, note: element.part("note")?.text ?? "")
    }

    fileprivate func write(to xml: XMLWriter) {
        xml.element("espi:costAdditionalDetailLastPeriod") {
            xml.espi("amount", amount)
            xml.espi("rounding", rounding)
            xml.espi("dateTime", time)
            xml.leaf("espi:note", note)
        }
    }
}

extension PowerQualitySummary {
    init(_ element: Element) {
        self.init(interval: element.part("summaryInterval").map(ESPIInterval.init) ?? ESPIInterval())
        for quantity in Quantity.allCases { quantities[quantity] = element.number(quantity.rawValue) }
    }

    /// The time stands before the voltages of the supply.
    func write(to xml: XMLWriter) {
        for quantity in Quantity.allCases {
            if quantity == .supplyVoltageDips { interval.write(to: xml, as: "espi:summaryInterval") }
            xml.espi(quantity.rawValue, quantities[quantity])
        }
    }
}
