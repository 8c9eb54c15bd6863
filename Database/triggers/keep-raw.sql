-- keep_raw: a reading is corrected or taken back, by whomever -> what it was is kept for ever.

DELIMITER //

CREATE OR REPLACE TRIGGER keep_raw AFTER UPDATE ON meter_data FOR EACH ROW
BEGIN
    IF NEW.meter_value <> OLD.meter_value OR NEW.end_time <> OLD.end_time OR NEW.quality <> OLD.quality
        OR NOT NEW.batch_id <=> OLD.batch_id OR NEW.meter_id <> OLD.meter_id OR NEW.start_time <> OLD.start_time
    THEN
        INSERT INTO meter_data_replaced (meter_id, start_time, end_time, meter_value, quality, source, recorded_at,
                batch_id, replaced_by, replaced_at)
            VALUES (OLD.meter_id, OLD.start_time, OLD.end_time, OLD.meter_value, OLD.quality, OLD.source,
                OLD.recorded_at, OLD.batch_id, NEW.batch_id, UTC_TIMESTAMP());
    END IF;
END //

CREATE OR REPLACE TRIGGER keep_raw_gone AFTER DELETE ON meter_data FOR EACH ROW
    INSERT INTO meter_data_replaced (meter_id, start_time, end_time, meter_value, quality, source, recorded_at,
            batch_id, replaced_by, replaced_at)
        VALUES (OLD.meter_id, OLD.start_time, OLD.end_time, OLD.meter_value, OLD.quality, OLD.source,
            OLD.recorded_at, OLD.batch_id, NULL, UTC_TIMESTAMP()) //

DELIMITER ;
