import Accounts
import Crypto
import Measures
import PasswordHashing
import Persistence

/// What a login came to.
enum LoginOutcome: Sendable {
    /// Wrong name or wrong password: the two are one answer, and take as long.
    case wrong
    /// Too many failures under this name, whether or not it is anyone's.
    case wait(TimeSpan)
    /// The password is right, but the account may not come in.
    case closed(AccountState)
    case needsCode(LoginStore.Credentials)
    case welcome(LoginStore.Credentials)
}

extension Portal {
    /// Compares name and password. Nothing in the answer's text or time says whether the name is anyone's (W5).
    func login(_ name: String, _ password: String) async throws -> LoginOutcome {
        let email = EmailAddress(name)
        let nameHash = Array(SHA256.hash(data: Array((email?.text ?? name).utf8)))
        if let throttle = try await logins.throttle(nameHash) {
            let wait = throttle.remaining(at: now)
            guard wait <= .zero else { return .wait(wait) }
        }
        var credentials: LoginStore.Credentials?
        if let email { credentials = try await logins.credentials(email: email.text) }
        let verdict = try await parts.hasher.verify(
            String(password.prefix(PasswordRules.longest)), against: credentials?.passwordHash)
        guard case .right(let needsRehash) = verdict, let credentials else {
            try await logins.fail(nameHash, now: now)
            return .wrong
        }
        guard credentials.identity.state == .active else { return .closed(credentials.identity.state) }
        if needsRehash {
            try await logins.rehash(try await parts.hasher.hash(password), of: credentials.identity.account)
        }
        guard credentials.totpSecret == nil else { return .needsCode(credentials) }
        try await logins.forgive(nameHash)
        return .welcome(credentials)
    }

    /// Compares a code of the second factor; failures count like wrong passwords.
    func checkCode(_ code: String, _ credentials: LoginStore.Credentials) async throws -> LoginOutcome {
        let nameHash = Array(SHA256.hash(data: Array(credentials.identity.email.utf8)))
        if let throttle = try await logins.throttle(nameHash) {
            let wait = throttle.remaining(at: now)
            guard wait <= .zero else { return .wait(wait) }
        }
        let digits = code.filter { $0 != " " }
        guard let secret = credentials.totpSecret,
            let step = TimeBasedCode(secret: secret).accept(digits, at: now, lastUsed: credentials.totpLastStep),
            try await logins.useTOTP(of: credentials.identity.account, step: step)
        else {
            try await logins.fail(nameHash, now: now)
            return .wrong
        }
        try await logins.forgive(nameHash)
        return .welcome(credentials)
    }
}
