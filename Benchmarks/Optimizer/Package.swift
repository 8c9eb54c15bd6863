// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// The targets are links to the project's own: the benchmark needs these few, and none of the project's packages.
let package = Package(
    name: "optimizer-benchmark",
    targets: [
        .systemLibrary(name: "CCbc"),
        .target(name: "Measures", swiftSettings: settings),
        .target(name: "Optimization", dependencies: ["CCbc"], swiftSettings: settings),
        .target(name: "Forecasting", swiftSettings: settings),
        .target(
            name: "DemandResponse", dependencies: ["Forecasting", "Measures", "Optimization"], swiftSettings: settings),
        .target(name: "SiteScheduling", dependencies: ["Optimization"], swiftSettings: settings),
        .executableTarget(
            name: "OptimizerBenchmark", dependencies: ["DemandResponse", "Measures", "Optimization", "SiteScheduling"],
            swiftSettings: settings),
    ]
)
