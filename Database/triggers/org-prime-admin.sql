-- org_prime_admin: a user joins an organization without users -> that user is its admin.
-- The number of users stands in the organization's entity: a locking read of that one row sees it as it is, concurrent
-- sign-ups queue there, and the nodes of a Galera cluster find the conflict, as each of them writes it. The lock comes
-- before anything else is read (PRECEDES), or a reader with an older view of the table would be sent back to retry.

DELIMITER //

CREATE OR REPLACE TRIGGER org_prime_admin BEFORE INSERT ON users FOR EACH ROW
PRECEDES add_user_id
BEGIN
    DECLARE others INT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    IF NEW.org_id IS NOT NULL THEN
        SELECT members INTO others FROM entities WHERE entity_id = NEW.org_id FOR UPDATE;
        IF others = 0 THEN
            SET NEW.is_admin = TRUE;
        END IF;
    END IF;
END //

-- Who changes organization, or leaves one, is no longer admin by what was true in the old one.
CREATE OR REPLACE TRIGGER org_prime_admin_moving BEFORE UPDATE ON users FOR EACH ROW
BEGIN
    DECLARE others INT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    IF NOT NEW.org_id <=> OLD.org_id THEN
        IF NEW.org_id IS NOT NULL THEN
            SELECT members INTO others FROM entities WHERE entity_id = NEW.org_id FOR UPDATE;
        END IF;
        SET NEW.is_admin = COALESCE(others = 0, FALSE);
    END IF;
END //

CREATE OR REPLACE TRIGGER org_prime_admin_joined AFTER INSERT ON users FOR EACH ROW
    UPDATE entities SET members = members + 1 WHERE entity_id = NEW.org_id //

CREATE OR REPLACE TRIGGER org_prime_admin_moved AFTER UPDATE ON users FOR EACH ROW
BEGIN
    IF NOT NEW.org_id <=> OLD.org_id THEN
        UPDATE entities SET members = members - 1 WHERE entity_id = OLD.org_id;
        UPDATE entities SET members = members + 1 WHERE entity_id = NEW.org_id;
    END IF;
END //

CREATE OR REPLACE TRIGGER org_prime_admin_left AFTER DELETE ON users FOR EACH ROW
    UPDATE entities SET members = members - 1 WHERE entity_id = OLD.org_id //

DELIMITER ;
