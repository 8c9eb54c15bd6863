import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

/// A message that cannot be used gets its own kind of answer, and a stranger learns nothing from it.
@Suite struct FaultyMessageTests {
    private static let codes: [(venID: VENID?, peer: Int, code: ResponseCode)] = [
        ("ven-1", 1, .invalidData), (nil, 1, .invalidData), ("ven-2", 1, .invalidID), ("nobody", 1, .invalidID),
        ("ven-2", 2, .notRegistered), ("ven-1", 9, .notRegistered), (nil, 9, .notRegistered),
    ]

    private func answer(
        _ name: String, at service: ServiceName, venID: VENID? = "ven-1", peer: Int = 1, in counter: Counter
    ) async throws -> Payload {
        let message = FaultyMessage(
            elementName: name, venID: venID, requestID: "q-7", subject: "subject", code: .invalidData,
            reason: "nonsense")
        return try await counter.vtn.handle(
            .faulty(message), at: service, from: .numbered(UInt8(peer)), now: Counter.start)
    }

    @Test func `rule 517: the natural response of every message, with its requestID, and no change`() async throws {
        let counter = try await Counter.registered()
        let before = await counter.store.rows
        let names = IdentityTests.messages("ven-1").map(\.elementName)
        for (name, expected) in zip(names, IdentityTests.answers) {
            let service = try #require(Payload.services[name]) ?? .eiEvent
            for row in Self.codes {
                let answer = try await answer(name, at: service, venID: row.venID, peer: row.peer, in: counter)
                #expect(answer.elementName == expected)
                #expect(answer.response?.code == row.code, "\(name) \(row)")
                #expect(answer.response?.requestID == "q-7")
            }
        }
        #expect(await counter.store.rows == before)
    }

    @Test func `what an answer must repeat is repeated`() async throws {
        let counter = try await Counter.registered()
        guard case .createdOpt(let opt) = try await answer("oadrCreateOpt", at: .eiOpt, in: counter),
            case .canceledOpt(let cancelled) = try await answer("oadrCancelOpt", at: .eiOpt, in: counter),
            case .canceledPartyRegistration(let party) = try await answer(
                "oadrCancelPartyRegistration", at: .eiRegisterParty, in: counter),
            case .createdPartyRegistration(let created) = try await answer(
                "oadrCreatePartyRegistration", at: .eiRegisterParty, peer: 2, in: counter)
        else {
            Issue.record("another answer")
            return
        }
        #expect(opt.optID == "subject" && cancelled.optID == "subject" && party.registrationID == "subject")
        #expect(created.response.code == .invalidID && created.registrationID == nil)
    }

    @Test func `rule 33: a message at another service's door is a compliance error`() async throws {
        let counter = try await Counter.registered()
        let answer = try await answer("oadrCreateOpt", at: .eiReport, in: counter)
        #expect(answer.elementName == "oadrResponse" && answer.response?.code == .complianceError)
        #expect(answer.response?.requestID == "q-7")
    }
}
