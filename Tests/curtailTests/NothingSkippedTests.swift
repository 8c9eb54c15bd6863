import Foundation
import Testing

/// Tests that need reference data or foreign programs skip without them. Where `CURTAIL_NO_SKIP` is set, as in CI, this
/// one fails instead.
@Suite struct NothingSkippedTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test(
        .enabled(if: environment["CURTAIL_NO_SKIP"] != nil),
        arguments: [
            "data/forecast/baseline_oracle.json", "data/forecast/reference.json", "data/load/isone_hourly_2017q1.csv",
            "openadr/payloads/golden/oadrPoll.xml", "openadr/payloads/openleadr-0.5.36/http_in_oadrPoll.xml",
        ])
    func `the reference data is there`(file: String) throws {
        let folder = try #require(Self.environment["CURTAIL_SHARED"])
        #expect(FileManager.default.isReadableFile(atPath: "\(folder)/\(file)"))
    }

    @Test(.enabled(if: environment["CURTAIL_NO_SKIP"] != nil)) func `the foreign TLS peer is there`() {
        #expect(FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"))
    }
}
