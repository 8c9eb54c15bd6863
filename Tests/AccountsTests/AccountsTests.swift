import Accounts
import DemandResponse
import Measures
import Testing

private let now = Instant(year: 2026, month: 11, day: 21)

@Suite struct RoleTests {
    @Test func `a role follows from where a person belongs`() {
        #expect(
            Role(belongsToDistributor: false, hasOrganization: false, isAdmin: false, isOperator: true) == .resident)
        #expect(
            Role(belongsToDistributor: false, hasOrganization: true, isAdmin: true, isOperator: false)
                == .organizationAdmin)
        #expect(
            Role(belongsToDistributor: false, hasOrganization: true, isAdmin: false, isOperator: true)
                == .organizationMember)
        #expect(Role(belongsToDistributor: true, hasOrganization: true, isAdmin: false, isOperator: false) == .analyst)
        #expect(
            Role(belongsToDistributor: true, hasOrganization: true, isAdmin: false, isOperator: true)
                == .utilityOperator)
        #expect(
            Role(belongsToDistributor: true, hasOrganization: true, isAdmin: true, isOperator: false)
                == .distributorAdmin)
    }

    @Test func `an analyst, and a token that only reads, change nothing`() {
        #expect(Role.analyst.permissions.allSatisfy { !$0.writes })
        for role in Role.allCases {
            let viewer = Viewer(account: UserID(1), email: "a@b.c", organization: nil, role: role, access: .readOnly)
            #expect(Permission.allCases.allSatisfy { !viewer.may($0) || !$0.writes })
        }
    }

    @Test func `nobody outside the distributor sees the portfolio`() {
        for role in [Role.resident, .organizationMember, .organizationAdmin] {
            #expect(role.permissions.isDisjoint(with: [.seePortfolio, .seeSystem, .manageEvents, .manageAccounts]))
        }
    }
}

@Suite struct ThrottleTests {
    @Test func `five failures are free, then the wait doubles up to a minute`() {
        let waits = (1...14).map { LoginThrottle.wait(after: $0).seconds }
        #expect(waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
        #expect(LoginThrottle.wait(after: .max).seconds == 60)
    }

    @Test func `an hour without a failure forgets them`() {
        var throttle = LoginThrottle(failures: 0, lastFailure: now)
        for _ in 0..<6 { throttle = throttle.failing(at: now) }
        #expect(throttle.remaining(at: now) == .seconds(2))
        #expect(throttle.remaining(at: now + .seconds(2)) == .zero)
        #expect(throttle.failing(at: now + .hours(1)).failures == 1)
    }

    @Test func `a session ends idle or old, and does not begin in the future`() {
        #expect(SessionRules.isAlive(createdAt: now, seenAt: now, now: now + .minutes(29)))
        #expect(!SessionRules.isAlive(createdAt: now, seenAt: now, now: now + .minutes(30)))
        #expect(!SessionRules.isAlive(createdAt: now, seenAt: now + .hours(12), now: now + .hours(12)))
        #expect(!SessionRules.isAlive(createdAt: now + .seconds(1), seenAt: now, now: now))
    }
}

@Suite struct SecretTests {
    /// RFC 6238, appendix B, SHA-1, the last six of eight digits.
    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)])
    func `codes are those of RFC 6238`(_ second: Int64, _ expected: String) {
        let code = TimeBasedCode(secret: Array("12345678901234567890".utf8))
        #expect(code.code(counter: TimeBasedCode.counter(at: Instant(secondsSinceEpoch: second))) == expected)
    }

    @Test func `a code is good once, and one step to either side`() throws {
        let code = TimeBasedCode(secret: [UInt8](repeating: 7, count: 20))
        let current = TimeBasedCode.counter(at: now)
        for step in [-1, 0, 1] as [Int64] {
            #expect(code.accept(code.code(counter: current + step), at: now, lastUsed: nil) == current + step)
        }
        #expect(code.accept(code.code(counter: current + 2), at: now, lastUsed: nil) == nil)
        #expect(code.accept(code.code(counter: current), at: now, lastUsed: current) == nil)
        #expect(code.accept("", at: now, lastUsed: nil) == nil)
    }

    @Test func `what apps are given is well formed`() {
        let secret = Array("12345678901234567890".utf8)
        #expect(Base32.encode(secret) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(
            TimeBasedCode.address(secret: secret, account: "a b@c.de", issuer: "Curtail")
                == "otpauth://totp/Curtail:a%20b%40c.de?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Curtail")
    }

    @Test func `a token survives its text, and nothing else is one`() throws {
        let token = SecretToken { count in (0..<count).map { UInt8($0 * 7 % 256) } }
        #expect(token.text.count == 43)
        #expect(SecretToken(token.text)?.digest == token.digest)
        #expect(token.derived(for: "form") != token.derived(for: "other"))
        for bad in ["", "short", token.text + "A", String(repeating: "!", count: 43), token.text.dropLast() + "/"] {
            #expect(SecretToken(bad) == nil)
        }
    }

    @Test(arguments: 0..<70)
    func `base64url comes back`(_ length: Int) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ length) }
        #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
}

@Suite struct AddressAndPasswordTests {
    @Test func `an address is kept in lower case`() {
        #expect(EmailAddress("Ann@Example.ORG")?.text == "ann@example.org")
        for bad in [
            "", "a", "a@", "@b.c", "a b@c.de", "a@b", "a@b.c\r\nBcc: x", "a@@b.c", "a@b.c,d@e.f", "a@.bc", "é@b.cd",
        ] {
            #expect(EmailAddress(bad) == nil, "\(bad)")
        }
    }

    @Test(arguments: ["short", "aaaaaaaaaaaa", "password123", "1234567890", "anna.smith1", "Qwertyuiop1"])
    func `a bad password is refused with a reason`(_ password: String) {
        #expect(PasswordRules.objection(to: password, email: "anna.smith@example.org", name: "Anna") != nil)
    }

    @Test(arguments: ["correct horse battery", "tr0ub4dor&3xy", "größe ist relativ"])
    func `a good one is not`(_ password: String) {
        #expect(PasswordRules.objection(to: password, email: "anna@example.org", name: "Anna") == nil)
    }

    @Test func `who may come in`() {
        #expect(AccountState(isConfirmed: true, user: .approved, organization: nil) == .active)
        #expect(AccountState(isConfirmed: false, user: .approved, organization: nil) == .unconfirmed)
        #expect(AccountState(isConfirmed: true, user: .pending, organization: .approved) == .waitsForOrganization)
        #expect(AccountState(isConfirmed: true, user: .approved, organization: .pending) == .organizationWaits)
        for organization in AccountState.Approval.allCases {
            #expect(AccountState(isConfirmed: true, user: .suspended, organization: organization) != .active)
        }
        #expect(AccountState(isConfirmed: true, user: .approved, organization: .suspended) == .suspended)
    }
}
