-- Forecasts, plans, what the events were worth, and the ledger.

CREATE TABLE IF NOT EXISTS forecasts (
    forecast_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    meter_id    INT UNSIGNED NOT NULL,
    model       VARCHAR(190) NOT NULL COMMENT 'model and orders, such as ARIMA(1,0,1)(1,1,0)[96]',
    made_at     DATETIME     NOT NULL COMMENT 'UTC, no later reading was used',
    PRIMARY KEY (forecast_id),
    UNIQUE KEY forecasts_once (meter_id, made_at, model),
    CONSTRAINT forecasts_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'load forecasts per meter';

CREATE TABLE IF NOT EXISTS forecast_intervals (
    forecast_id    BIGINT UNSIGNED NOT NULL,
    start_time     DATETIME NOT NULL COMMENT 'UTC',
    end_time       DATETIME NOT NULL COMMENT 'UTC',
    mean_value     DOUBLE   NOT NULL COMMENT 'Wh, expected',
    standard_error DOUBLE   NOT NULL COMMENT 'Wh',
    lower_80       DOUBLE   NOT NULL COMMENT 'Wh, 80 % interval',
    upper_80       DOUBLE   NOT NULL COMMENT 'Wh, 80 % interval',
    lower_95       DOUBLE   NOT NULL COMMENT 'Wh, 95 % interval',
    upper_95       DOUBLE   NOT NULL COMMENT 'Wh, 95 % interval',
    PRIMARY KEY (forecast_id, start_time),
    CONSTRAINT forecast_intervals_of FOREIGN KEY (forecast_id) REFERENCES forecasts (forecast_id) ON DELETE CASCADE,
    CONSTRAINT forecast_intervals_length CHECK (end_time > start_time),
    CONSTRAINT forecast_intervals_order CHECK (
        standard_error >= 0 AND lower_95 <= lower_80 AND lower_80 <= mean_value AND mean_value <= upper_80
        AND upper_80 <= upper_95)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'forecast energy per interval';

CREATE TABLE IF NOT EXISTS programs (
    program_id     BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    name           VARCHAR(190) NOT NULL,
    market_context VARCHAR(256) NOT NULL COMMENT 'URI that its events carry',
    PRIMARY KEY (program_id),
    UNIQUE KEY programs_name (name),
    CONSTRAINT programs_name_given CHECK (name <> '')
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'demand-response programmes';

CREATE TABLE IF NOT EXISTS program_terms (
    program_id           BIGINT UNSIGNED NOT NULL,
    version              VARCHAR(64) NOT NULL COMMENT 'as published; published terms never change',
    valid_from           DATETIME    NOT NULL COMMENT 'UTC',
    baseline_rules       JSON        NOT NULL COMMENT 'id, version and parameters, in the order in which they are tried',
    price_micros         BIGINT      NULL COMMENT 'millionths of the currency unit per kWh; null: a nomination programme',
    excess_limit         DOUBLE      NULL COMMENT 'Wh, most that a site pays for in an event; null: nothing',
    cap                  DOUBLE      NULL COMMENT 'most that is paid, as a multiple of the pledge; null: no cap',
    nomination_rate      BIGINT      NULL COMMENT 'minor units (cents) per kW and event; null: an energy programme',
    currency             CHAR(3)     NOT NULL COMMENT 'ISO 4217',
    highest_performance  DOUBLE      NOT NULL COMMENT 'limit of the performance factor',
    least_measured_share DOUBLE      NOT NULL COMMENT 'of the intervals, before an event is settled',
    PRIMARY KEY (program_id, version),
    CONSTRAINT program_terms_program FOREIGN KEY (program_id) REFERENCES programs (program_id),
    CONSTRAINT program_terms_one_payment CHECK ((price_micros IS NULL) <> (nomination_rate IS NULL)),
    CONSTRAINT program_terms_energy CHECK (price_micros IS NOT NULL OR (excess_limit IS NULL AND cap IS NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what programmes pay and how they count';

CREATE TABLE IF NOT EXISTS dispatch_plans (
    plan_id     BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    event       VARCHAR(128) NULL COMMENT 'eventID it was issued as; null: nobody acted on it',
    decided_at  DATETIME     NOT NULL COMMENT 'UTC',
    start_time  DATETIME     NOT NULL COMMENT 'UTC',
    end_time    DATETIME     NOT NULL COMMENT 'UTC',
    delivery_probability DOUBLE NOT NULL COMMENT 'asked for, per interval',
    cost        BIGINT       NOT NULL COMMENT 'expected, minor units (cents)',
    bound       BIGINT       NULL COMMENT 'no plan costs less, minor units (cents)',
    currency    CHAR(3)      NOT NULL COMMENT 'ISO 4217',
    status      VARCHAR(190) NOT NULL COMMENT 'how good the plan is known to be',
    PRIMARY KEY (plan_id),
    UNIQUE KEY dispatch_plans_event (event),
    CONSTRAINT dispatch_plans_window CHECK (end_time > start_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'dispatch plans';

CREATE TABLE IF NOT EXISTS dispatch_plan_intervals (
    plan_id            BIGINT UNSIGNED NOT NULL,
    start_time         DATETIME NOT NULL COMMENT 'UTC',
    end_time           DATETIME NOT NULL COMMENT 'UTC',
    target             DOUBLE   NOT NULL COMMENT 'W, reduction asked for',
    expected           DOUBLE   NOT NULL COMMENT 'W, reduction expected of all calls',
    standard_deviation DOUBLE   NOT NULL COMMENT 'W',
    probability        DOUBLE   NOT NULL COMMENT 'that the target is met',
    PRIMARY KEY (plan_id, start_time),
    CONSTRAINT dispatch_plan_intervals_of FOREIGN KEY (plan_id) REFERENCES dispatch_plans (plan_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what a plan is expected to deliver';

CREATE TABLE IF NOT EXISTS dispatch_calls (
    plan_id    BIGINT UNSIGNED NOT NULL,
    resource   VARCHAR(128) NOT NULL COMMENT 'name of the resource that is called',
    start_time DATETIME     NOT NULL COMMENT 'UTC',
    end_time   DATETIME     NOT NULL COMMENT 'UTC',
    level      DOUBLE       NOT NULL COMMENT 'share of its capacity, above 0 and at most 1',
    expected   JSON         NOT NULL COMMENT 'W, expected reduction in every interval of the plan',
    PRIMARY KEY (plan_id, resource),
    CONSTRAINT dispatch_calls_of FOREIGN KEY (plan_id) REFERENCES dispatch_plans (plan_id) ON DELETE CASCADE,
    CONSTRAINT dispatch_calls_window CHECK (end_time > start_time),
    CONSTRAINT dispatch_calls_level CHECK (level > 0 AND level <= 1)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'whom a plan calls';

CREATE TABLE IF NOT EXISTS drp_periods (
    meter_id         INT UNSIGNED NOT NULL COMMENT 'which meter',
    event            VARCHAR(128) NOT NULL COMMENT 'eventID of the demand-response event',
    start_time       DATETIME     NOT NULL COMMENT 'UTC, first moment of the metering interval',
    end_time         DATETIME     NOT NULL COMMENT 'UTC, first moment after it',
    prediction_value DOUBLE       NOT NULL COMMENT 'Wh, what the meter would have counted without the event (baseline)',
    PRIMARY KEY (meter_id, start_time),
    KEY drp_periods_event (event, meter_id),
    CONSTRAINT drp_periods_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id),
    CONSTRAINT drp_periods_of_event FOREIGN KEY (event) REFERENCES events (event_id),
    CONSTRAINT drp_periods_interval CHECK (end_time > start_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'demand-response periods: one row per meter and metering interval of an event';

CREATE TABLE IF NOT EXISTS settlements (
    event         VARCHAR(128) NOT NULL COMMENT 'eventID',
    meter_id      INT UNSIGNED NOT NULL,
    revision      INT UNSIGNED NOT NULL COMMENT '0 at first, one more for each new count',
    program_id    BIGINT UNSIGNED NOT NULL,
    terms_version VARCHAR(64)  NOT NULL COMMENT 'the terms it was counted with',
    participation ENUM('optedIn', 'optedOutInTime', 'optedOutLate') NOT NULL,
    state         ENUM('excluded', 'waiting', 'settled') NOT NULL COMMENT 'waiting: too few intervals are measured',
    baseline      BIGINT       NOT NULL COMMENT 'Wh, over the measured intervals',
    actual        BIGINT       NOT NULL COMMENT 'Wh, over the measured intervals',
    reduction     BIGINT       NOT NULL COMMENT 'Wh, baseline less actual, negative intervals counted in',
    paid_energy   BIGINT       NOT NULL COMMENT 'Wh, after floor and cap',
    performance   DOUBLE       NULL COMMENT 'mean reduction over the pledge; null: none, or not counted',
    payment       BIGINT       NOT NULL COMMENT 'minor units (cents)',
    currency      CHAR(3)      NOT NULL COMMENT 'ISO 4217',
    settled_at    DATETIME     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (event, meter_id, revision),
    CONSTRAINT settlements_event FOREIGN KEY (event) REFERENCES events (event_id),
    CONSTRAINT settlements_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id),
    CONSTRAINT settlements_terms FOREIGN KEY (program_id, terms_version)
        REFERENCES program_terms (program_id, version),
    CONSTRAINT settlements_sum CHECK (reduction = baseline - actual)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what an event came to for a meter';

CREATE TABLE IF NOT EXISTS ledger_head (
    only_row TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'always 1',
    entries  BIGINT UNSIGNED  NOT NULL DEFAULT 0 COMMENT 'how many transactions the ledger has',
    hash     VARBINARY(32)    NOT NULL DEFAULT '' COMMENT 'hash of the last one; empty before the first',
    PRIMARY KEY (only_row),
    CONSTRAINT ledger_head_is_one CHECK (only_row = 1)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'end of the ledger''s chain of hashes: writers queue here';

INSERT IGNORE INTO ledger_head (only_row) VALUES (1);

CREATE TABLE IF NOT EXISTS ledger_transactions (
    transaction_id  BIGINT UNSIGNED NOT NULL COMMENT 'place in the ledger, counted from 1',
    program_id      BIGINT UNSIGNED NOT NULL,
    event           VARCHAR(128) NOT NULL COMMENT 'eventID',
    meter_id        INT UNSIGNED NOT NULL COMMENT 'whose reward it is about',
    formula_version VARCHAR(64)  NOT NULL COMMENT 'version of the terms',
    revision        INT UNSIGNED NOT NULL COMMENT '0 for the first transaction of a key, then one more each',
    state           ENUM('provisional', 'final', 'corrected') NOT NULL COMMENT 'a correction books the difference',
    audit           JSON         NOT NULL COMMENT 'baseline rule, days, adjustment, intervals (Wh): why the amount is so',
    recorded_at     DATETIME     NOT NULL COMMENT 'UTC',
    previous_hash   VARBINARY(32) NOT NULL COMMENT 'hash of the transaction before; empty for the first',
    hash            VARBINARY(32) NOT NULL COMMENT 'over this transaction and previous_hash',
    sealed          BOOLEAN      NOT NULL DEFAULT FALSE COMMENT 'complete and balanced; from then on it never changes',
    PRIMARY KEY (transaction_id),
    UNIQUE KEY ledger_transactions_once (event, meter_id, program_id, formula_version, revision),
    UNIQUE KEY ledger_transactions_chain (previous_hash),
    CONSTRAINT ledger_transactions_event FOREIGN KEY (event) REFERENCES events (event_id),
    CONSTRAINT ledger_transactions_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id),
    CONSTRAINT ledger_transactions_terms FOREIGN KEY (program_id, formula_version)
        REFERENCES program_terms (program_id, version)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'the ledger: append-only (ledger_append_only)';

CREATE TABLE IF NOT EXISTS ledger_postings (
    transaction_id BIGINT UNSIGNED NOT NULL,
    line           SMALLINT UNSIGNED NOT NULL COMMENT 'counted from 0',
    account        VARCHAR(64)  NOT NULL COMMENT 'participant/METER or program-rewards/PROGRAM',
    amount         BIGINT       NOT NULL COMMENT 'minor units (cents), debit positive; a transaction adds up to 0',
    currency       CHAR(3)      NOT NULL COMMENT 'ISO 4217',
    PRIMARY KEY (transaction_id, line),
    KEY ledger_postings_account (account, currency),
    CONSTRAINT ledger_postings_of FOREIGN KEY (transaction_id) REFERENCES ledger_transactions (transaction_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'the lines of the ledger; append-only (ledger_append_only)';
