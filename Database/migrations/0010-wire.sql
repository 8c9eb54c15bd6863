-- What the VTN holds a VEN to before its messages are read, and which signed messages it has seen.

CREATE TABLE IF NOT EXISTS wire_settings (
    ven_id             VARCHAR(128) NOT NULL,
    signatures         ENUM('optional', 'required') NOT NULL COMMENT 'whether unsigned messages are taken',
    clock_skew_seconds INT UNSIGNED NOT NULL COMMENT 's, how far a signature may be from now, either way',
    is_lenient         BOOLEAN      NOT NULL COMMENT 'known deviations of field devices are tolerated',
    PRIMARY KEY (ven_id),
    CONSTRAINT wire_settings_ven FOREIGN KEY (ven_id) REFERENCES vens (ven_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'how a VEN is to speak, where it is not the standard way';

CREATE TABLE IF NOT EXISTS signature_nonces (
    certificate BINARY(32)   NOT NULL COMMENT 'who signed',
    nonce       VARCHAR(128) NOT NULL COMMENT 'of ReplayProtect',
    digest      BINARY(32)   NOT NULL COMMENT 'SHA-256 of the message',
    expires_at  DATETIME     NOT NULL COMMENT 'UTC; from then on the timestamp alone refuses the message',
    answer      MEDIUMBLOB   NULL COMMENT 'XML; null until the message was answered',
    PRIMARY KEY (certificate, nonce),
    KEY signature_nonces_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'signed messages that were taken: none of them has an effect twice';
