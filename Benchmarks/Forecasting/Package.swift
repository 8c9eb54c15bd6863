// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "forecasting-benchmark",
    dependencies: [.package(name: "curtail", path: "../..")],
    targets: [
        .executableTarget(
            name: "ForecastingBenchmark",
            dependencies: [.product(name: "Forecasting", package: "curtail")],
            swiftSettings: [
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            ])
    ]
)
