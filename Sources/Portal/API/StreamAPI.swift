import Accounts
import HTTPTypes
import Hummingbird
import Measures
import NIOCore
import OpenADR
import Persistence
import Synchronization
import VirtualTopNode

/// Live data as server-sent events: what changes about the events that one sees, as it changes.
enum StreamAPI {
    private static let seconds = Operation.Parameter(
        name: "seconds", shape: .integer(1...3_600), about: "How long the stream goes on; 300 without it.")

    static let routes: [Route] = [
        .api(
            .get, "/stream", .needs(.seeOwn), "Your events as they change (server-sent events)",
            Operation(tag: "Events", query: [seconds], answer: .events), open)
    ]

    /// Streams that one replica keeps open.
    private static let limit = 500
    private static let pause = TimeSpan.seconds(2)

    @Sendable private static func open(_ visit: Visit) async throws -> Response {
        try visit.checkQuery([seconds])
        guard let place = visit.portal.streams.enter(limit) else { throw Problem.busy }
        let end = visit.now + .seconds(Int64(visit.query.text("seconds")) ?? 300)
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                defer { withExtendedLifetime(place) {} }
                var writer = writer
                try await writer.write(ByteBuffer(string: "retry: 5000\n\n"))
                var told: [String: JSONValue] = [:]
                while visit.portal.now < end {
                    // Whoever was suspended or logged out meanwhile hears nothing more.
                    guard let viewer = try await visit.portal.apiTokens.viewer(try visit.viewer.account) else { break }
                    let text = try await news(for: viewer, &told, visit.portal)
                    try await writer.write(ByteBuffer(string: text))
                    do {
                        try await visit.portal.parts.time.sleep(for: pause)
                    } catch {
                        break
                    }
                }
                try await writer.finish(nil)
            })
    }

    /// Those events that are not as they were told last, or a comment that keeps proxies awake.
    private static func news(
        for viewer: Viewer, _ told: inout [String: JSONValue], _ portal: Portal
    ) async throws -> String {
        let now = portal.now
        let part = try await portal.events.events(seenBy: viewer, PartRequest(limit: 50))
        var text = ""
        for row in part.rows {
            let id = row.record.eventID.rawValue
            let value = Resources.event.json((row, now))
            guard told[id] != value else { continue }
            told[id] = value
            text += "event: event\ndata: \(String(decoding: try value.encoded(), as: UTF8.self))\n\n"
        }
        return text.isEmpty ? ": \(now)\n\n" : text
    }
}

/// Counts the streams that are open.
final class OpenStreams: Sendable {
    private let count = Atomic(0)

    /// A place among so many, given back when nobody holds it any more; nil when all are taken.
    func enter(_ limit: Int) -> Place? {
        guard count.add(1, ordering: .relaxed).newValue <= limit else {
            count.subtract(1, ordering: .relaxed)
            return nil
        }
        return Place(self)
    }

    final class Place: Sendable {
        private let streams: OpenStreams

        init(_ streams: OpenStreams) {
            self.streams = streams
        }

        deinit {
            streams.count.subtract(1, ordering: .relaxed)
        }
    }
}
