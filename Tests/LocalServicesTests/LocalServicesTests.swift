import Glibc
import LocalServices
import Testing

@Suite struct LocalServicesTests {
    @Test func `starts and stops`() async throws {
        let folder = "/tmp/lstest"
        let clock = ContinuousClock()
        for _ in 0..<3 {
            let start = clock.now
            let services = try await LocalServices.start(in: folder)
            print("start", start.duration(to: clock.now))
            let stop = clock.now
            try await services.stop()
            print("stop", stop.duration(to: clock.now))
        }
    }
}
