import Measures
import OpenADR
import Testing

@testable import curtail

/// An installer's file, the environment and flags: which counts, and how a mistake is told.
@Suite struct VENSettingsTests {
    private static let file = """
        # A plant.
        venID: plant-7
        vtn:
          url: https://vtn.example.com:8443/dr
          fingerprints:
            - 00:11:22:33:44:55:66:77:88:99
            - aabbccddeeff00112233
        poll: 30s
        marketContexts: http://example.com/shed
        """

    private static func settings(
        _ text: String = file, environment: [String: String] = [:],
        flags: [(path: String, flag: String, text: String)] = []
    ) throws -> VENSettings {
        try VENSettings(layers(text, environment: environment, flags: flags), folder: "/etc/ven")
    }

    private static func layers(
        _ text: String, environment: [String: String] = [:], flags: [(path: String, flag: String, text: String)] = []
    ) throws -> LayeredSettings {
        try LayeredSettings(
            keys: VENSettings.keys, text: text, name: "ven.yaml", environment: environment,
            prefix: VENSettings.prefix, flags: flags)
    }

    @Test func `a file is read, with defaults for the rest`() throws {
        let settings = try Self.settings()
        #expect(settings.venID == "plant-7")
        #expect(settings.venName == "plant-7")
        #expect(settings.endpoint == VTNEndpoint("https://vtn.example.com:8443/dr"))
        #expect(settings.fingerprints == ["00:11:22:33:44:55:66:77:88:99", "AA:BB:CC:DD:EE:FF:00:11:22:33"])
        #expect(settings.poll == .seconds(30))
        #expect(settings.marketContexts == ["http://example.com/shed"])
        #expect(settings.verification == .name)
        #expect(settings.certificate == "/etc/ven/ven.crt")
        #expect(settings.state == "/etc/ven/state")
        #expect(settings.opt == .optIn)
    }

    @Test func `flags count more than the environment, that more than the file, that more than the default`() throws {
        let environment = ["CURTAIL_VEN_POLL": "40s", "CURTAIL_VEN_OPT": "out", "CURTAIL_VEN_VTN_URL": ""]
        let layers = try Self.layers(
            Self.file, environment: environment, flags: [(path: "poll", flag: "--poll", text: "50s")])
        #expect(layers["poll"]?.source == .flag("--poll"))
        #expect(layers["opt"]?.source == .environment("CURTAIL_VEN_OPT"))
        #expect(layers["vtn.url"]?.source == .file("ven.yaml", line: 4))
        #expect(layers["share"]?.source == .standard)
        let settings = try VENSettings(layers, folder: "/etc/ven")
        #expect(settings.poll == .seconds(50))
        #expect(settings.opt == .optOut)
    }

    @Test(arguments: [
        ("poll: soon", "ven.yaml line 1: poll takes a span from 1s to 1d, such as 10s, not 'soon'."),
        ("\nshare: 2", "ven.yaml line 2: share takes 0 to 1, not '2'."),
        ("load: [1]", "ven.yaml line 1: load takes 0 to 1000000000 watts, not a list or settings of its own."),
        (
            "vtn:\n  url: ftp://x",
            "ven.yaml line 2: vtn.url takes a URL like https://vtn.example.com:8443, not 'ftp://x'."
        ),
        ("vtn: x", "ven.yaml line 1: 'vtn' has settings of its own below it."),
        ("pol: 10s", "ven.yaml line 1: there is no setting 'pol'. Did you mean 'poll'?"),
        ("vtn:\n  verfy: both", "ven.yaml line 2: there is no setting 'vtn.verfy'. Did you mean 'vtn.verify'?"),
        ("nothing-like-it-at-all: 1", "ven.yaml line 1: there is no setting 'nothing-like-it-at-all'."),
        ("vtn:\n  fingerprints: [12, 34]", "ven.yaml line 2: vtn.fingerprints[1] takes a fingerprint like "),
        ("- a", "ven.yaml line 1: settings are lines like 'poll: 10s'."),
        ("tls: fast", "ven.yaml line 1: tls takes openadr, strict, modern, not 'fast'."),
        ("vtn:\n  verify: both", "vtn.verify is 'both', and no fingerprint is set."),
        ("venID: plant-7\nvenID: plant-8", "ven.yaml line 2: 'venID' stands there twice."),
        ("venID: \"open", "ven.yaml line 1: "), ("\tvenID: x", "ven.yaml line 1: "),
    ])
    func `a mistake is told with its line, in a sentence`(text: String, message: String) {
        let url: [(path: String, flag: String, text: String)] =
            text.contains("url") || text.contains("vtn: x")
            ? [] : [(path: "vtn.url", flag: "--url", text: "https://a.example")]
        let failure = #expect(throws: CommandFailure.self) { try Self.settings(text, flags: url) }
        #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "")")
        #expect(failure?.hint.isEmpty == false)
    }

    @Test func `a flag or variable that is wrong is named`() {
        let flag = #expect(throws: CommandFailure.self) {
            try Self.settings(flags: [(path: "pole", flag: "--set pole", text: "1s")])
        }
        #expect(flag?.message == "--set pole: there is no setting 'pole'. Did you mean 'poll'?")
        let variable = #expect(throws: CommandFailure.self) {
            try Self.settings(environment: ["CURTAIL_VEN_SHARE": "half"])
        }
        #expect(variable?.message == "CURTAIL_VEN_SHARE: share takes 0 to 1, not 'half'.")
    }

    @Test func `without a VTN there is nothing to run`() {
        let failure = #expect(throws: CommandFailure.self) { try Self.settings("venID: plant-7") }
        #expect(failure?.message == "The setting 'vtn.url' is missing.")
    }

    @Test func `an empty file is one with nothing set`() throws {
        let url = [(path: "vtn.url", flag: "--url", text: "https://a.example")]
        #expect(try Self.settings("", flags: url).venName == "ven")
    }
}
