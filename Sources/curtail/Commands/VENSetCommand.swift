import ArgumentParser
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// `curtail ven set`: how the VTN wants a VEN to speak.
struct VENSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set how the VTN wants a VEN to speak.",
        discussion: """
            Without an option it shows what holds. A change takes effect within seconds, on open connections too.
            Signatures are the profile's high security level: with 'required' an unsigned message is refused (403). A VEN
            that registers with oadrXmlSignature binds itself to sign, whatever is set here.
            With '--reading lenient' known deviations of devices in the field are tolerated (elements out of order, times
            with an offset, missing requestIDs, units like kWh, words in another case, ...); each is a warning in the
            payload log: see 'curtail ven log --trouble'.

            Examples:
              curtail ven set plant-7
              curtail ven set plant-7 --signatures required
              curtail ven set plant-7 --clock-skew 20m
              curtail ven set old-gateway --reading lenient
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The VEN's id.", valueName: "name"))
    var name: String

    @Option(help: "Whether its messages have to be signed: optional or required.")
    var signatures: SignaturesArgument?

    @Option(
        name: .customLong("clock-skew"),
        help: ArgumentHelp("How far the time of a signature may be from now (1s to 1d).", valueName: "span"))
    var clockSkew: SpanArgument?

    @Option(help: "Whether messages that deviate from the standard are taken: strict or lenient.")
    var reading: ReadingArgument?

    @Flag(help: "Print one JSON object.")
    var json = false

    enum ReadingArgument: String, ExpressibleByArgument, CaseIterable {
        case strict
        case lenient
    }

    enum SignaturesArgument: String, ExpressibleByArgument, CaseIterable {
        case optional
        case required
    }

    private struct Answer: Encodable {
        let venID: String
        let signatures: String
        let clockSkewSeconds: Int64
        let reading: String
    }

    func validate() throws {
        if let clockSkew, !(1...86_400).contains(clockSkew.span.seconds) {
            throw ValidationError("--clock-skew takes 1s to 1d.")
        }
    }

    func run() async throws {
        let services = services.resolved(defaultState: ServiceOptions.servedState)
        let settings = try await OperatorDatabase.with(services) { database in
            let venID = VENID(name)
            guard try await MariaDBTopNodeStore(database.pool).transaction({ try await $0.ven(venID) }) != nil else {
                throw CommandFailure("There is no VEN \(name).", hint: "see 'curtail cert list'", status: .notFound)
            }
            let store = WireSettingsStore(database.pool)
            var settings = try await store.settings(of: venID)
            if let signatures { settings.signatures = signatures == .required ? .required : .optional }
            if let clockSkew { settings.clockSkew = clockSkew.span }
            if let reading { settings.isLenient = reading == .lenient }
            try await store.save(settings, of: venID)
            return settings
        }
        let answer = Answer(
            venID: name, signatures: settings.signatures.rawValue, clockSkewSeconds: settings.clockSkew.seconds,
            reading: (settings.isLenient ? ReadingArgument.lenient : .strict).rawValue)
        guard !json else { return print(try JSONOutput.text(answer)) }
        print(
            """
            \(answer.venID)
              signatures  \(answer.signatures)
              clock skew  \(SpanArgument(settings.clockSkew))
              reading     \(answer.reading)
            """)
    }
}
