-- Every message in and out, for operators: what was said, by whom, how it went. Never read to decide anything.

CREATE TABLE IF NOT EXISTS payload_log (
    entry_id     BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'in the order in which messages came and went',
    at           DATETIME     NOT NULL COMMENT 'UTC',
    direction    ENUM('received', 'sent') NOT NULL COMMENT 'as the VTN sees it',
    ven_id       VARCHAR(128) NULL COMMENT 'of the certificate; null: nobody admitted it',
    certificate  BINARY(32)   NULL COMMENT 'SHA-256 of the client certificate in DER form',
    message      VARCHAR(64)  NULL COMMENT 'name of the element; null: no message',
    request_id   VARCHAR(128) NULL COMMENT 'requestID',
    status       SMALLINT UNSIGNED NULL COMMENT 'of HTTP',
    code         SMALLINT UNSIGNED NULL COMMENT 'responseCode inside the message',
    reason       VARCHAR(64)  NULL COMMENT 'why it was refused unread',
    microseconds BIGINT UNSIGNED NULL COMMENT 'us, from the request to the answer',
    size         INT UNSIGNED NOT NULL COMMENT 'bytes of the whole message',
    text         MEDIUMTEXT   NOT NULL COMMENT 'its beginning, at most 16 KiB',
    warnings     JSON         NOT NULL COMMENT 'deviations that were tolerated',
    PRIMARY KEY (entry_id),
    KEY payload_log_age (at),
    KEY payload_log_ven (ven_id, entry_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'payload log: every message in and out';
