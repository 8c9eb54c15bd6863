import Foundation

/// How a VTN is reached and recognised: written by `curtail serve` when it listens, read when a VEN gets its bundle.
struct VTNAddress: Codable, Hashable {
    /// Without path: `https://localhost:8443`.
    let url: String
    let vtnID: String

    private static func path(_ services: ResolvedServices) -> String { "\(services.stateDirectory)/vtn.json" }

    func write(to services: ResolvedServices) throws {
        let path = Self.path(services)
        do {
            try Data((try JSONOutput.text(self) + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure(
                "The file \(path) cannot be written: \(error.localizedDescription)",
                hint: "give the user of the program rights to it, or choose another --state-directory")
        }
    }

    /// Nil where no VTN has run yet.
    static func read(from services: ResolvedServices) -> VTNAddress? {
        guard let data = FileManager.default.contents(atPath: path(services)) else { return nil }
        return try? JSONDecoder().decode(VTNAddress.self, from: data)
    }
}
