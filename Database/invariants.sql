-- What must hold in every database at every time. Each query returns a row for every breach, beginning with the name of
-- the rule, and no row when all is well.

SELECT 'add_user_id' AS broken_rule, u.account_id AS subject
FROM users u LEFT JOIN entities e ON e.entity_id = u.account_id AND e.entity_type = 'user'
WHERE e.entity_id IS NULL;

SELECT 'add_org_id' AS broken_rule, o.org_id AS subject
FROM organizations o LEFT JOIN entities e ON e.entity_id = o.org_id AND e.entity_type = 'organization'
WHERE e.entity_id IS NULL;

SELECT 'link_user_entity_delete' AS broken_rule, e.entity_id AS subject
FROM entities e LEFT JOIN users u ON u.account_id = e.entity_id
WHERE e.entity_type = 'user' AND u.account_id IS NULL;

SELECT 'link_org_entity_delete' AS broken_rule, e.entity_id AS subject
FROM entities e LEFT JOIN organizations o ON o.org_id = e.entity_id
WHERE e.entity_type = 'organization' AND o.org_id IS NULL;

SELECT 'limit_residential_associations' AS broken_rule, u.account_id AS subject
FROM meter_map m JOIN users u ON u.account_id = m.entity_id
WHERE u.org_id IS NULL GROUP BY u.account_id HAVING COUNT(*) > 1;

SELECT 'limit_residential_associations' AS broken_rule, m.meter_id AS subject
FROM meter_map m JOIN users u ON u.account_id = m.entity_id
WHERE u.org_id IS NULL GROUP BY m.meter_id HAVING COUNT(*) > 1;

SELECT 'limit_residential_associations' AS broken_rule, m.meter_id AS subject
FROM meter_map m LEFT JOIN users u ON u.account_id = m.entity_id
WHERE NOT m.residential_user <=> u.account_id OR NOT m.residential_meter <=> IF(u.account_id IS NULL, NULL, m.meter_id);

SELECT 'disallow_org_user_map' AS broken_rule, u.account_id AS subject
FROM meter_map m JOIN users u ON u.account_id = m.entity_id
WHERE u.org_id IS NOT NULL;

SELECT 'org_prime_admin' AS broken_rule, e.entity_id AS subject
FROM entities e
WHERE e.members <> (SELECT COUNT(*) FROM users u WHERE u.org_id = e.entity_id);

SELECT 'approve_residential' AS broken_rule, u.account_id AS subject
FROM users u WHERE u.org_id IS NULL AND u.approval_status = 'pending';

SELECT 'assign_distributor_meters' AS broken_rule, m.meter_id AS subject
FROM meters m LEFT JOIN distributor d ON d.only_row = 1
    LEFT JOIN meter_map p ON p.meter_id = m.meter_id AND p.entity_id = d.org_id
WHERE p.meter_id IS NULL;

SELECT 'populate_deltas' AS broken_rule, r.meter_id AS subject, r.start_time AS detail
FROM meter_data r LEFT JOIN drp_periods p
    ON p.meter_id = r.meter_id AND p.start_time = r.start_time AND p.end_time = r.end_time
WHERE NOT r.delta_value <=> GREATEST(p.prediction_value - r.meter_value, 0);

SELECT 'meters_keep_readings' AS broken_rule, r.meter_id AS subject
FROM (SELECT DISTINCT meter_id FROM meter_data) r LEFT JOIN meters m ON m.meter_id = r.meter_id
WHERE m.meter_id IS NULL;

SELECT 'ledger_append_only: sums to zero' AS broken_rule, p.transaction_id AS subject, p.currency AS detail
FROM ledger_postings p GROUP BY p.transaction_id, p.currency HAVING SUM(p.amount) <> 0;

SELECT 'ledger_append_only: complete' AS broken_rule, t.transaction_id AS subject
FROM ledger_transactions t LEFT JOIN ledger_postings p ON p.transaction_id = t.transaction_id
GROUP BY t.transaction_id, t.sealed HAVING COUNT(p.line) < 2 OR NOT t.sealed;

SELECT 'ledger: one chain' AS broken_rule, t.transaction_id AS subject
FROM ledger_transactions t LEFT JOIN ledger_transactions b ON b.transaction_id = t.transaction_id - 1
WHERE t.previous_hash <> COALESCE(b.hash, '');

SELECT 'ledger: ends at its head' AS broken_rule, h.entries AS subject
FROM ledger_head h LEFT JOIN ledger_transactions t ON t.transaction_id = h.entries
WHERE h.hash <> COALESCE(t.hash, '') OR h.entries <> (SELECT COUNT(*) FROM ledger_transactions);

SELECT 'ledger: no reward without a prediction and a reading' AS broken_rule, t.meter_id AS subject, t.event AS detail
FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.transaction_id
WHERE p.account LIKE 'participant/%' AND NOT EXISTS (
    SELECT 1 FROM drp_periods d JOIN meter_data r
        ON r.meter_id = d.meter_id AND r.start_time = d.start_time AND r.end_time = d.end_time
    WHERE d.event = t.event AND d.meter_id = t.meter_id)
GROUP BY t.event, t.meter_id, p.currency HAVING SUM(p.amount) <> 0;

SELECT 'ledger: pays what was settled' AS broken_rule, s.meter_id AS subject, s.event AS detail
FROM settlements s
WHERE s.state = 'settled'
    AND s.revision = (SELECT MAX(l.revision) FROM settlements l WHERE l.event = s.event AND l.meter_id = s.meter_id)
    AND s.payment <> (
        SELECT COALESCE(SUM(-p.amount), 0) FROM ledger_transactions t JOIN ledger_postings p
            ON p.transaction_id = t.transaction_id
        WHERE t.event = s.event AND t.meter_id = s.meter_id AND t.program_id = s.program_id
            AND p.account = CONCAT('participant/', s.meter_id));

SELECT 'events: acknowledged what was sent' AS broken_rule, p.ven_id AS subject, p.event_id AS detail
FROM event_participations p
WHERE p.acknowledged_modification > COALESCE(p.sent_modification, 0);

SELECT 'settlement: no event settled twice' AS broken_rule, t.meter_id AS subject, t.event AS detail
FROM ledger_transactions t GROUP BY t.event, t.meter_id
HAVING COUNT(DISTINCT t.program_id, t.formula_version) > 1;

SELECT 'settlement: one first and no gap between revisions' AS broken_rule, t.meter_id AS subject, t.event AS detail
FROM ledger_transactions t GROUP BY t.program_id, t.event, t.meter_id, t.formula_version
HAVING MIN(t.revision) <> 0 OR MAX(t.revision) <> COUNT(*) - 1 OR SUM(t.state = 'final') > 1;

SELECT 'settlement: every booking has its inputs' AS broken_rule, t.meter_id AS subject, t.event AS detail
FROM ledger_transactions t LEFT JOIN settlement_inputs i
    ON i.sha256 = UNHEX(JSON_VALUE(t.audit, '$.provenance.inputsHash')) AND i.event = t.event
        AND i.meter_id = t.meter_id
WHERE JSON_EXISTS(t.audit, '$.provenance.inputsHash') AND i.sha256 IS NULL;
