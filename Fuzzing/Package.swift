// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// The targets are links to the project's own; everything is built with libFuzzer and AddressSanitizer (see Scripts/fuzz).
// A fuzz target has no main: libFuzzer brings one.
let package = Package(
    name: "fuzzing",
    targets: [
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0"),
        .target(name: "Measures", swiftSettings: settings),
        .target(name: "OpenADR", dependencies: ["Measures"], swiftSettings: settings),
        .target(name: "OpenADRXML", dependencies: ["CLibXML2", "Measures", "OpenADR"], swiftSettings: settings),
        .executableTarget(name: "FuzzAdmission", dependencies: ["OpenADRXML"], swiftSettings: settings),
        .target(name: "FuzzSupport", dependencies: ["OpenADRXML"], swiftSettings: settings),
        .executableTarget(
            name: "FuzzDecoding", dependencies: ["FuzzSupport", "OpenADR", "OpenADRXML"], swiftSettings: settings),
        .executableTarget(
            name: "FuzzRoundTrip", dependencies: ["FuzzSupport", "OpenADR", "OpenADRXML"], swiftSettings: settings),
        .executableTarget(
            name: "Seeds", dependencies: ["Measures", "OpenADR", "OpenADRXML"], swiftSettings: settings),
    ]
)
