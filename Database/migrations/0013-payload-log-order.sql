-- The place of a message in the log grows with time: old ones are found from the front, without an index of their own to keep
-- for every message.

ALTER TABLE payload_log DROP INDEX IF EXISTS payload_log_age;
