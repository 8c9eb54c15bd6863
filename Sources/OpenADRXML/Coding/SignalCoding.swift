internal import Measures
internal import OpenADR

extension EventSignal {
    init(_ element: Element, in period: ActivePeriod) throws(Problem) {
        var cursor = Cursor(element)
        let intervals = try SignalInterval.read(
            cursor.required(.strm("intervals")), from: period.start, whole: period.duration)
        let target = try Target(cursor.optional(.ei("eiTarget")))
        let name = try cursor.required(.ei("signalName")).listed(SignalName.self)
        let type = try cursor.required(.ei("signalType")).listed(SignalType.self)
        let signalID = try cursor.required(.ei("signalID")).id(SignalID.self)
        let itemBase = try cursor.any(unless: .ei("currentValue")).read(ItemBase.init)
        let currentValue = try cursor.optional(.ei("currentValue")).read { current throws(Problem) in
            try current.child(.ei("payloadFloat")).child(.ei("value")).number()
        }
        self.init(
            signalID: signalID, name: name, type: type, itemBase: itemBase, intervals: intervals, target: target,
            currentValue: currentValue)
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:eiEventSignal") {
            SignalInterval.write(intervals, to: xml)
            if !target.isEmpty { target.write(to: xml, as: "ei:eiTarget") }
            xml.leaf("ei:signalName", name.rawValue)
            xml.leaf("ei:signalType", type.rawValue)
            xml.leaf("ei:signalID", signalID)
            itemBase?.write(to: xml)
            if let currentValue { xml.element("ei:currentValue") { xml.payloadFloat(currentValue) } }
        }
    }
}

extension SignalInterval {
    /// The wire should leave every start out (rule 103) and give every duration (rule 102). Peers break both: a start
    /// is passed over, and a single interval without a duration lasts as long as the whole.
    static func read(_ element: Element, from start: Instant, whole: TimeSpan) throws(Problem) -> [SignalInterval] {
        let elements = element.children
        var intervals: [SignalInterval] = []
        var position = start
        for (index, element) in elements.enumerated() {
            var cursor = Cursor(element)
            _ = cursor.optional(.xcal("dtstart"))
            let given = try cursor.optional(.xcal("duration"))
                .read { element throws(Problem) in try element.wrappedDuration(from: position) }
            guard let duration = given ?? (elements.count == 1 ? whole : nil), duration >= .zero else {
                throw element.problem(.complianceError, "an interval of a signal has no sane duration")
            }
            let uid = try cursor.optional(.xcal("uid")).read { uid throws(Problem) in try uid.uid() } ?? index
            let payload = try cursor.required(.ei("signalPayload"))
            guard cursor.any(unless: .xcal("uid")) == nil else {
                throw element.problem(.complianceError, "an interval of a signal has more than one payload")
            }
            let value = try payload.child(.ei("payloadFloat")).child(.ei("value")).number()
            intervals.append(SignalInterval(uid: uid, duration: duration, value: value))
            position = position + duration
        }
        return intervals
    }

    static func write(_ intervals: [SignalInterval], to xml: XMLWriter) {
        xml.element("strm:intervals") {
            for interval in intervals {
                xml.element("ei:interval") {
                    xml.duration("xcal:duration", interval.duration)
                    xml.uid(interval.uid)
                    xml.element("ei:signalPayload") { xml.payloadFloat(interval.value) }
                }
            }
        }
    }
}

extension Element {
    /// The number in an `xcal:uid`.
    func uid() throws(Problem) -> Int {
        guard let number = Int32(try child(.xcal("text")).text.trimmed) else {
            throw problem(.outOfSequence, "uid is not a number")
        }
        return Int(number)
    }
}

extension XMLWriter {
    func payloadFloat(_ value: Double) {
        element("ei:payloadFloat") { leaf("ei:value", optional: value) }
    }

    func uid(_ number: Int?) {
        if let number { element("xcal:uid") { leaf("xcal:text", number) } }
    }
}

extension EventBaseline {
    init(_ element: Element) throws(Problem) {
        var cursor = Cursor(element)
        let start = try cursor.required(.xcal("dtstart")).wrappedInstant()
        let duration = try cursor.required(.xcal("duration")).wrappedDuration(from: start)
        let intervals = try SignalInterval.read(cursor.required(.strm("intervals")), from: start, whole: duration)
        let baselineID = try cursor.required(.ei("baselineID")).id(BaselineID.self)
        let resourceIDs: [ResourceID] = try cursor.all(.ei("resourceID")).ids()
        let name = try cursor.required(.ei("baselineName")).text
        self.init(
            baselineID: baselineID, name: name, start: start, duration: duration, intervals: intervals,
            resourceIDs: resourceIDs, itemBase: try cursor.any(unless: .ei("baselineName")).read(ItemBase.init))
    }

    func write(to xml: XMLWriter) {
        xml.element("ei:eiEventBaseline") {
            xml.start(start)
            xml.duration("xcal:duration", duration)
            SignalInterval.write(intervals, to: xml)
            xml.leaf("ei:baselineID", baselineID)
            for id in resourceIDs { xml.leaf("ei:resourceID", id) }
            xml.leaf("ei:baselineName", name)
            itemBase?.write(to: xml)
        }
    }
}
