-- add_user_id: a user is created -> an entity of type user exists and its id is the user's account_id.
-- A row whose e-mail is taken gets no entity but the id of the user who has it: its insertion fails on the primary key
-- (or is skipped by INSERT IGNORE, or turned into an update), and no entity is left behind without a user. So that nobody
-- takes the e-mail after the look, whoever gives one takes the turn of its slot first (name_turns). Nor is there an entity
-- for a user of an organization that does not exist, which INSERT IGNORE skips too. The look for the e-mail is a
-- SELECT ... INTO, which locks nothing: a locking read of a missing e-mail, and so a subquery in an expression, locks
-- the gap, and two sign-ups wait for each other (1213).

DELIMITER //

CREATE OR REPLACE TRIGGER add_user_id BEFORE INSERT ON users FOR EACH ROW
BEGIN
    DECLARE taken BIGINT UNSIGNED DEFAULT NULL;
    DECLARE organization BIGINT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    UPDATE name_turns SET changes = changes + 1 WHERE slot = CRC32(NEW.email) MOD 1024;
    SELECT account_id INTO taken FROM users WHERE email = NEW.email;
    IF NEW.org_id IS NOT NULL THEN
        SELECT entity_id INTO organization FROM entities
            WHERE entity_id = NEW.org_id AND entity_type = 'organization' LOCK IN SHARE MODE;
    END IF;
    IF taken IS NULL AND organization <=> NEW.org_id THEN
        INSERT INTO entities (entity_type) VALUES ('user');
        SET taken = LAST_INSERT_ID();
    END IF;
    -- No entity has the number 0: the foreign key refuses the row.
    SET NEW.account_id = COALESCE(taken, 0);
END //

CREATE OR REPLACE TRIGGER add_user_id_keep BEFORE UPDATE ON users FOR EACH ROW
BEGIN
    IF NEW.account_id <> OLD.account_id THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'add_user_id: the account_id of a user never changes';
    END IF;
    IF NEW.email <> OLD.email THEN
        UPDATE name_turns SET changes = changes + 1 WHERE slot = CRC32(NEW.email) MOD 1024;
    END IF;
END //

CREATE OR REPLACE TRIGGER add_user_id_entity BEFORE UPDATE ON entities FOR EACH ROW
BEGIN
    IF NEW.entity_id <> OLD.entity_id OR NEW.entity_type <> OLD.entity_type THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'add_user_id: the id and the type of an entity never change';
    END IF;
END //

DELIMITER ;
