-- populate_deltas: a reading or its prediction (equal meter_id, start and end in drp_periods) appears, changes or goes ->
-- delta_value = max(prediction_value - meter_value, 0) where both exist, else null: the shed that the interval shows.
--
-- Two transactions that bring a reading and its prediction at the same time must not miss each other: the reading locks
-- its meter's row of meter_predictions shared, the prediction changes that row, and both then read what is committed
-- (locking reads). The shared lock also stands for the foreign key that a partitioned table cannot have.

DELIMITER //

CREATE OR REPLACE TRIGGER populate_deltas_meter AFTER INSERT ON meters FOR EACH ROW
    INSERT INTO meter_predictions (meter_id) VALUES (NEW.meter_id) //

-- Readings come by the million, so what was read of meter_predictions is kept for the next row of the same statement and
-- meter: a third of the cost. The lock lasts until the end of the transaction, and @@timestamp, the moment at which the
-- statement began, is that of this statement alone wherever a session cannot set its clock (secure_timestamp=YES, which
-- Curtail's own server has). Elsewhere, and for a moment without a fraction (a replica that got whole seconds), each
-- row is looked up. The triggers on drp_periods forget what was kept, for a statement that writes both.
CREATE OR REPLACE TRIGGER populate_deltas BEFORE INSERT ON meter_data FOR EACH ROW
BEGIN
    IF @curtail_meter <=> NEW.meter_id AND @curtail_statement <=> @@timestamp
        AND (@curtail_first IS NULL OR NEW.start_time < @curtail_first OR NEW.start_time > @curtail_last)
    THEN
        SET NEW.delta_value = NULL;
    ELSE
        IF NOT (@curtail_meter <=> NEW.meter_id AND @curtail_statement <=> @@timestamp) THEN
            SET @curtail_meter = NULL;
            SELECT meter_id, first_start, last_start INTO @curtail_meter, @curtail_first, @curtail_last
                FROM meter_predictions WHERE meter_id = NEW.meter_id LOCK IN SHARE MODE;
            IF @curtail_meter IS NULL THEN
                SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'populate_deltas: a reading of a meter that does not exist';
            END IF;
            SET @curtail_statement =
                IF(@@global.secure_timestamp = 'YES' AND @@timestamp <> FLOOR(@@timestamp), @@timestamp, NULL);
        END IF;
        SET NEW.delta_value = NULL;
        IF NEW.start_time BETWEEN @curtail_first AND @curtail_last THEN
            SET NEW.delta_value = GREATEST(
                (SELECT prediction_value FROM drp_periods
                    WHERE meter_id = NEW.meter_id AND start_time = NEW.start_time AND end_time = NEW.end_time
                    LOCK IN SHARE MODE) - NEW.meter_value,
                0);
        END IF;
    END IF;
END //

CREATE OR REPLACE TRIGGER populate_deltas_correction BEFORE UPDATE ON meter_data FOR EACH ROW
BEGIN
    DECLARE possible BOOLEAN DEFAULT (
        SELECT COALESCE(NEW.start_time BETWEEN first_start AND last_start, FALSE) FROM meter_predictions
            WHERE meter_id = NEW.meter_id LOCK IN SHARE MODE);
    IF possible IS NULL THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'populate_deltas: a reading of a meter that does not exist';
    END IF;
    SET NEW.delta_value = NULL;
    IF possible THEN
        SET NEW.delta_value = GREATEST(
            (SELECT prediction_value FROM drp_periods
                WHERE meter_id = NEW.meter_id AND start_time = NEW.start_time AND end_time = NEW.end_time
                LOCK IN SHARE MODE) - NEW.meter_value,
            0);
    END IF;
END //

CREATE OR REPLACE TRIGGER populate_deltas_prediction_comes BEFORE INSERT ON drp_periods FOR EACH ROW
BEGIN
    SET @curtail_meter = NULL;
    UPDATE meter_predictions SET
        first_start = LEAST(COALESCE(first_start, NEW.start_time), NEW.start_time),
        last_start = GREATEST(COALESCE(last_start, NEW.start_time), NEW.start_time),
        changes = changes + 1
        WHERE meter_id = NEW.meter_id;
END //

CREATE OR REPLACE TRIGGER populate_deltas_prediction_changes BEFORE UPDATE ON drp_periods FOR EACH ROW
BEGIN
    IF NEW.meter_id <> OLD.meter_id OR NEW.start_time <> OLD.start_time THEN
        SIGNAL SQLSTATE '45000'
            SET MESSAGE_TEXT = 'populate_deltas: a prediction of another interval is another row: delete and insert';
    END IF;
    UPDATE meter_predictions SET changes = changes + 1 WHERE meter_id = NEW.meter_id;
END //

CREATE OR REPLACE TRIGGER populate_deltas_prediction_goes BEFORE DELETE ON drp_periods FOR EACH ROW
    UPDATE meter_predictions SET changes = changes + 1 WHERE meter_id = OLD.meter_id //

-- What is set here does not matter: populate_deltas_correction works it out; but the row has to be touched.
CREATE OR REPLACE TRIGGER populate_deltas_prediction_came AFTER INSERT ON drp_periods FOR EACH ROW
    UPDATE meter_data SET delta_value = NULL WHERE meter_id = NEW.meter_id AND start_time = NEW.start_time //

CREATE OR REPLACE TRIGGER populate_deltas_prediction_changed AFTER UPDATE ON drp_periods FOR EACH ROW
    UPDATE meter_data SET delta_value = NULL WHERE meter_id = NEW.meter_id AND start_time = NEW.start_time //

CREATE OR REPLACE TRIGGER populate_deltas_prediction_went AFTER DELETE ON drp_periods FOR EACH ROW
    UPDATE meter_data SET delta_value = NULL WHERE meter_id = OLD.meter_id AND start_time = OLD.start_time //

DELIMITER ;
