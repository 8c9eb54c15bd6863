-- link_org_entity_delete: an organization is deleted -> its entity and its mappings go too.
-- An organization that still has users, or is the distributor, stays: without it its users would turn residential. (The
-- foreign keys of both say so too; the count in the entity gives the rule's name.)

DELIMITER //

CREATE OR REPLACE TRIGGER link_org_entity_delete_refuse BEFORE DELETE ON organizations FOR EACH ROW
BEGIN
    DECLARE users_left INT UNSIGNED DEFAULT 0;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    SELECT members INTO users_left FROM entities WHERE entity_id = OLD.org_id FOR UPDATE;
    IF users_left > 0 THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'link_org_entity_delete: the organization still has users';
    END IF;
    IF EXISTS (SELECT 1 FROM distributor WHERE org_id = OLD.org_id) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'link_org_entity_delete: the organization is the distributor';
    END IF;
END //

CREATE OR REPLACE TRIGGER link_org_entity_delete AFTER DELETE ON organizations FOR EACH ROW
BEGIN
    DELETE FROM meter_map WHERE entity_id = OLD.org_id;
    DELETE FROM entities WHERE entity_id = OLD.org_id;
END //

DELIMITER ;
