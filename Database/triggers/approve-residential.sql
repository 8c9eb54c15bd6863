-- approve_residential: a user without an organization is created -> approved at once; so is one who leaves an
-- organization before it decided.

DELIMITER //

CREATE OR REPLACE TRIGGER approve_residential BEFORE INSERT ON users FOR EACH ROW
BEGIN
    IF NEW.org_id IS NULL THEN
        SET NEW.approval_status = 'approved';
    END IF;
END //

CREATE OR REPLACE TRIGGER approve_residential_leaving BEFORE UPDATE ON users FOR EACH ROW
BEGIN
    IF NEW.org_id IS NULL AND NEW.approval_status = 'pending' THEN
        SET NEW.approval_status = 'approved';
    END IF;
END //

DELIMITER ;
