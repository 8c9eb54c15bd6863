-- Settlement that can be counted again: who is enrolled, prices, temperatures, outages, what was counted from, disputes.

CREATE TABLE IF NOT EXISTS program_meters (
    program_id     BIGINT UNSIGNED NOT NULL,
    meter_id       INT UNSIGNED NOT NULL,
    pledge         DOUBLE       NULL COMMENT 'W, nominated reduction or firm service level; null: what an event asks for',
    feeder         VARCHAR(64)  NOT NULL DEFAULT '' COMMENT 'where the grid feels it, for reports',
    customer_class VARCHAR(64)  NOT NULL DEFAULT '' COMMENT 'such as home or shop, for reports',
    is_control     BOOLEAN      NOT NULL DEFAULT FALSE COMMENT 'never called: others are measured against it',
    enrolled_at    DATETIME     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (program_id, meter_id),
    CONSTRAINT program_meters_program FOREIGN KEY (program_id) REFERENCES programs (program_id),
    CONSTRAINT program_meters_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id),
    CONSTRAINT program_meters_pledge CHECK (pledge IS NULL OR pledge > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'who takes part in a programme, with what';

CREATE TABLE IF NOT EXISTS program_prices (
    program_id   BIGINT UNSIGNED NOT NULL,
    start_time   DATETIME NOT NULL COMMENT 'UTC',
    end_time     DATETIME NOT NULL COMMENT 'UTC',
    price_micros BIGINT   NOT NULL COMMENT 'millionths of the currency unit per kWh; a market''s price may be below zero',
    currency     CHAR(3)  NOT NULL COMMENT 'ISO 4217',
    PRIMARY KEY (program_id, start_time),
    CONSTRAINT program_prices_program FOREIGN KEY (program_id) REFERENCES programs (program_id),
    CONSTRAINT program_prices_window CHECK (end_time > start_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'the market''s prices that a programme passes on';

CREATE TABLE IF NOT EXISTS program_temperatures (
    program_id  BIGINT UNSIGNED NOT NULL,
    start_time  DATETIME NOT NULL COMMENT 'UTC',
    end_time    DATETIME NOT NULL COMMENT 'UTC',
    temperature DOUBLE   NOT NULL COMMENT 'degrees Celsius, mean of the interval',
    PRIMARY KEY (program_id, start_time),
    CONSTRAINT program_temperatures_program FOREIGN KEY (program_id) REFERENCES programs (program_id),
    CONSTRAINT program_temperatures_window CHECK (end_time > start_time),
    CONSTRAINT program_temperatures_range CHECK (temperature BETWEEN -90 AND 70)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'the weather where a programme is, for baseline rules that look at it';

CREATE TABLE IF NOT EXISTS meter_outages (
    meter_id   INT UNSIGNED NOT NULL,
    start_time DATETIME     NOT NULL COMMENT 'UTC',
    end_time   DATETIME     NOT NULL COMMENT 'UTC',
    reason     VARCHAR(190) NOT NULL COMMENT 'for people',
    PRIMARY KEY (meter_id, start_time),
    CONSTRAINT meter_outages_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id),
    CONSTRAINT meter_outages_window CHECK (end_time > start_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'when a meter''s load said nothing about its normal use; no baseline learns from these days';

CREATE TABLE IF NOT EXISTS settlement_inputs (
    sha256    BINARY(32)   NOT NULL COMMENT 'of the content; ledger transactions name it (provenance.inputsHash)',
    event     VARCHAR(128) NOT NULL COMMENT 'eventID',
    meter_id  INT UNSIGNED NOT NULL,
    content   LONGBLOB COMPRESSED NOT NULL COMMENT 'JSON: readings, calendar, prices, opt: all that was counted from',
    stored_at DATETIME     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (sha256),
    KEY settlement_inputs_event (event, meter_id),
    CONSTRAINT settlement_inputs_event FOREIGN KEY (event) REFERENCES events (event_id),
    CONSTRAINT settlement_inputs_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what settlements were counted from (settlement_inputs_append_only)';

CREATE TABLE IF NOT EXISTS settlement_disputes (
    dispute_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    event      VARCHAR(128) NOT NULL COMMENT 'eventID',
    meter_id   INT UNSIGNED NOT NULL,
    reason     VARCHAR(1000) NOT NULL COMMENT 'what the participant says',
    opened_at  DATETIME     NOT NULL COMMENT 'UTC',
    closed_at  DATETIME     NULL COMMENT 'UTC; null: open',
    outcome    VARCHAR(1000) NULL COMMENT 'what was found',
    PRIMARY KEY (dispute_id),
    KEY settlement_disputes_event (event, meter_id),
    CONSTRAINT settlement_disputes_event FOREIGN KEY (event) REFERENCES events (event_id),
    CONSTRAINT settlement_disputes_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id),
    CONSTRAINT settlement_disputes_end CHECK ((closed_at IS NULL) = (outcome IS NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what participants do not agree with; an open one keeps an event from becoming final for the meter';
