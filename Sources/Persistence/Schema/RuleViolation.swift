import MariaDB

/// The rules that the triggers of the database hold, by the names of their files.
public enum IntegrityRule: String, Hashable, Sendable, CaseIterable {
    case addOrgID = "add_org_id"
    case addUserID = "add_user_id"
    case approveResidential = "approve_residential"
    case assignDistributorMeters = "assign_distributor_meters"
    case auditAppendOnly = "audit_append_only"
    case disallowOrgUserMap = "disallow_org_user_map"
    case ledgerAppendOnly = "ledger_append_only"
    case limitResidentialAssociations = "limit_residential_associations"
    case linkOrgEntityDelete = "link_org_entity_delete"
    case linkUserEntityDelete = "link_user_entity_delete"
    case metersKeepReadings = "meters_keep_readings"
    case orgPrimeAdmin = "org_prime_admin"
    case populateDeltas = "populate_deltas"
    case settlementInputsAppendOnly = "settlement_inputs_append_only"
}

/// A write that a rule of the database refused.
public struct RuleViolation: Error, Hashable, Sendable {
    public let rule: IntegrityRule
    /// What the trigger says, for people.
    public let explanation: String

    /// For a rule that is checked before the database has to.
    init(_ rule: IntegrityRule, _ explanation: String) {
        self.rule = rule
        self.explanation = explanation
    }

    /// Nil when the error is about something else. The triggers' messages begin with the rule's name, and so do the
    /// names of the keys that hold a rule.
    public init?(_ error: any Error) {
        guard let error = error as? MariaDBError, case .constraint(let name?) = error.kind,
            let rule = IntegrityRule.allCases.first(where: { name.hasPrefix($0.rawValue) })
        else { return nil }
        self.rule = rule
        let text = name.dropFirst(rule.rawValue.count)
        explanation = text.hasPrefix(": ") ? String(text.dropFirst(2)) : "another row already does"
    }
}

extension RuleViolation: CustomStringConvertible {
    public var description: String { "\(rule.rawValue): \(explanation)" }
}

/// Runs a write and turns a refusal by a trigger into a `RuleViolation`.
func keepingRules<Value: Sendable>(_ write: () async throws -> Value) async throws -> Value {
    do {
        return try await write()
    } catch {
        throw RuleViolation(error) ?? error
    }
}
