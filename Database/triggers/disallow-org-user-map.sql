-- disallow_org_user_map: a meter is mapped to a user of an organization -> refused. Nor may a user who has a meter join
-- an organization, which would come to the same.
-- Both sides lock the user's entity first. Joining also changes it (revision): the nodes of a Galera cluster compare
-- what transactions wrote, not what they locked, and a mapping refers to the entity by its foreign key.

DELIMITER //

CREATE OR REPLACE TRIGGER disallow_org_user_map BEFORE INSERT ON meter_map FOR EACH ROW
BEGIN
    DECLARE kind VARCHAR(16) DEFAULT NULL;
    DECLARE organization BIGINT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    SELECT entity_type INTO kind FROM entities WHERE entity_id = NEW.entity_id LOCK IN SHARE MODE;
    IF kind = 'user' THEN
        SELECT entity_type INTO kind FROM entities WHERE entity_id = NEW.entity_id FOR UPDATE;
        SELECT org_id INTO organization FROM users WHERE account_id = NEW.entity_id LOCK IN SHARE MODE;
        IF organization IS NOT NULL THEN
            SIGNAL SQLSTATE '45000'
                SET MESSAGE_TEXT = 'disallow_org_user_map: the user belongs to an organization: map the meter to that';
        END IF;
    END IF;
END //

CREATE OR REPLACE TRIGGER disallow_org_user_map_joining BEFORE UPDATE ON users FOR EACH ROW
BEGIN
    DECLARE meter INT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    IF NEW.org_id IS NOT NULL AND OLD.org_id IS NULL THEN
        UPDATE entities SET revision = revision + 1 WHERE entity_id = OLD.account_id;
        SELECT meter_id INTO meter FROM meter_map WHERE residential_user = OLD.account_id LOCK IN SHARE MODE;
        IF meter IS NOT NULL THEN
            SIGNAL SQLSTATE '45000'
                SET MESSAGE_TEXT = 'disallow_org_user_map: a user with a meter cannot join an organization';
        END IF;
    END IF;
END //

DELIMITER ;
