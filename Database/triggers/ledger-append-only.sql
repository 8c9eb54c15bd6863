-- ledger_append_only: what the ledger says, it says for ever; a mistake is mended by a reversing transaction.
-- A transaction is written open, gets its postings, and is sealed: sealing checks that they add up to zero in every
-- currency. After that nothing of it changes and nothing is added. Sealing is the only update there is.

DELIMITER //

CREATE OR REPLACE TRIGGER ledger_append_only BEFORE UPDATE ON ledger_transactions FOR EACH ROW
BEGIN
    IF OLD.sealed OR NOT NEW.sealed
        OR (NEW.transaction_id, NEW.program_id, NEW.event, NEW.meter_id, NEW.formula_version, NEW.revision, NEW.state,
            NEW.audit, NEW.recorded_at, NEW.previous_hash, NEW.hash)
        <> (OLD.transaction_id, OLD.program_id, OLD.event, OLD.meter_id, OLD.formula_version, OLD.revision, OLD.state,
            OLD.audit, OLD.recorded_at, OLD.previous_hash, OLD.hash)
    THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_append_only: a transaction of the ledger does not change';
    END IF;
    IF (SELECT COUNT(*) FROM ledger_postings WHERE transaction_id = NEW.transaction_id) < 2
        OR EXISTS (
            SELECT 1 FROM ledger_postings WHERE transaction_id = NEW.transaction_id
                GROUP BY currency HAVING SUM(amount) <> 0)
    THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_append_only: the postings do not add up to zero';
    END IF;
END //

CREATE OR REPLACE TRIGGER ledger_append_only_open BEFORE INSERT ON ledger_transactions FOR EACH ROW
BEGIN
    IF NEW.sealed THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_append_only: a transaction is sealed after its postings';
    END IF;
END //

CREATE OR REPLACE TRIGGER ledger_append_only_delete BEFORE DELETE ON ledger_transactions FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_append_only: a transaction of the ledger is not deleted' //

CREATE OR REPLACE TRIGGER ledger_append_only_posting BEFORE INSERT ON ledger_postings FOR EACH ROW
BEGIN
    DECLARE closed BOOLEAN DEFAULT FALSE;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    SELECT sealed INTO closed FROM ledger_transactions WHERE transaction_id = NEW.transaction_id LOCK IN SHARE MODE;
    IF closed THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_append_only: the transaction is sealed';
    END IF;
END //

CREATE OR REPLACE TRIGGER ledger_append_only_posting_update BEFORE UPDATE ON ledger_postings FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_append_only: a posting of the ledger does not change' //

CREATE OR REPLACE TRIGGER ledger_append_only_posting_delete BEFORE DELETE ON ledger_postings FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_append_only: a posting of the ledger is not deleted' //

DELIMITER ;
