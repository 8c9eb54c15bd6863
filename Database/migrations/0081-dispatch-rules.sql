-- Plans that follow others during their event, what calls promised, and rules by which events are planned and published.

ALTER TABLE dispatch_plans
    ADD COLUMN IF NOT EXISTS follows BIGINT UNSIGNED NULL
        COMMENT 'the published plan whose event this one completes after opt-outs; null: it stands by itself',
    ADD KEY IF NOT EXISTS dispatch_plans_follows (follows);

ALTER TABLE dispatch_calls
    ADD COLUMN IF NOT EXISTS promised DOUBLE NULL
        COMMENT 'Wh that it delivers when it takes part; null: a plan from before this was kept';

CREATE TABLE IF NOT EXISTS dispatch_rules (
    name       VARCHAR(128) NOT NULL,
    terms      JSON         NOT NULL COMMENT 'what is watched, from where on an event is wanted, and what becomes of it',
    enabled    BOOLEAN      NOT NULL DEFAULT TRUE,
    changed_at DATETIME     NOT NULL COMMENT 'UTC',
    holder     VARCHAR(64)  NULL COMMENT 'which run of the program looks at it now',
    held_until DATETIME     NULL COMMENT 'UTC; from then on another may',
    PRIMARY KEY (name),
    CONSTRAINT dispatch_rules_held CHECK ((holder IS NULL) = (held_until IS NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'when events are planned, and published, without an operator';

CREATE TABLE IF NOT EXISTS dispatch_rule_firings (
    rule       VARCHAR(128)    NOT NULL,
    start_time DATETIME        NOT NULL COMMENT 'UTC, the first interval over the threshold',
    end_time   DATETIME        NOT NULL COMMENT 'UTC',
    plan_id    BIGINT UNSIGNED NOT NULL COMMENT 'what came of it',
    reason     VARCHAR(1000)   NOT NULL COMMENT 'for people',
    fired_at   DATETIME        NOT NULL COMMENT 'UTC',
    PRIMARY KEY (rule, start_time),
    CONSTRAINT dispatch_rule_firings_of FOREIGN KEY (rule) REFERENCES dispatch_rules (name) ON DELETE CASCADE,
    CONSTRAINT dispatch_rule_firings_plan FOREIGN KEY (plan_id) REFERENCES dispatch_plans (plan_id) ON DELETE CASCADE,
    CONSTRAINT dispatch_rule_firings_window CHECK (end_time > start_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what rules did; a rule does nothing twice for the same time';
