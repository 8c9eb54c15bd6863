import Measures

/// Collects the entries of a feed: what a reading type means, which meter reading has it, and the blocks of values.
struct GreenButtonReader {
    private static let espi = "http://naesb.org/espi"

    struct ReadingType {
        /// Wh for each unit; nil for what is no energy or power.
        var factor: Double?
        var isPower = false
        var isRegister = false
        /// -1 for what flows to the grid.
        var sign = 1.0
    }

    struct Block {
        /// What the entry's `up` link names: the meter reading that it belongs to.
        let up: String
        let title: String
        let readings: [(start: Int64, seconds: Int64, value: Double)]
    }

    private(set) var types: [String: ReadingType] = [:]
    /// Meter reading to reading type, and its title.
    private(set) var typeOf: [String: String] = [:]
    private(set) var titles: [String: String] = [:]
    private(set) var blocks: [Block] = []

    mutating func visit(_ element: Element) {
        guard element.localName != "entry" else { return entry(element) }
        for child in element.children { visit(child) }
    }

    private mutating func entry(_ entry: Element) {
        var links: [String: [String]] = [:]
        var title = ""
        for child in entry.children {
            switch child.localName {
            case "link": links[child.attribute("rel") ?? "", default: []].append(child.attribute("href") ?? "")
            case "title": title = child.text.trimmed
            default: break
            }
        }
        let own = links["self"]?.first ?? ""
        for content in entry.children where content.localName == "content" {
            for thing in content.children where thing.qualifiedName.hasPrefix("{\(Self.espi)}") {
                switch thing.localName {
                case "ReadingType": types[own] = Self.type(thing)
                case "MeterReading":
                    typeOf[own] = links["related"]?.first { $0.contains("ReadingType") }
                    titles[own] = title
                case "IntervalBlock":
                    blocks.append(Block(up: links["up"]?.first ?? "", title: title, readings: Self.readings(thing)))
                default: break
                }
            }
        }
    }

    private static func number(_ element: Element, _ name: String) -> Int64? {
        element.children.first { $0.localName == name }.flatMap { Int64($0.text.trimmed) }
    }

    /// ESPI's codes: uom 72 is Wh, 38 is W; accumulation 1 (bulk quantity) and 3 (cumulative) are registers; flow 19 is
    /// reverse.
    private static func type(_ element: Element) -> ReadingType {
        var type = ReadingType()
        let power = number(element, "powerOfTenMultiplier") ?? 0
        let scale = (0..<abs(power)).reduce(1.0) { value, _ in power > 0 ? value * 10 : value / 10 }
        switch number(element, "uom") {
        case 72: type.factor = scale
        case 38:
            type.factor = scale
            type.isPower = true
        default: type.factor = nil
        }
        let accumulation = number(element, "accumulationBehaviour")
        type.isRegister = accumulation == 1 || accumulation == 3
        type.sign = number(element, "flowDirection") == 19 ? -1 : 1
        return type
    }

    private static func readings(_ block: Element) -> [(start: Int64, seconds: Int64, value: Double)] {
        block.children.compactMap { reading in
            guard reading.localName == "IntervalReading",
                let period = reading.children.first(where: { $0.localName == "timePeriod" }),
                let start = number(period, "start"), let value = number(reading, "value"),
                (0..<7_258_118_400).contains(start)
            else { return nil }
            let seconds = number(period, "duration") ?? 0
            guard (0...31 * 86_400).contains(seconds) else { return nil }
            return (start, seconds, Double(value))
        }
    }

    /// The reading type of a block: through its meter reading, or the only one there is.
    func type(of block: Block) -> (key: String, type: ReadingType)? {
        let reading = typeOf.keys.first { block.up == $0 || block.up.hasPrefix($0 + "/") } ?? ""
        if let key = typeOf[reading], let type = types[key] { return (reading, type) }
        guard types.count == 1, let only = types.first else { return nil }
        return (reading, only.value)
    }
}

extension GreenButtonFile {
    /// The blocks put together by meter reading, in order of time; the last of two values of one time counts.
    static func series(_ reader: GreenButtonReader) throws(DecodingFailure) -> [Series] {
        var found: [String: (type: GreenButtonReader.ReadingType, byStart: [Int64: IntervalReading])] = [:]
        for block in reader.blocks {
            guard let (key, type) = reader.type(of: block), let factor = type.factor else { continue }
            for reading in block.readings {
                var energy = reading.value * factor * type.sign
                if type.isPower { energy *= Double(reading.seconds) / 3_600 }
                guard type.isRegister || reading.seconds > 0 else { continue }
                found[key, default: (type, [:])].byStart[reading.start] = IntervalReading(
                    start: Instant(secondsSinceEpoch: reading.start), duration: .seconds(reading.seconds),
                    energy: WattHours(energy))
            }
        }
        return found.sorted { $0.key < $1.key }.map { key, value in
            Series(
                name: reader.titles[key] ?? "", isRegister: value.type.isRegister,
                readings: value.byStart.values.sorted { $0.start < $1.start })
        }
    }
}
