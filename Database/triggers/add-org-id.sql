-- add_org_id: an organization is created -> an entity of type organization exists and its id is the org_id.
-- A taken name gets no entity but that organization's id, and names are given by turns, as in add_user_id.

DELIMITER //

CREATE OR REPLACE TRIGGER add_org_id BEFORE INSERT ON organizations FOR EACH ROW
BEGIN
    DECLARE taken BIGINT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    UPDATE name_turns SET changes = changes + 1 WHERE slot = CRC32(NEW.name) MOD 1024;
    SELECT org_id INTO taken FROM organizations WHERE name = NEW.name;
    IF taken IS NULL THEN
        INSERT INTO entities (entity_type) VALUES ('organization');
        SET taken = LAST_INSERT_ID();
    END IF;
    SET NEW.org_id = taken;
END //

CREATE OR REPLACE TRIGGER add_org_id_keep BEFORE UPDATE ON organizations FOR EACH ROW
BEGIN
    IF NEW.org_id <> OLD.org_id THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'add_org_id: the org_id of an organization never changes';
    END IF;
    IF NEW.name <> OLD.name THEN
        UPDATE name_turns SET changes = changes + 1 WHERE slot = CRC32(NEW.name) MOD 1024;
    END IF;
END //

DELIMITER ;
