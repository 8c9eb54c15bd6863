-- assign_distributor_meters: a meter is created -> it belongs to the distributor, and goes on doing so.

DELIMITER //

CREATE OR REPLACE TRIGGER assign_distributor_meters AFTER INSERT ON meters FOR EACH ROW
BEGIN
    DECLARE owner BIGINT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    SELECT org_id INTO owner FROM distributor WHERE only_row = 1 LOCK IN SHARE MODE;
    IF owner IS NULL THEN
        SIGNAL SQLSTATE '45000'
            SET MESSAGE_TEXT = 'assign_distributor_meters: there is no distributor yet that the meter could belong to';
    END IF;
    INSERT INTO meter_map (meter_id, entity_id) VALUES (NEW.meter_id, owner);
END //

CREATE OR REPLACE TRIGGER assign_distributor_meters_keep BEFORE DELETE ON meter_map FOR EACH ROW
BEGIN
    DECLARE owner BIGINT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    SELECT org_id INTO owner FROM distributor WHERE only_row = 1 LOCK IN SHARE MODE;
    IF owner = OLD.entity_id THEN
        SIGNAL SQLSTATE '45000'
            SET MESSAGE_TEXT = 'assign_distributor_meters: a meter belongs to the distributor as long as it exists';
    END IF;
END //

CREATE OR REPLACE TRIGGER assign_distributor_meters_change BEFORE UPDATE ON distributor FOR EACH ROW
BEGIN
    DECLARE meter INT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    SELECT meter_id INTO meter FROM meters LIMIT 1 LOCK IN SHARE MODE;
    IF meter IS NOT NULL AND NEW.org_id <> OLD.org_id THEN
        SIGNAL SQLSTATE '45000'
            SET MESSAGE_TEXT = 'assign_distributor_meters: the distributor cannot change while it has meters';
    END IF;
END //

CREATE OR REPLACE TRIGGER assign_distributor_meters_last BEFORE DELETE ON distributor FOR EACH ROW
BEGIN
    DECLARE meter INT UNSIGNED DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    SELECT meter_id INTO meter FROM meters LIMIT 1 LOCK IN SHARE MODE;
    IF meter IS NOT NULL THEN
        SIGNAL SQLSTATE '45000'
            SET MESSAGE_TEXT = 'assign_distributor_meters: the distributor cannot go while it has meters';
    END IF;
END //

DELIMITER ;
