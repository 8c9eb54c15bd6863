-- meters_keep_readings: a meter that has readings is not deleted and keeps its number (a partitioned table has no foreign
-- keys that would say so).

DELIMITER //

CREATE OR REPLACE TRIGGER meters_keep_readings BEFORE DELETE ON meters FOR EACH ROW
BEGIN
    DECLARE reading DATETIME DEFAULT NULL;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    SELECT start_time INTO reading FROM meter_data WHERE meter_id = OLD.meter_id LIMIT 1 LOCK IN SHARE MODE;
    IF reading IS NOT NULL THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'meters_keep_readings: the meter has readings';
    END IF;
END //

CREATE OR REPLACE TRIGGER meters_keep_number BEFORE UPDATE ON meters FOR EACH ROW
BEGIN
    IF NEW.meter_id <> OLD.meter_id THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'meters_keep_readings: the number of a meter never changes';
    END IF;
END //

DELIMITER ;
