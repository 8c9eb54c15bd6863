import Credentials
import Foundation
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import VirtualEndNode

/// Looks at everything that a VEN needs, one thing after the other, and says in plain words what is wrong.
struct VENDoctor: Sendable {
    enum Verdict: String, Encodable {
        case fine
        case warning
        case wrong
    }

    struct Finding: Encodable {
        let check: String
        let verdict: Verdict
        let says: String
    }

    let settings: VENSettings
    let schemas: String

    /// In the order in which one needs the other; the rest is left out when nothing more can be found.
    func examine() async throws -> [Finding] {
        let now = SystemTime().now()
        var findings = certificate(now)
        let context: TLSClientContext
        do {
            context = try TLSClientContext(
                profile: settings.profile, identity: settings.identity, trustRoots: settings.trustRoots)
            findings.append(Finding(check: "key", verdict: .fine, says: "the private key belongs to the certificate"))
        } catch {
            return findings + [Finding(check: "key", verdict: .wrong, says: "\(error)")]
        }
        let place = "\(settings.endpoint.host):\(settings.endpoint.port)"
        let handshake: TLSHandshakeCompleted
        switch await shakeHands(context) {
        case .success(let completed):
            handshake = completed
            findings.append(Finding(check: "network", verdict: .fine, says: "\(place) can be reached"))
            findings.append(
                Finding(
                    check: "TLS", verdict: .fine,
                    says: "\(completed.version) with \(completed.cipher); the VTN takes this VEN's certificate"))
        case .failure(let failure):
            return findings + [Self.explain(failure, place: place)]
        }
        findings += await profiles()
        findings.append(fingerprint(handshake.peer))
        findings += try await conversation(context, now: now)
        return findings
    }

    private func certificate(_ now: Instant) -> [Finding] {
        func finding(_ verdict: Verdict, _ text: String) -> [Finding] {
            [Finding(check: "certificate", verdict: verdict, says: text)]
        }
        do {
            let summary = try CertificateSummary(file: settings.certificate)
            let who = "\(summary.commonName), fingerprint \(summary.openADRFingerprint)"
            let left = (summary.notAfter - now).seconds / 86_400
            if summary.notAfter <= now {
                return finding(.wrong, "\(who): it expired at \(summary.notAfter) (rule 516); have a new one issued")
            }
            if left < 30 { return finding(.warning, "\(who): it expires in \(left) days; have a new one issued") }
            return finding(.fine, "\(who), valid for \(left) more days")
        } catch {
            return finding(.wrong, "\(settings.certificate) cannot be used: \(error)")
        }
    }

    private func shakeHands(
        _ context: TLSClientContext
    ) async -> Result<TLSHandshakeCompleted, HTTPSFailure> {
        await TLSProbe.shakeHands(
            host: settings.endpoint.host, port: settings.endpoint.port, context: context,
            verification: settings.serverVerification)
    }

    private static func explain(_ failure: HTTPSFailure, place: String) -> Finding {
        guard case .tls(let reason) = failure else {
            return Finding(
                check: "network", verdict: .wrong,
                says: "\(place) cannot be reached: \(failure) Check the URL, the name, and any firewall between")
        }
        let says: String =
            switch reason.reason {
            case .peerCertificateExpired: "the VTN's certificate has expired, or this machine's clock is wrong"
            case .peerCertificateRefused:
                "the VTN's certificate is not of the authority in ca.crt, or does not name the host of vtn.url"
            case .fingerprintMismatch: "the VTN has another fingerprint than vtn.fingerprints: \(reason.detail)"
            case .nothingInCommon: "the VTN speaks no TLS version and suite of the profile; see the setting 'tls'"
            case .alertReceived:
                "the VTN ended the handshake (\(reason.detail)): most often it does not know this VEN's certificate"
            default: "\(reason)"
            }
        return Finding(check: "TLS", verdict: .wrong, says: says)
    }

    /// What the VTN speaks beside the profile that is set.
    private func profiles() async -> [Finding] {
        var spoken: [String] = []
        for profile in TLSProfile.allCases {
            guard let identity = try? settings.identity, let roots = try? settings.trustRoots,
                let context = try? TLSClientContext(profile: profile, identity: identity, trustRoots: roots),
                case .success(let handshake) = await shakeHands(context)
            else { continue }
            spoken.append("\(profile.rawValue) (\(handshake.version) \(handshake.cipher))")
        }
        let isPrescribed = spoken.contains { $0.hasPrefix("strict") }
        return [
            Finding(
                check: "suites", verdict: isPrescribed ? .fine : .warning,
                says: "the VTN speaks \(spoken.joined(separator: ", "))"
                    + (isPrescribed ? "" : "; none of the suites that rule 67 prescribes"))
        ]
    }

    private func fingerprint(_ peer: PeerCertificate?) -> Finding {
        let found = peer?.openADRFingerprint ?? "none"
        guard !settings.fingerprints.isEmpty else {
            return Finding(
                check: "fingerprint", verdict: .warning,
                says: "the VTN's is \(found); compare it with the operator's, and set vtn.fingerprints")
        }
        let isKnown = settings.fingerprints.contains(found)
        return Finding(
            check: "fingerprint", verdict: isKnown ? .fine : .wrong,
            says: isKnown
                ? "the VTN's \(found) is the one that is set"
                : "the VTN's is \(found), which is not in vtn.fingerprints")
    }

    /// A question that changes nothing: what the VTN says to oadrQueryRegistration, and when.
    private func conversation(_ context: TLSClientContext, now: Instant) async throws -> [Finding] {
        let codec = OpenADRCodec(schemas: try SchemaSet(folder: schemas))
        let client = HTTPSClient(
            host: settings.endpoint.host, port: settings.endpoint.port, context: context,
            verification: settings.serverVerification)
        defer { Task { await client.close() } }
        let question = codec.encode(.queryRegistration(QueryRegistration(requestID: RequestID(UUID().uuidString))))
        var path = settings.endpoint.path
        if path.hasSuffix("/") { path.removeLast() }
        let answer: HTTPSAnswer
        do throws(HTTPSFailure) {
            answer = try await client.post(path: path + ServiceName.eiRegisterParty.path, body: question)
        } catch {
            return [Finding(check: "registration", verdict: .wrong, says: "the VTN gives no answer: \(error)")]
        }
        return [clock(answer), registration(answer, codec)]
    }

    private func clock(_ answer: HTTPSAnswer) -> Finding {
        guard let text = answer.header("Date"), let theirs = Self.httpDate(text) else {
            return Finding(check: "clock", verdict: .warning, says: "the VTN does not say what time it is")
        }
        let error = (SystemTime().now() - theirs).seconds
        let says = error == 0 ? "as the VTN's" : "\(abs(error)) s \(error > 0 ? "ahead of" : "behind") the VTN's"
        return Finding(
            check: "clock", verdict: abs(error) <= 5 ? .fine : abs(error) <= 60 ? .warning : .wrong,
            says: abs(error) <= 5 ? says : says + "; events would begin at the wrong time (rule 114): set up NTP")
    }

    private func registration(_ answer: HTTPSAnswer, _ codec: OpenADRCodec) -> Finding {
        func finding(_ verdict: Verdict, _ text: String) -> Finding {
            Finding(check: "registration", verdict: verdict, says: text)
        }
        guard answer.status == 200, case .createdPartyRegistration(let message)? = try? codec.decode(answer.body) else {
            return finding(.wrong, "the VTN answers with HTTP \(answer.status) and no registration: is the path right?")
        }
        guard message.response.code.isSuccess else {
            return finding(
                .wrong,
                "the VTN refuses: \(message.response.code) \(message.response.description ?? ""); "
                    + "its operator has to admit this VEN's certificate")
        }
        if let expected = settings.vtnID, expected != message.vtnID {
            return finding(.warning, "this is the VTN \(message.vtnID), not \(expected) as vtn.id says")
        }
        let own = try? EndNodeKeeper.read(folder: settings.state, codec: codec).registration
        if let own { return finding(.fine, "registered as \(own.venID) at \(own.vtnID)") }
        return finding(
            .fine, "the VTN \(message.vtnID) answers; this VEN is not registered yet, 'curtail ven run' does it")
    }

    /// `Sat, 21 Nov 2026 15:12:34 GMT`.
    private static func httpDate(_ text: String) -> Instant? {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, let month = months.firstIndex(of: String(parts[2])), parts[1].count == 2 else {
            return nil
        }
        let number = month + 1
        return Instant(utc: "\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
    }
}
