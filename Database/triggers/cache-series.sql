-- cache_series: a prediction comes, changes or goes, and with it the shed of a reading -> the copy of the meter's day is
-- forgotten. (Readings come by the million: whoever writes them notes each meter and day once, `ReadingStore`.)

DELIMITER //

CREATE OR REPLACE TRIGGER cache_series_prediction_came AFTER INSERT ON drp_periods FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key)
        VALUES ('series', CONCAT(NEW.meter_id, '/', DATE(NEW.start_time))) //

CREATE OR REPLACE TRIGGER cache_series_prediction_changed AFTER UPDATE ON drp_periods FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key)
        VALUES ('series', CONCAT(NEW.meter_id, '/', DATE(NEW.start_time))) //

CREATE OR REPLACE TRIGGER cache_series_prediction_went AFTER DELETE ON drp_periods FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key)
        VALUES ('series', CONCAT(OLD.meter_id, '/', DATE(OLD.start_time))) //

DELIMITER ;
