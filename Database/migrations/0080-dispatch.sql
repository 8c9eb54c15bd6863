-- Who can be called, on what terms, behind which feeder; and plans with everything they were made from.

CREATE TABLE IF NOT EXISTS dispatch_feeders (
    name          VARCHAR(128) NOT NULL,
    shed_limit    DOUBLE       NULL COMMENT 'kW, most that may be shed on it at once; null: no limit',
    rebound_limit DOUBLE       NULL COMMENT 'kW, most that may come back on it at once; null: no limit',
    PRIMARY KEY (name),
    CONSTRAINT dispatch_feeders_limits CHECK (
        (shed_limit IS NULL OR shed_limit >= 0) AND (rebound_limit IS NULL OR rebound_limit >= 0))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'feeders and what they can take';

CREATE TABLE IF NOT EXISTS dispatch_resources (
    name        VARCHAR(128) NOT NULL COMMENT 'how plans name it',
    ven_id      VARCHAR(128) NOT NULL COMMENT 'venID that it is behind',
    resource_id VARCHAR(128) NULL COMMENT 'resource id at the VEN; null: the VEN as a whole',
    meter_id    INT UNSIGNED NOT NULL COMMENT 'whose forecast its capacity comes from',
    feeder      VARCHAR(128) NULL COMMENT 'null: behind none that has limits',
    terms       JSON         NOT NULL COMMENT 'what it can shed, at what price, when it may be called, and how it is told',
    changed_at  DATETIME     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (name),
    KEY dispatch_resources_ven (ven_id),
    CONSTRAINT dispatch_resources_ven_known FOREIGN KEY (ven_id) REFERENCES vens (ven_id),
    CONSTRAINT dispatch_resources_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE,
    CONSTRAINT dispatch_resources_feeder FOREIGN KEY (feeder) REFERENCES dispatch_feeders (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'participants that the optimizer may call';

ALTER TABLE dispatch_plans
    ADD COLUMN IF NOT EXISTS gap DOUBLE NULL COMMENT '(cost - bound) / cost; null: not known',
    ADD COLUMN IF NOT EXISTS solver VARCHAR(190) NULL COMMENT 'solver and model with their versions',
    ADD COLUMN IF NOT EXISTS inputs_hash BINARY(32) NULL COMMENT 'SHA-256 of the portfolio and the settings',
    ADD COLUMN IF NOT EXISTS outcome_hash BINARY(32) NULL COMMENT 'SHA-256 of the plan',
    ADD COLUMN IF NOT EXISTS record LONGTEXT NULL
        COMMENT 'portfolio, settings and plan as JSON, from which the plan can be made again; null: a plan of the demo';
