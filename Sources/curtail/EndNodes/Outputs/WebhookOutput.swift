import Foundation
import FoundationNetworking
import VirtualEndNode

/// Posts each instruction as JSON; any answer from 200 to 299 says that it is done.
struct WebhookOutput: ControlOutput {
    let url: URL

    func apply(_ instruction: Instruction, isRepetition: Bool) async throws {
        var request = URLRequest(url: url, timeoutInterval: 10)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try JSONEncoder().encode(InstructionMessage(instruction, isRepetition: isRepetition))
        let (_, response) = try await URLSession.shared.data(for: request)
        guard let status = (response as? HTTPURLResponse)?.statusCode, (200...299).contains(status) else {
            throw OutputFailure("\(url) answered \((response as? HTTPURLResponse)?.statusCode ?? 0)")
        }
    }
}
