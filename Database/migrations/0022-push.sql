-- VENs that take pushes: one message at a time, and a pause after each failure.

CREATE TABLE IF NOT EXISTS push_states (
    ven_id        VARCHAR(128) NOT NULL,
    failures      INT UNSIGNED NOT NULL COMMENT 'pushes in a row that did not arrive',
    paused_until  DATETIME     NULL COMMENT 'UTC, nothing is sent before',
    claimed_until DATETIME     NULL COMMENT 'UTC, a push is on its way; after that it counts as lost',
    PRIMARY KEY (ven_id),
    CONSTRAINT push_states_ven FOREIGN KEY (ven_id) REFERENCES vens (ven_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'how far VENs that take pushes can be reached';
