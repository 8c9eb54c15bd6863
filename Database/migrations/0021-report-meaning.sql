-- What a report can say: how exact a value is, the state of load control, what an aggregate is made of; and a last report
-- after a cancellation.

ALTER TABLE report_values
    ADD COLUMN IF NOT EXISTS accuracy DOUBLE NULL COMMENT 'likely variability, in the unit of the value (rule 319)',
    ADD COLUMN IF NOT EXISTS confidence TINYINT UNSIGNED NULL COMMENT 'percent',
    ADD COLUMN IF NOT EXISTS load_control JSON NULL COMMENT 'state of load control, of a status (rule 334)';

ALTER TABLE report_data_points
    ADD COLUMN IF NOT EXISTS resources JSON NOT NULL DEFAULT '[]' COMMENT 'what an aggregate is made of (rule 302)',
    ADD COLUMN IF NOT EXISTS device_classes JSON NOT NULL DEFAULT '[]' COMMENT 'kinds of devices; [] is all (rule 307)',
    ADD COLUMN IF NOT EXISTS market_context VARCHAR(256) NULL COMMENT 'only the programme''s resources; null: all';

ALTER TABLE report_requests
    MODIFY COLUMN state ENUM('requested', 'accepted', 'refused', 'cancelling', 'ended', 'finishing') NOT NULL,
    ADD COLUMN IF NOT EXISTS report_to_follow BOOLEAN NOT NULL DEFAULT FALSE
        COMMENT 'one more report is wanted after the cancellation (rule 345)';
