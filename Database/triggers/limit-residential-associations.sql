-- limit_residential_associations: a meter is mapped to a user -> a residential user has at most one meter, and a meter
-- at most one residential user.
-- Only residential users can be mapped at all (disallow_org_user_map), so every mapping to a user counts. The unique
-- keys of meter_map hold the rule, also between nodes of a cluster; the looks before them, which lock nothing, give the
-- clearer message.

DELIMITER //

CREATE OR REPLACE TRIGGER limit_residential_associations BEFORE INSERT ON meter_map FOR EACH ROW
FOLLOWS disallow_org_user_map
BEGIN
    DECLARE kind VARCHAR(16) DEFAULT NULL;
    DECLARE other BIGINT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    SET NEW.residential_user = NULL, NEW.residential_meter = NULL;
    SELECT entity_type INTO kind FROM entities WHERE entity_id = NEW.entity_id;
    IF kind = 'user' THEN
        SET NEW.residential_user = NEW.entity_id, NEW.residential_meter = NEW.meter_id;
        SELECT meter_id INTO other FROM meter_map WHERE residential_user = NEW.entity_id AND meter_id <> NEW.meter_id;
        IF other IS NOT NULL THEN
            SIGNAL SQLSTATE '45000'
                SET MESSAGE_TEXT = 'limit_residential_associations: the residential user already has a meter';
        END IF;
        SELECT entity_id INTO other FROM meter_map
            WHERE residential_meter = NEW.meter_id AND entity_id <> NEW.entity_id;
        IF other IS NOT NULL THEN
            SIGNAL SQLSTATE '45000'
                SET MESSAGE_TEXT = 'limit_residential_associations: the meter already has a residential user';
        END IF;
    END IF;
END //

CREATE OR REPLACE TRIGGER limit_residential_associations_keep BEFORE UPDATE ON meter_map FOR EACH ROW
BEGIN
    IF NEW.meter_id <> OLD.meter_id OR NEW.entity_id <> OLD.entity_id
        OR NOT NEW.residential_user <=> OLD.residential_user OR NOT NEW.residential_meter <=> OLD.residential_meter
    THEN
        SIGNAL SQLSTATE '45000'
            SET MESSAGE_TEXT = 'limit_residential_associations: a mapping is deleted and made anew, not changed';
    END IF;
END //

DELIMITER ;
