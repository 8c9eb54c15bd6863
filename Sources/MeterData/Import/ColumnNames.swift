/// What the names of columns tell, in the words of exports that were seen. Names are in lower case, words apart.
enum ColumnNames {
    private static func words(_ name: String) -> Set<String> { Set(name.split(separator: " ").map(String.init)) }

    static func isMeter(_ name: String) -> Bool {
        let known: Set<String> = [
            "meter", "meter id", "meterid", "meter number", "meter name", "site", "building", "zone", "name", "mpan",
            "esi id",
            "esiid", "nmi", "ean", "lclid", "customer", "household", "id", "messstelle", "zahler", "zähler",
            "service point", "usage point", "device",
        ]
        return known.contains(name)
    }

    static func isHour(_ name: String) -> Bool { ["hour ending", "he", "hour", "hour end", "stunde"].contains(name) }

    static func isEnd(_ name: String) -> Bool {
        !words(name).isDisjoint(with: ["end", "ending", "bis", "to", "until", "ende"])
    }

    static func isUTC(_ name: String) -> Bool { !words(name).isDisjoint(with: ["utc", "gmt", "zulu"]) }

    static func isRegister(_ name: String) -> Bool {
        !words(name).isDisjoint(with: [
            "register", "index", "zählerstand", "zaehlerstand", "stand", "cumulative", "counter", "accumulated",
        ])
    }

    /// Numbers that are no load: weather, money, quality.
    static func isOther(_ name: String) -> Bool {
        let known: Set<String> = [
            "temp", "temperature", "oat", "drybulb", "dewpnt", "dew", "humidity", "lmp", "usd", "eur", "price", "cost",
            "rate", "quality", "status", "flag", "code", "estimated", "tariff", "duration", "power_factor", "voltage",
            "year",
            "month", "day", "weekday",
        ]
        return !words(name).isDisjoint(with: known)
    }

    /// The unit that the last word names, unless another word says that it is money.
    static func unit(_ name: String) -> ImportPlan.Unit? {
        guard !isOther(name), let last = name.split(separator: " ").last else { return nil }
        return ImportPlan.Unit.allCases.first { $0.rawValue.lowercased() == last }
    }

    /// A column's name as a meter's: without the unit in brackets or at the end.
    static func meter(_ header: String) -> String {
        var name = header.split(separator: "(").first.map(String.init) ?? header
        name = name.split(separator: "[").first.map(String.init) ?? name
        for unit in ImportPlan.Unit.allCases {
            for mark in [" ", "_"] where name.lowercased().hasSuffix(mark + unit.rawValue.lowercased()) {
                name.removeLast(unit.rawValue.count + 1)
            }
        }
        let trimmed = Cell.trimmed(Array(name.utf8)[...])
        return String(decoding: trimmed, as: UTF8.self)
    }
}
