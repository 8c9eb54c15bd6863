-- Meters, who they belong to, and what they count.

CREATE TABLE IF NOT EXISTS meters (
    meter_id     INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'short number: it is repeated in every reading',
    name         VARCHAR(64)  NOT NULL COMMENT 'the id that people and files use; unique',
    zone         VARCHAR(64)  NOT NULL COMMENT 'IANA time zone of the place, such as Europe/Berlin',
    step_seconds INT UNSIGNED NOT NULL COMMENT 's, length of a metering interval',
    unit         ENUM('Wh', 'kWh', 'W', 'kW') NOT NULL DEFAULT 'Wh'
        COMMENT 'unit of the source; readings are stored in Wh whatever it says',
    latitude     DOUBLE       NULL COMMENT 'degrees north, WGS 84',
    longitude    DOUBLE       NULL COMMENT 'degrees east, WGS 84',
    created_at   DATETIME     NOT NULL DEFAULT (UTC_TIMESTAMP()) COMMENT 'UTC',
    PRIMARY KEY (meter_id),
    UNIQUE KEY meters_name (name),
    CONSTRAINT meters_name_given CHECK (name <> ''),
    CONSTRAINT meters_zone_given CHECK (zone <> ''),
    CONSTRAINT meters_step CHECK (step_seconds BETWEEN 1 AND 86400),
    CONSTRAINT meters_place CHECK (
        (latitude IS NULL) = (longitude IS NULL)
        AND (latitude IS NULL OR (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'electricity meters; each belongs to the distributor (assign_distributor_meters)';

CREATE TABLE IF NOT EXISTS meter_map (
    meter_id          INT UNSIGNED    NOT NULL COMMENT 'which meter',
    entity_id         BIGINT UNSIGNED NOT NULL COMMENT 'whose: a residential user or an organization',
    residential_user  BIGINT UNSIGNED NULL COMMENT 'entity_id when that is a user, else null; set by trigger',
    residential_meter INT UNSIGNED    NULL COMMENT 'meter_id when entity_id is a user, else null; set by trigger',
    PRIMARY KEY (meter_id, entity_id),
    KEY meter_map_entity (entity_id),
    -- The two halves of limit_residential_associations, held even where the trigger's own look came too early.
    UNIQUE KEY limit_residential_associations_user (residential_user),
    UNIQUE KEY limit_residential_associations_meter (residential_meter),
    CONSTRAINT meter_map_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE,
    CONSTRAINT meter_map_owner FOREIGN KEY (entity_id) REFERENCES entities (entity_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'which meter belongs to whom';

-- One row per meter, beside the meter: readings lock it shared, predictions exclusively, so that neither misses the other
-- (populate_deltas); and outside its range a reading needs no look at drp_periods.
CREATE TABLE IF NOT EXISTS meter_predictions (
    meter_id    INT UNSIGNED NOT NULL COMMENT 'which meter',
    first_start DATETIME     NULL COMMENT 'UTC, no prediction starts before; null: there is none',
    last_start  DATETIME     NULL COMMENT 'UTC, no prediction starts after',
    changes     INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how often a prediction came, changed or went',
    PRIMARY KEY (meter_id),
    CONSTRAINT meter_predictions_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'when a meter has predictions; lock and shortcut of populate_deltas';

-- A partitioned table of InnoDB has no foreign keys: populate_deltas refuses a reading of an unknown meter, and
-- meters_keep_readings the deletion of a meter that has some.
CREATE TABLE IF NOT EXISTS meter_data (
    meter_id    INT UNSIGNED NOT NULL COMMENT 'which meter',
    start_time  DATETIME     NOT NULL COMMENT 'UTC, first moment of the interval',
    end_time    DATETIME     NOT NULL COMMENT 'UTC, first moment after it',
    meter_value DOUBLE       NOT NULL COMMENT 'Wh, consumption positive, export negative',
    delta_value DOUBLE       NULL COMMENT 'Wh, shed of an event interval: max(prediction - value, 0) (populate_deltas)',
    quality     ENUM('good', 'estimated', 'suspect') NOT NULL DEFAULT 'good' COMMENT 'how far it may be trusted',
    source      ENUM('import', 'telemetry') NOT NULL DEFAULT 'import' COMMENT 'a file, or a report of a VEN',
    recorded_at DATETIME     NOT NULL DEFAULT (UTC_TIMESTAMP())
        COMMENT 'UTC, when the source stated the value: a later statement replaces an earlier one, never the reverse',
    PRIMARY KEY (meter_id, start_time),
    CONSTRAINT meter_data_interval CHECK (end_time > start_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'readings: energy per meter and interval'
    PARTITION BY RANGE COLUMNS (start_time) (
        PARTITION before_2020 VALUES LESS THAN ('2020-01-01'),
        PARTITION in_2020 VALUES LESS THAN ('2021-01-01'),
        PARTITION in_2021 VALUES LESS THAN ('2022-01-01'),
        PARTITION in_2022 VALUES LESS THAN ('2023-01-01'),
        PARTITION in_2023 VALUES LESS THAN ('2024-01-01'),
        PARTITION in_2024 VALUES LESS THAN ('2025-01-01'),
        PARTITION in_2025 VALUES LESS THAN ('2026-01-01'),
        PARTITION in_2026 VALUES LESS THAN ('2027-01-01'),
        PARTITION in_2027 VALUES LESS THAN ('2028-01-01'),
        PARTITION from_2028 VALUES LESS THAN (MAXVALUE)
    );
