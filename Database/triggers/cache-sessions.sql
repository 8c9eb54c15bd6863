-- cache_sessions: a session or what a person may do changes -> the copies of it are forgotten. Whoever writes: the note is
-- part of the same transaction. Sessions that go with their user go by a foreign key, which fires no trigger; their copies
-- lead to a person of whom there is no copy any more.

DELIMITER //

CREATE OR REPLACE TRIGGER cache_sessions_changed AFTER UPDATE ON sessions FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key) VALUES ('sessions', LOWER(HEX(NEW.token_hash))) //

CREATE OR REPLACE TRIGGER cache_sessions_ended AFTER DELETE ON sessions FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key) VALUES ('sessions', LOWER(HEX(OLD.token_hash))) //

CREATE OR REPLACE TRIGGER cache_sessions_user AFTER UPDATE ON users FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key) VALUES ('identities', NEW.account_id) //

CREATE OR REPLACE TRIGGER cache_sessions_user_gone AFTER DELETE ON users FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key) VALUES ('identities', OLD.account_id) //

CREATE OR REPLACE TRIGGER cache_sessions_organization AFTER UPDATE ON organizations FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key)
        SELECT 'identities', account_id FROM users WHERE org_id = NEW.org_id //

CREATE OR REPLACE TRIGGER cache_sessions_distributor AFTER INSERT ON distributor FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key)
        SELECT 'identities', account_id FROM users WHERE org_id = NEW.org_id //

CREATE OR REPLACE TRIGGER cache_sessions_distributor_changes AFTER UPDATE ON distributor FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key)
        SELECT 'identities', account_id FROM users WHERE org_id IN (OLD.org_id, NEW.org_id) //

CREATE OR REPLACE TRIGGER cache_sessions_distributor_goes AFTER DELETE ON distributor FOR EACH ROW
    INSERT INTO cache_invalidations (namespace, cache_key)
        SELECT 'identities', account_id FROM users WHERE org_id = OLD.org_id //

DELIMITER ;
