import Accounts
import DemandResponse
import Foundation
import JWTKit
import Measures
import Persistence

/// Signs and checks the short tokens that programs send with their requests (RFC 7519, HS256).
struct AccessTokens: Sendable {
    private struct Claims: JWTPayload {
        let sub: String
        let iss: String
        let iat: Int64
        let exp: Int64

        /// Times are compared with the portal's own clock, in `account(of:at:)`.
        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    private static let issuer = "curtail"

    private let keys: JWTKeyCollection

    /// The key is in the database: every replica has the same.
    init(_ parts: PortalParts) async throws {
        let secret = try await APITokenStore(parts.pool).key(
            named: "access-token", random: parts.random, now: parts.time.now())
        keys = await JWTKeyCollection().add(hmac: HMACKey(from: Data(secret)), digestAlgorithm: .sha256)
    }

    func sign(_ account: UserID, now: Instant) async throws -> String {
        try await keys.sign(
            Claims(
                sub: "\(account.rawValue)", iss: Self.issuer, iat: now.secondsSinceEpoch,
                exp: (now + TokenRules.accessToken).secondsSinceEpoch))
    }

    /// Whose token it is; nil for a forged, foreign or old one.
    func account(of token: String, now: Instant) async -> UserID? {
        guard token.utf8.count <= 1_024, let claims = try? await keys.verify(token, as: Claims.self),
            claims.iss == Self.issuer, claims.exp > now.secondsSinceEpoch, claims.iat <= now.secondsSinceEpoch + 60
        else { return nil }
        return Int64(claims.sub).map(UserID.init)
    }
}
