import ArgumentParser
import Measures
import OpenADR
import VirtualTopNode

/// `curtail ven reregister`: the VTN asks for a new registration.
struct VENReregisterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reregister",
        abstract: "Ask a VEN to register again.",
        discussion: """
            Such as after a change of its poll frequency or its resources: it hears so with its next poll, or by a push
            at once. It keeps its registration until it has registered again; its reports are offered anew then.

            Example:
              curtail ven reregister plant-7
            """)

    @OptionGroup var registration: RegistrationOptions

    func run() async throws {
        try await registration.change("is asked to register again") {
            try await $0.requestReregistration(of: $1, now: SystemTime().now())
        }
    }
}

/// `curtail ven cancel`: the VTN ends a registration.
struct VENCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End a VEN's registration.",
        discussion: """
            It hears so with its next poll, or by a push at once; everything else that it sends is refused (463) until it
            registers again, which its certificate still allows. 'curtail cert revoke' is for one that must not come back.

            Example:
              curtail ven cancel plant-7
            """)

    @OptionGroup var registration: RegistrationOptions

    func run() async throws {
        try await registration.change("is told that its registration has ended") {
            try await $0.cancelRegistration(of: $1, now: SystemTime().now())
        }
    }
}

/// A VEN, and how to say what became of its registration.
struct RegistrationOptions: ParsableArguments {
    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The VEN's id.", valueName: "name"))
    var name: String

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Answer: Encodable {
        let venID: String
        let message: String
    }

    /// - Parameter done: what is said of the VEN then.
    func change(_ done: String, _ change: (TopNode, VENID) async throws -> Void) async throws {
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await change($0.topNode, VENID(name))
        }
        let answer = Answer(venID: name, message: "\(name) \(done)")
        print(json ? try JSONOutput.text(answer) : answer.message)
    }
}
