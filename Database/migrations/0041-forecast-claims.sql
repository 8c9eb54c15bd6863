-- Which program trains a meter's model now: several programs on one database share the meters out among them.

CREATE TABLE IF NOT EXISTS forecast_claims (
    meter_id      INT UNSIGNED NOT NULL,
    holder        VARCHAR(64)  NOT NULL COMMENT 'the run of a program that trains the model of the meter',
    expires_at    DATETIME     NOT NULL COMMENT 'UTC; from then on another may take the meter',
    PRIMARY KEY (meter_id),
    CONSTRAINT forecast_claims_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'leases: who trains the model of a meter now';
