internal import OpenADR

extension Element {
    /// Gives the names of signals that are not in the standard's list the form that the standard has for them, `x-…`.
    ///
    /// The schema's list is closed but for that form, so that one event with a name of somebody's own would cost the whole
    /// message, the other events included (406). Rules 19 and 48 want it the other way round: that event is answered with
    /// 460, the others count.
    func extendUnknownSignalNames() {
        for event in children where event.isNamed(.oadr("oadrEvent")) {
            let signals = event.descendants([
                .ei("eiEvent"), .ei("eiEventSignals"), .ei("eiEventSignal"), .ei("signalName"),
            ])
            for name in signals {
                let word = name.text.trimmed
                guard !word.isEmpty, word.utf8.count <= 128, SignalName(rawValue: word) == nil else { continue }
                name.replaceText("x-\(word)")
            }
        }
    }

    /// All elements that are reached by these names one after the other.
    private func descendants(_ names: [Name]) -> [Element] {
        names.reduce([self]) { found, name in found.flatMap { $0.children.filter { $0.isNamed(name) } } }
    }
}
