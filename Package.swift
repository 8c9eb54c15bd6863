// swift-tools-version: 6.2
import PackageDescription

/// One set of rules for every target of ours.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "curtail",
    products: [
        .executable(name: "curtail", targets: ["curtail"]),
        .library(name: "Forecasting", targets: ["Forecasting"]),
        .library(name: "VirtualEndNode", targets: ["VirtualEndNode"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // C libraries: a module map and a shim each, one importer each.
        .systemLibrary(name: "CArgon2"),
        .systemLibrary(name: "CCbc"),
        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CHiredis"),
        .systemLibrary(name: "CJemalloc"),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CMariaDB"),
        .systemLibrary(name: "COpenSSL"),
        // pkg-config's own flags for xmlsec1 are not all taken; Sources/CXMLSec/shim.h has the rest.
        .systemLibrary(name: "CXMLSec", pkgConfig: "xmlsec1-openssl", providers: [.apt(["libxmlsec1-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // The field: no C, no sockets.
        library("Measures"),
        library("Forecasting"),
        library("OpenADR", ["Measures"]),
        library("DemandResponse", ["Forecasting", "Measures", "Optimization"]),
        library("MeterData", ["Measures"]),
        library("Plots", ["Measures"]),
        library("SiteSimulation", ["Measures"]),

        library("Accounts", ["DemandResponse", "Measures", .product(name: "Crypto", package: "swift-crypto")]),

        // The protocol: values and actions, no I/O.
        library("VirtualTopNode", ["Measures", "OpenADR"]),

        // Leaves that hide a library or the operating system.
        library("Optimization", ["CCbc"]),
        library("SiteScheduling", ["Optimization"]),
        library("OpenADRXML", ["CLibXML2", "Measures", "OpenADR"]),
        library("HTTPCoding", ["CZlib"]),
        library("XMLSignatures", ["CXMLSec", "Measures"]),
        library("MariaDB", ["CMariaDB"]),
        library("Redis", ["CHiredis", nioCore, nioPosix]),
        library("PasswordHashing", ["CArgon2", nioPosix]),
        library("Mail", ["CCurl", "Measures", nioPosix]),
        library("MutualTLS", ["COpenSSL", nioCore, nioPosix, nioHTTP1]),
        library(
            "Credentials",
            [
                "Measures",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]),
        library(
            "LocalServices",
            [
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),

        // The rim: stores, clients and servers.
        library(
            "Persistence",
            [
                "Accounts", "DemandResponse", "MariaDB", "Measures", "MeterData", "OpenADR", "Redis", "VirtualTopNode",
            ]),
        library(
            "VirtualEndNode",
            [
                "HTTPCoding", "Measures", "MutualTLS", "OpenADR", "OpenADRXML", "XMLSignatures", nioCore, nioPosix,
                logging,
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        library(
            "WebServer",
            [
                "HTTPCoding", "Measures", "MutualTLS", "OpenADR", "OpenADRXML", "VirtualTopNode", "XMLSignatures",
                logging, nioCore, nioHTTP1,
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        library(
            "Portal",
            [
                "Accounts", "DemandResponse", "Mail", "MariaDB", "Measures", "MeterData", "OpenADR", "PasswordHashing",
                "Persistence", "Plots", "VirtualTopNode", logging, nioCore,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        // The composition root.
        .executableTarget(
            name: "curtail",
            dependencies: [
                "Accounts", "CJemalloc", "Credentials", "DemandResponse", "Forecasting", "LocalServices", "Mail",
                "MariaDB",
                "Measures", "MeterData", "MutualTLS", "OpenADR", "OpenADRXML", "Optimization", "PasswordHashing",
                "Persistence",
                "Plots", "Portal", "Redis", "SiteScheduling", "SiteSimulation", "VirtualEndNode", "VirtualTopNode",
                "WebServer",
                "XMLSignatures", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),

        // Measured by Benchmarks/Settlement/run.
        .executableTarget(
            name: "SettlementBenchmark", dependencies: ["DemandResponse", "Measures"], path: "Benchmarks/Settlement",
            exclude: ["run"], swiftSettings: settings),
        // What the polls of the OpenADR benchmark are measured against.
        .executableTarget(
            name: "FixedAnswer",
            dependencies: [
                "CJemalloc", "MutualTLS", "OpenADR", "OpenADRXML", "WebServer", logging, nioCore,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Benchmarks/OpenADR/FixedAnswer", swiftSettings: settings),

        // Tests mirror the targets; what two of them share is a target too.
        .target(
            name: "TopNodeTesting", dependencies: ["Measures", "OpenADR", "VirtualTopNode"],
            path: "Tests/TopNodeTesting", swiftSettings: settings),
        .target(
            name: "MessageAudit", dependencies: ["OpenADR", "OpenADRXML"], path: "Tests/MessageAudit",
            swiftSettings: settings),
        tests("AccountsTests", ["Accounts", "DemandResponse", "Measures"]),
        // Runs the built program, so it must be there.
        tests("CommandLineTests", ["curtail"]),
        tests(
            "CredentialsTests",
            [
                "Credentials", "Measures",
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ]),
        .testTarget(
            name: "DemandResponseTests", dependencies: ["DemandResponse", "Measures", "Optimization"],
            exclude: ["Oracle"], swiftSettings: settings),
        tests("ForecastingTests", ["Forecasting"]),
        tests(
            "IntegrationTests",
            [
                "MessageAudit",
                "Credentials", "DemandResponse", "LocalServices", "MariaDB", "Measures", "MutualTLS", "OpenADR",
                "OpenADRXML", "Persistence", "VirtualEndNode", "VirtualTopNode", "WebServer", "XMLSignatures", logging,
                nioCore, nioPosix,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests("HTTPCodingTests", ["HTTPCoding"]),
        tests("LocalServicesTests", ["LocalServices", "MariaDB"]),
        tests("MailTests", ["Mail", "Measures", nioCore, nioPosix]),
        tests("MariaDBTests", ["LocalServices", "MariaDB"]),
        tests("MeasuresTests", ["Measures"]),
        tests("MeterDataTests", ["Measures", "MeterData"]),
        tests("MutualTLSTests", ["Credentials", "Measures", "MutualTLS", nioCore, nioEmbedded, nioHTTP1, nioPosix]),
        tests("OpenADRTests", ["Measures", "OpenADR"]),
        tests("OpenADRXMLTests", ["MessageAudit", "Measures", "OpenADR", "OpenADRXML"]),
        tests("OptimizationTests", ["Optimization"]),
        tests("PasswordHashingTests", ["PasswordHashing"]),
        tests(
            "PersistenceTests",
            [
                "Accounts", "DemandResponse", "LocalServices", "MariaDB", "Measures", "MeterData", "OpenADR",
                "Persistence", "Redis", "TopNodeTesting", "VirtualTopNode",
            ]),
        tests("PlotsTests", ["Measures", "Plots"]),
        tests(
            "PortalTests",
            [
                "Accounts", "DemandResponse", "LocalServices", "MariaDB", "Measures", "OpenADR", "PasswordHashing",
                "Persistence", "Portal", "VirtualTopNode", logging, nioCore, nioEmbedded,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ]),
        tests("RedisTests", ["LocalServices", "Redis"]),
        tests("SiteSchedulingTests", ["Optimization", "SiteScheduling"]),
        tests("SiteSimulationTests", ["Measures", "SiteSimulation"]),
        tests(
            "VirtualEndNodeTests",
            [
                "MessageAudit",
                "Measures", "MutualTLS", "OpenADR", "OpenADRXML", "TopNodeTesting", "VirtualEndNode", "VirtualTopNode",
                logging,
            ]),
        tests("VirtualTopNodeTests", ["MessageAudit", "Measures", "OpenADR", "TopNodeTesting", "VirtualTopNode"]),
        tests(
            "WebServerTests",
            [
                "MessageAudit",
                "HTTPCoding", "Measures", "OpenADR", "OpenADRXML", "VirtualTopNode", "WebServer", logging, nioCore,
                nioEmbedded,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            ]),
        tests("XMLSignaturesTests", ["Measures", "OpenADR", "OpenADRXML", "XMLSignatures"]),
        tests(
            "curtailTests",
            [
                "MessageAudit",
                "Credentials", "DemandResponse", "Forecasting", "LocalServices", "MariaDB", "Measures", "MeterData",
                "MutualTLS", "OpenADR", "OpenADRXML", "Persistence", "SiteSimulation", "VirtualEndNode",
                "VirtualTopNode", "WebServer", "XMLSignatures", "curtail", logging,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ]
)
