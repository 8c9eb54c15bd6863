internal import OpenADR

extension ItemBase {
    /// Descriptions and units are fixed by the element's name wherever this does not read them.
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        let name = element.localName
        if name == "oadrGBDataDescription" {
            self = .greenButton(GreenButtonFeed(try cursor.required(.atom("feed"))))
            return
        }
        let home: Namespace = Self.isGrid(name) ? .power : .oadr
        let description = try cursor.required(Name(namespace: home, local: "itemDescription")).text
        let units = try cursor.required(Name(namespace: home, local: "itemUnits"))
        if name == "pulseCount" {
            self = .pulseCount(factor: try cursor.required(.oadr("pulseFactor")).number())
            return
        }
        let scale = try cursor.required(.scale("siScaleCode")).listed(SIScale.self)
        if let kind = Self.kind(name, prefix: "power") {
            let attributes = try PowerAttributes(cursor.required(.power("powerAttributes")))
            let unit = kind == .real ? try units.listed(RealPowerUnit.self) : .watt
            self = .power(kind, unit: unit, scale: scale, attributes: attributes)
        } else if let kind = Self.kind(name, prefix: "energy") {
            self = .energy(kind, scale: scale)
        } else if let base = CurrencyBase(rawValue: name) {
            self = .currency(base, code: try units.listed(CurrencyCode.self), scale: scale)
        } else {
            switch name {
            case "voltage": self = .voltage(scale: scale)
            case "current": self = .current(scale: scale)
            case "frequency": self = .frequency(scale: scale)
            case "Therm": self = .therm(scale: scale)
            case "temperature": self = .temperature(try units.listed(TemperatureUnit.self), scale: scale)
            case "customUnit": self = .custom(description: description, unit: units.text, scale: scale)
            default: throw element.problem(.invalidData, "\(name) is no unit")
            }
        }
    }

    private static func kind(_ name: String, prefix: String) -> PowerKind? {
        name.hasPrefix(prefix) ? PowerKind(rawValue: String(name.dropFirst(prefix.count))) : nil
    }

    /// Whether the element is of `power`, not of `oadr`.
    private static func isGrid(_ name: String) -> Bool {
        name == "voltage" || kind(name, prefix: "power") != nil || kind(name, prefix: "energy") != nil
    }

    func write(to xml: XMLWriter) {
        switch self {
        case .power(let kind, let unit, let scale, let attributes):
            let unit =
                switch kind {
                case .real: unit.rawValue
                case .apparent: "VA"
                case .reactive: "VAR"
                }
            Self.write(to: xml, "power:power\(kind.rawValue)", "\(kind.rawValue)Power", unit, scale) {
                attributes.write(to: xml)
            }
        case .energy(let kind, let scale):
            let unit =
                switch kind {
                case .real: "Wh"
                case .apparent: "VAh"
                case .reactive: "VARh"
                }
            Self.write(to: xml, "power:energy\(kind.rawValue)", "\(kind.rawValue)Energy", unit, scale)
        case .voltage(let scale): Self.write(to: xml, "power:voltage", "Voltage", "V", scale)
        case .current(let scale): Self.write(to: xml, "oadr:current", "Current", "A", scale)
        case .frequency(let scale): Self.write(to: xml, "oadr:frequency", "Frequency", "Hz", scale)
        case .therm(let scale): Self.write(to: xml, "oadr:Therm", "Therm", "thm", scale)
        case .temperature(let unit, let scale):
            Self.write(to: xml, "oadr:temperature", "temperature", unit.rawValue, scale)
        case .currency(let base, let code, let scale):
            // The schema's list of descriptions lacks currencyPerThm.
            let description = base == .perTherm ? CurrencyBase.amount : base
            Self.write(to: xml, "oadr:\(base.rawValue)", description.rawValue, code.rawValue, scale)
        case .custom(let description, let unit, let scale):
            Self.write(to: xml, "oadr:customUnit", description, unit, scale)
        case .greenButton(let feed): xml.element("oadr:oadrGBDataDescription") { feed.write(to: xml) }
        case .pulseCount(let factor):
            xml.element("oadr:pulseCount") {
                xml.leaf("oadr:itemDescription", "pulse count")
                xml.leaf("oadr:itemUnits", "count")
                xml.leaf("oadr:pulseFactor", optional: factor)
            }
        }
    }

    private static func write(
        to xml: XMLWriter, _ name: String, _ description: String, _ unit: String, _ scale: SIScale,
        _ rest: () -> Void = {}
    ) {
        let prefix = name.prefix { $0 != ":" }
        xml.element(name) {
            xml.leaf("\(prefix):itemDescription", description)
            xml.leaf("\(prefix):itemUnits", unit)
            xml.leaf("scale:siScaleCode", scale.rawValue)
            rest()
        }
    }
}

extension PowerAttributes {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        self.init(
            hertz: try cursor.required(.power("hertz")).number(),
            voltage: try cursor.required(.power("voltage")).number(),
            isAlternating: try cursor.required(.power("ac")).boolean())
    }

    func write(to xml: XMLWriter) {
        xml.element("power:powerAttributes") {
            xml.leaf("power:hertz", hertz.xmlDecimal)
            xml.leaf("power:voltage", voltage.xmlDecimal)
            xml.leaf("power:ac", isAlternating)
        }
    }
}
