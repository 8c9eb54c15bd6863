import Credentials
import Foundation
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import SiteSimulation
import VirtualEndNode
import VirtualTopNode
import XMLSignatures

/// Thousands of VENs in one process: each with its own key, its own TLS context and its own connection.
struct Fleet: Sendable {
    let count: Int
    let endpoint: VTNEndpoint
    let profile: TLSProfile
    let trustRoots: TrustRoots
    let codec: OpenADRCodec
    let behaviour: FleetBehaviour
    let period: TimeSpan
    /// In seconds: the time over which the VENs start one after the other.
    let ramp: Double
    let seed: UInt64
    let prefix: String
    let sites: [SimulatedSite]
    let tally: FleetTally
    let record: FleetRecord?
    /// Whether messages are signed both ways; with the authority's certificate, whose holders may sign for the VTN.
    var signedBy: String?

    func venID(_ index: Int) -> VENID { VENID("\(prefix)\(index + 1)") }

    /// A key and a certificate for each VEN, made on all processors.
    func issue(
        by authority: CertificateAuthority, now: Instant, progress: @escaping @Sendable (Int) -> Void
    ) async throws -> [IssuedCertificate] {
        let workers = max(ProcessInfo.processInfo.activeProcessorCount, 1)
        return try await withThrowingTaskGroup(of: [(Int, IssuedCertificate)].self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var random = SystemRandomNumberGenerator()
                    return try stride(from: worker, to: count, by: workers).map { index in
                        let issued = try authority.issue(
                            CertificateRequest(
                                profile: .ven(commonName: venID(index).rawValue), keyType: .p256,
                                serial: SerialNumber(using: &random), notBefore: now - .hours(1),
                                notAfter: now + .days(397)))
                        if worker == 0 { progress(min(index + workers, count)) }
                        return (index, issued)
                    }
                }
            }
            var all: [(Int, IssuedCertificate)] = []
            for try await part in group { all += part }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Opens the VTN's door for all of them.
    func admit(
        _ certificates: [IssuedCertificate], to topNode: TopNode, progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        let workers = 8
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<workers {
                group.addTask {
                    for index in stride(from: worker, to: count, by: workers) {
                        guard let digest = CertificateDigest(bytes: certificates[index].derSHA256) else {
                            throw CommandFailure("A certificate has no digest.", hint: "report this as a defect")
                        }
                        try await topNode.admit(
                            venID(index), name: venID(index).rawValue, certificate: digest, pollFrequency: period)
                        if worker == 0 { progress(min(index + workers, count)) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// What signs one VEN's messages; nil at the standard security level.
    private func signing(_ issued: IssuedCertificate) throws -> MessageSigning? {
        guard let authority = signedBy else { return nil }
        let host = endpoint.host
        return MessageSigning(
            key: try SigningKey(certificatePEM: issued.certificatePEM, privateKeyPEM: issued.privateKeyPEM),
            time: SystemTime(), makeNonce: { UUID().uuidString }
        ) { der in
            guard let shown = try? CertificateSummary(der: der) else { return false }
            return shown.isIssued(byAuthority: authority) && shown.names(host)
        }
    }

    /// Runs all VENs for a time, or until the task is cancelled.
    func run(_ certificates: [IssuedCertificate], for span: TimeSpan, watch: @escaping @Sendable (Int) -> Void)
        async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                let issued = certificates[index]
                group.addTask {
                    let identity = try TLSIdentity(
                        chainPEM: issued.chainPEM, privateKeyPEM: issued.privateKeyPEM)
                    try await FleetMember(
                        index: index, venID: venID(index), identity: identity, signing: try signing(issued), fleet: self
                    ).run()
                }
            }
            group.addTask {
                let end = ContinuousClock.now + .seconds(span.seconds)
                while ContinuousClock.now < end {
                    try await Task.sleep(for: .seconds(1))
                    watch(tally.now.registered)
                }
                throw FleetIsDone()
            }
            defer { group.cancelAll() }
            do {
                // Until the first one throws; `waitForAll` would wait for the others too.
                while try await group.next() != nil {}
            } catch is FleetIsDone {}
        }
    }
}

private struct FleetIsDone: Error {}
