internal import Measures
internal import OpenADR

extension GreenButtonFeed {
    /// Every entry at or below an element: feeds in files come with anything around them.
    init(_ root: Element) {
        self.init(
            id: root.part("id")?.text.trimmed ?? "", title: root.part("title")?.text.trimmed ?? "",
            updated: root.part("updated")?.time, entries: [])
        visit(root)
    }

    private mutating func visit(_ element: Element) {
        guard element.localName != "entry" else { return entries.append(GreenButtonEntry(element)) }
        var child = element.firstChild
        while let current = child {
            visit(current)
            child = current.next
        }
    }

    /// `atom:feed`, with the two namespaces that no other message needs.
    func write(to xml: XMLWriter) {
        xml.element("atom:feed") {
            for namespace in [Namespace.atom, .espi] {
                xml.attribute("xmlns:\(namespace.prefix)", "\(namespace.uri)")
            }
            xml.leaf("atom:id", id)
            xml.leaf("atom:title", title)
            if let updated { xml.leaf("atom:updated", updated) }
            for entry in entries { entry.write(to: xml) }
        }
    }
}

extension GreenButtonEntry {
    fileprivate init(_ element: Element) {
        self.init(id: "", address: "", resources: [])
        var child = element.firstChild
        while let current = child {
            switch current.localName {
            case "id": id = current.text.trimmed
            case "title": title = current.text.trimmed
            case "updated": updated = current.time
            case "link": add(link: current)
            case "content": resources += current.children.compactMap(GreenButtonResource.init)
            default: break
            }
            child = current.next
        }
    }

    private mutating func add(link: Element) {
        let target = link.attribute("href") ?? ""
        switch link.attribute("rel") {
        case "self": if address.isEmpty { address = target }
        case "up": parent = parent ?? target
        case "related": related.append(target)
        default: break
        }
    }

    fileprivate func write(to xml: XMLWriter) {
        func link(_ relation: String, _ target: String) {
            xml.element("atom:link") {
                xml.attribute("rel", relation)
                xml.attribute("href", target)
            }
        }
        xml.element("atom:entry") {
            xml.leaf("atom:id", id)
            if !address.isEmpty { link("self", address) }
            if let parent { link("up", parent) }
            for target in related { link("related", target) }
            xml.leaf("atom:title", title)
            xml.element("atom:content") { for resource in resources { resource.write(to: xml) } }
            if let updated { xml.leaf("atom:updated", updated) }
        }
    }
}

extension GreenButtonResource {
    fileprivate init?(_ element: Element) {
        guard element.namespaceIs(.espi) else { return nil }
        switch element.localName {
        case "UsagePoint": self = .usagePoint(UsagePoint(element))
        case "MeterReading": self = .meterReading
        case "ReadingType": self = .readingType(MeterReadingType(element))
        case "IntervalBlock": self = .intervalBlock(IntervalBlock(element))
        case "ElectricPowerUsageSummary": self = .usageSummary(PowerUsageSummary(element))
        case "ElectricPowerQualitySummary": self = .qualitySummary(PowerQualitySummary(element))
        case "LocalTimeParameters": self = .localTime(LocalTimeParameters(element))
        default: return nil
        }
    }

    fileprivate func write(to xml: XMLWriter) {
        switch self {
        case .usagePoint(let point): xml.element("espi:UsagePoint") { point.write(to: xml) }
        case .meterReading: xml.element("espi:MeterReading")
        case .readingType(let type): xml.element("espi:ReadingType") { type.write(to: xml) }
        case .intervalBlock(let block): xml.element("espi:IntervalBlock") { block.write(to: xml) }
        case .usageSummary(let summary): xml.element("espi:ElectricPowerUsageSummary") { summary.write(to: xml) }
        case .qualitySummary(let summary): xml.element("espi:ElectricPowerQualitySummary") { summary.write(to: xml) }
        case .localTime(let time): xml.element("espi:LocalTimeParameters") { time.write(to: xml) }
        }
    }
}

extension Element {
    /// The first child of that name; files have several namespaces for the same things.
    func part(_ name: String) -> Element? {
        var child = firstChild
        while let current = child {
            if current.hasLocalName(name) { return current }
            child = current.next
        }
        return nil
    }

    func parts(_ name: String) -> [Element] { children.filter { $0.hasLocalName(name) } }

    func number<Number: FixedWidthInteger>(_ name: String, as type: Number.Type = Number.self) -> Number? {
        part(name).flatMap { Number($0.text.trimmed) }
    }

    func code<Code: RawRepresentable<UInt16>>(_ name: String, as type: Code.Type = Code.self) -> Code? {
        number(name, as: UInt16.self).flatMap { Code(rawValue: $0) }
    }

    /// Nil for a time that is not said in UTC.
    fileprivate var time: Instant? { Instant(utc: text.trimmed) }
}
