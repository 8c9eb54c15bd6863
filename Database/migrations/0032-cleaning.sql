-- What was found wrong with readings, and what is taken in their place. The readings themselves stay as they are.

CREATE TABLE IF NOT EXISTS cleanings (
    cleaning_id   INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'also the version of the cleaned series that it makes',
    meter_id      INT UNSIGNED NOT NULL,
    start_time    DATETIME     NOT NULL COMMENT 'UTC, what was looked at',
    end_time      DATETIME     NOT NULL COMMENT 'UTC',
    actor         VARCHAR(190) NOT NULL COMMENT 'who',
    reason        VARCHAR(190) NOT NULL COMMENT 'why',
    rules         TEXT         NOT NULL COMMENT 'JSON: by what rules; null for an edit by hand',
    made_at       DATETIME     NOT NULL DEFAULT (UTC_TIMESTAMP()) COMMENT 'UTC',
    undone_at     DATETIME     NULL COMMENT 'UTC; from then on it counts no more',
    undone_by     VARCHAR(190) NULL,
    undone_reason VARCHAR(190) NULL,
    PRIMARY KEY (cleaning_id),
    KEY cleanings_meter (meter_id, cleaning_id),
    CONSTRAINT cleanings_meter_known FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE,
    CONSTRAINT cleanings_window CHECK (end_time > start_time),
    CONSTRAINT cleanings_undone CHECK ((undone_at IS NULL) = (undone_by IS NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'versions of cleaned series: who changed what, when and why';

CREATE TABLE IF NOT EXISTS cleaning_edits (
    cleaning_id   INT UNSIGNED NOT NULL,
    meter_id      INT UNSIGNED NOT NULL,
    start_time    DATETIME     NOT NULL COMMENT 'UTC',
    end_time      DATETIME     NOT NULL COMMENT 'UTC',
    raw_value     DOUBLE       NULL COMMENT 'Wh, the reading that was judged; null: there was none. A later correction of it counts again',
    cleaned_value DOUBLE       NULL COMMENT 'Wh, taken in its place; null: it is not believed, and nothing is known instead',
    kind          ENUM('gap', 'overlap', 'spike', 'stuck', 'negative', 'rollover', 'manual') NOT NULL
        COMMENT 'what was wrong',
    PRIMARY KEY (meter_id, start_time, cleaning_id),
    KEY cleaning_edits_of (cleaning_id),
    CONSTRAINT cleaning_edits_cleaning FOREIGN KEY (cleaning_id) REFERENCES cleanings (cleaning_id) ON DELETE CASCADE,
    CONSTRAINT cleaning_edits_interval CHECK (end_time > start_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'single intervals of a cleaning';
