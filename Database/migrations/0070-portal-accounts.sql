-- What people need to come in and to stay safe: roles, confirmed addresses, second factors, sessions with their origin,
-- tokens, outgoing mail, and the audit's origin, before and after.

ALTER TABLE organizations
    ADD COLUMN IF NOT EXISTS approval_status ENUM('pending', 'approved', 'refused', 'suspended') NOT NULL
        DEFAULT 'approved' COMMENT 'one that registered itself waits for the distributor';

ALTER TABLE users
    MODIFY COLUMN approval_status ENUM('pending', 'approved', 'refused', 'suspended') NOT NULL DEFAULT 'pending'
        COMMENT 'residential users are approved at once (approve_residential)',
    ADD COLUMN IF NOT EXISTS name VARCHAR(120) NOT NULL DEFAULT '' COMMENT 'as the person writes it',
    ADD COLUMN IF NOT EXISTS is_operator BOOLEAN NOT NULL DEFAULT FALSE
        COMMENT 'a member of the distributor who may call events; without it an analyst',
    ADD COLUMN IF NOT EXISTS confirmed_at DATETIME NULL COMMENT 'UTC, when the e-mail address proved to be the person''s',
    ADD COLUMN IF NOT EXISTS notify_events BOOLEAN NOT NULL DEFAULT TRUE COMMENT 'wants mail about events',
    ADD COLUMN IF NOT EXISTS version INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'one more for each change; the ETag';

ALTER TABLE logins
    ADD COLUMN IF NOT EXISTS totp_secret VARBINARY(32) NULL COMMENT 'secret of the second factor; null: none',
    ADD COLUMN IF NOT EXISTS totp_confirmed_at DATETIME NULL COMMENT 'UTC; null while the app has not shown a code yet',
    ADD COLUMN IF NOT EXISTS totp_last_step BIGINT NULL COMMENT 'step of the code that was used last: a code is good once';

ALTER TABLE sessions
    ADD COLUMN IF NOT EXISTS seen_at DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()) COMMENT 'UTC, last use, to the minute',
    ADD COLUMN IF NOT EXISTS stage ENUM('full', 'secondFactor') NOT NULL DEFAULT 'full'
        COMMENT 'secondFactor: the password was right, the code is missing',
    ADD COLUMN IF NOT EXISTS address VARCHAR(64) NOT NULL DEFAULT '' COMMENT 'where the login came from',
    ADD COLUMN IF NOT EXISTS agent VARCHAR(190) NOT NULL DEFAULT '' COMMENT 'what the browser calls itself';

ALTER TABLE audit
    ADD COLUMN IF NOT EXISTS address VARCHAR(64) NOT NULL DEFAULT '' COMMENT 'where the request came from',
    ADD COLUMN IF NOT EXISTS before_state TEXT NOT NULL DEFAULT '' COMMENT 'what it was, JSON; empty for something new',
    ADD COLUMN IF NOT EXISTS after_state TEXT NOT NULL DEFAULT '' COMMENT 'what it is now, JSON; empty for something gone';

CREATE TABLE IF NOT EXISTS login_failures (
    name_hash   BINARY(32)   NOT NULL COMMENT 'SHA-256 of the e-mail address that was tried, whether or not it is anyone''s',
    failures    INT UNSIGNED NOT NULL COMMENT 'in a row',
    last_failure DATETIME    NOT NULL COMMENT 'UTC',
    PRIMARY KEY (name_hash),
    KEY login_failures_age (last_failure)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'failed logins by the name that was tried';

CREATE TABLE IF NOT EXISTS account_tokens (
    token_hash BINARY(32)      NOT NULL COMMENT 'SHA-256 of what the link carries',
    account_id BIGINT UNSIGNED NOT NULL COMMENT 'whose',
    purpose    ENUM('confirm', 'reset', 'invite') NOT NULL COMMENT 'what the link is for',
    created_at DATETIME        NOT NULL COMMENT 'UTC',
    expires_at DATETIME        NOT NULL COMMENT 'UTC',
    used_at    DATETIME        NULL COMMENT 'UTC; a link works once',
    PRIMARY KEY (token_hash),
    KEY account_tokens_account (account_id, purpose),
    CONSTRAINT account_tokens_user FOREIGN KEY (account_id) REFERENCES users (account_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'links that were mailed';

CREATE TABLE IF NOT EXISTS api_tokens (
    token_id   BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    token_hash BINARY(32)      NOT NULL COMMENT 'SHA-256 of the token',
    account_id BIGINT UNSIGNED NOT NULL COMMENT 'whose',
    kind       ENUM('personal', 'refresh') NOT NULL COMMENT 'made by the person, or by a login of a program',
    family     BIGINT UNSIGNED NULL COMMENT 'first refresh token of the chain: one used twice ends them all',
    name       VARCHAR(120)    NOT NULL COMMENT 'what the person calls it',
    read_only  BOOLEAN         NOT NULL COMMENT 'may not change anything',
    created_at DATETIME        NOT NULL COMMENT 'UTC',
    expires_at DATETIME        NOT NULL COMMENT 'UTC',
    used_at    DATETIME        NULL COMMENT 'UTC, last use; of a refresh token the only one',
    revoked_at DATETIME        NULL COMMENT 'UTC',
    PRIMARY KEY (token_id),
    UNIQUE KEY api_tokens_hash (token_hash),
    KEY api_tokens_account (account_id, kind),
    KEY api_tokens_family (family),
    CONSTRAINT api_tokens_user FOREIGN KEY (account_id) REFERENCES users (account_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what programs log in with';

CREATE TABLE IF NOT EXISTS portal_keys (
    name       VARCHAR(32)    NOT NULL COMMENT 'what the key signs',
    secret     VARBINARY(64)  NOT NULL COMMENT 'random; the same for every replica',
    created_at DATETIME       NOT NULL COMMENT 'UTC',
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'keys that the portal signs with';

CREATE TABLE IF NOT EXISTS idempotency_keys (
    account_id     BIGINT UNSIGNED NOT NULL COMMENT 'who sent the request',
    idempotency_key VARCHAR(190)   NOT NULL COMMENT 'Idempotency-Key of the request',
    request_digest BINARY(32)      NOT NULL COMMENT 'SHA-256 of method, path and body',
    status         SMALLINT UNSIGNED NULL COMMENT 'what was answered; null while the request is worked on',
    location       VARCHAR(512)    NULL COMMENT 'Location of the answer',
    body           MEDIUMTEXT      NULL COMMENT 'of the answer',
    created_at     DATETIME        NOT NULL COMMENT 'UTC',
    PRIMARY KEY (account_id, idempotency_key),
    KEY idempotency_keys_age (created_at),
    CONSTRAINT idempotency_keys_user FOREIGN KEY (account_id) REFERENCES users (account_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'answers to creations, so that a repeated request creates nothing';

CREATE TABLE IF NOT EXISTS mail_outbox (
    mail_id    BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    recipient  VARCHAR(190)    NOT NULL COMMENT 'e-mail address',
    subject    VARCHAR(190)    NOT NULL,
    text_body  MEDIUMTEXT      NOT NULL COMMENT 'plain text',
    html_body  MEDIUMTEXT      NOT NULL COMMENT 'the same in HTML',
    created_at DATETIME        NOT NULL COMMENT 'UTC',
    due_at     DATETIME        NULL COMMENT 'UTC, next attempt; null: sent, or given up',
    attempts   INT UNSIGNED    NOT NULL DEFAULT 0 COMMENT 'how often it was tried',
    sent_at    DATETIME        NULL COMMENT 'UTC, taken over by the mail server',
    trouble    VARCHAR(190)    NOT NULL DEFAULT '' COMMENT 'why the last attempt failed',
    PRIMARY KEY (mail_id),
    KEY mail_outbox_due (due_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'mail to be sent: written with what it tells of, sent after the commit';
