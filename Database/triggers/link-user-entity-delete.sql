-- link_user_entity_delete: a user is deleted -> its entity and its mappings go too.

DELIMITER //

CREATE OR REPLACE TRIGGER link_user_entity_delete AFTER DELETE ON users FOR EACH ROW
BEGIN
    DELETE FROM meter_map WHERE entity_id = OLD.account_id;
    DELETE FROM entities WHERE entity_id = OLD.account_id;
END //

DELIMITER ;
