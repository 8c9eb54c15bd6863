import ArgumentParser
import DemandResponse
import Measures
import Persistence

/// `curtail programme prices`.
struct ProgrammePricesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices",
        abstract: "Import the market's prices, for terms that pass them on.",
        discussion: """
            FILE is CSV with the header start,price: a UTC time and the price of a kWh, with at most 6 decimals; a price \
            may be below zero. Prices that begin at a known time replace it; what is booked keeps what it was counted \
            from until it is settled again. An event with an hour without a price pays nobody.

            Example:
              curtail programme prices "Day-ahead" lmp.csv --currency USD --step 60
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: "The programme's name.")
    var name: String

    @Argument(help: "The CSV file.")
    var file: String

    @Option(help: "The currency of the prices.")
    var currency = "USD"

    @Option(help: ArgumentHelp("How long each price holds.", valueName: "minutes"))
    var step: Int64 = 60

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws { try ProgrammeSeriesFile.validate(step: step) }

    func run() async throws {
        guard let currency = Currency(rawValue: currency) else {
            throw SheetError("The currency '\(currency)' is unknown; EUR and USD are known.").failure
        }
        let prices = try ProgrammeSeriesFile.rows(file, header: "price", step: .minutes(step)) { text in
            EnergyPrice(micros: try DecimalAmount.parse(text, "price", currency, decimals: 6), currency: currency)
        }
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            guard let program = try await ProgramStore(database.pool).program(named: name) else {
                throw CommandFailure.noProgram(name)
            }
            try await ProgramSeriesStore(database.pool).write(
                prices: prices.map { (window: $0.window, price: $0.value) }, of: program)
        }
        try ProgrammeSeriesFile.report(name, prices.map(\.window), "prices", json)
    }
}

/// `curtail programme weather`.
struct ProgrammeWeatherCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weather",
        abstract: "Import temperatures, for baseline rules that look at them.",
        discussion: """
            FILE is CSV with the header start,temperature: a UTC time and degrees Celsius. Rules that need the weather \
            (caiso-weather-4, towt) have no baseline without it, and the terms' next rule is tried.

            Example:
              curtail programme weather "Summer peak" airport.csv --step 60
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: "The programme's name.")
    var name: String

    @Argument(help: "The CSV file.")
    var file: String

    @Option(help: ArgumentHelp("How long each temperature holds.", valueName: "minutes"))
    var step: Int64 = 60

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws { try ProgrammeSeriesFile.validate(step: step) }

    func run() async throws {
        let rows = try ProgrammeSeriesFile.rows(file, header: "temperature", step: .minutes(step)) { text in
            guard let celsius = Double(text), (-90...70).contains(celsius) else {
                throw SheetError("'\(text)' is no temperature in degrees Celsius.").failure
            }
            return celsius
        }
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            guard let program = try await ProgramStore(database.pool).program(named: name) else {
                throw CommandFailure.noProgram(name)
            }
            try await ProgramSeriesStore(database.pool).write(
                temperatures: rows.map { (window: $0.window, celsius: $0.value) }, of: program)
        }
        try ProgrammeSeriesFile.report(name, rows.map(\.window), "temperatures", json)
    }
}
