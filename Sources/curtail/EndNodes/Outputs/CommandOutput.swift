import Foundation
import VirtualEndNode

/// Runs a program for each instruction, which stands in its environment.
struct CommandOutput: ControlOutput {
    let command: [String]

    func apply(_ instruction: Instruction, isRepetition: Bool) async throws {
        let message = InstructionMessage(instruction, isRepetition: isRepetition)
        _ = try await ChildProgram(command: command, limit: .seconds(30)).run(environment: message.variables)
    }
}
