-- cache_connections: a mapping comes or goes, or a mapped meter changes -> the copies of whose meters are whose are
-- forgotten. Whoever writes: the note is part of the same transaction.

DELIMITER //

CREATE OR REPLACE TRIGGER cache_connections_mapped AFTER INSERT ON meter_map FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key) VALUES ('connections', NEW.entity_id) //

CREATE OR REPLACE TRIGGER cache_connections_unmapped AFTER DELETE ON meter_map FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key) VALUES ('connections', OLD.entity_id) //

CREATE OR REPLACE TRIGGER cache_connections_meter AFTER UPDATE ON meters FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key)
        SELECT 'connections', entity_id FROM meter_map WHERE meter_id = NEW.meter_id //

-- The mappings of a deleted meter go by a foreign key, which fires no trigger.
CREATE OR REPLACE TRIGGER cache_connections_meter_goes BEFORE DELETE ON meters FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key)
        SELECT 'connections', entity_id FROM meter_map WHERE meter_id = OLD.meter_id //

DELIMITER ;
