-- Where readings came from, what they replaced, and what registers showed.

CREATE TABLE IF NOT EXISTS import_batches (
    batch_id     INT UNSIGNED    NOT NULL AUTO_INCREMENT,
    file         VARCHAR(190)    NOT NULL COMMENT 'name of the file, without its folder',
    digest       BINARY(32)      NOT NULL COMMENT 'SHA-256 of the file: the same file is not imported twice',
    plan         TEXT            NOT NULL COMMENT 'JSON: how the file was read',
    actor        VARCHAR(190)    NOT NULL COMMENT 'who imported it',
    state        ENUM('running', 'done', 'undone') NOT NULL DEFAULT 'running'
        COMMENT 'running: not finished, or interrupted: the same import again goes on with it',
    started_at   DATETIME        NOT NULL DEFAULT (UTC_TIMESTAMP()) COMMENT 'UTC',
    finished_at  DATETIME        NULL COMMENT 'UTC',
    values_read  BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'values in the file',
    refused      BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'rows or cells that were not taken',
    problems     TEXT            NOT NULL DEFAULT '[]' COMMENT 'JSON: the first of them, with line and reason',
    undone_at    DATETIME        NULL COMMENT 'UTC',
    undone_by    VARCHAR(190)    NULL,
    PRIMARY KEY (batch_id),
    KEY import_batches_digest (digest, state)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'files that were imported';

CREATE TABLE IF NOT EXISTS import_batch_meters (
    batch_id    INT UNSIGNED NOT NULL,
    meter_id    INT UNSIGNED NOT NULL,
    first_start DATETIME     NOT NULL COMMENT 'UTC, no reading of the batch starts before',
    last_start  DATETIME     NOT NULL COMMENT 'UTC, no reading of the batch starts after',
    PRIMARY KEY (batch_id, meter_id),
    KEY import_batch_meters_meter (meter_id),
    CONSTRAINT import_batch_meters_batch FOREIGN KEY (batch_id) REFERENCES import_batches (batch_id),
    CONSTRAINT import_batch_meters_meter_known FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'which meters and times a batch wrote: where to look when it is undone';

ALTER TABLE meter_data
    ADD COLUMN IF NOT EXISTS batch_id INT UNSIGNED NULL COMMENT 'import that brought the value; null: another way',
    MODIFY COLUMN source ENUM('import', 'telemetry', 'register') NOT NULL DEFAULT 'import'
        COMMENT 'a file, a report of a VEN, or the difference of two register readings';

CREATE TABLE IF NOT EXISTS meter_data_replaced (
    replaced_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    meter_id    INT UNSIGNED NOT NULL,
    start_time  DATETIME     NOT NULL COMMENT 'UTC',
    end_time    DATETIME     NOT NULL COMMENT 'UTC',
    meter_value DOUBLE       NOT NULL COMMENT 'Wh',
    quality     ENUM('good', 'estimated', 'suspect') NOT NULL,
    source      ENUM('import', 'telemetry', 'register') NOT NULL,
    recorded_at DATETIME     NOT NULL COMMENT 'UTC, when the source stated the value',
    batch_id    INT UNSIGNED NULL COMMENT 'import that had brought it',
    replaced_by INT UNSIGNED NULL COMMENT 'import that took its place; null: another way',
    replaced_at DATETIME     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (replaced_id),
    KEY meter_data_replaced_interval (meter_id, start_time),
    KEY meter_data_replaced_by (replaced_by, meter_id, start_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'readings that were corrected or taken back, as they were (keep_raw)';

CREATE TABLE IF NOT EXISTS register_readings (
    meter_id       INT UNSIGNED NOT NULL,
    read_at        DATETIME     NOT NULL COMMENT 'UTC',
    register_value DOUBLE       NOT NULL COMMENT 'Wh, what the register showed',
    batch_id       INT UNSIGNED NULL COMMENT 'import that brought it',
    recorded_at    DATETIME     NOT NULL COMMENT 'UTC, when the source stated the value',
    PRIMARY KEY (meter_id, read_at),
    CONSTRAINT register_readings_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'registers of meters; their differences are in meter_data';
