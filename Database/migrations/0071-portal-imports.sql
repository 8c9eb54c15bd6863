-- Files that people send with their browser, and work that takes longer than a request.

CREATE TABLE IF NOT EXISTS portal_uploads (
    upload_id  BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    account_id BIGINT UNSIGNED NOT NULL COMMENT 'who sent it; nobody else sees it',
    meter_id   INT UNSIGNED    NULL COMMENT 'the meter of a file that names none',
    file       VARCHAR(190)    NOT NULL COMMENT 'its name, without a folder',
    digest     BINARY(32)      NOT NULL COMMENT 'SHA-256 of the content',
    content    MEDIUMBLOB      NOT NULL COMMENT 'as it came, at most 10 MiB; goes a day after it came',
    created_at DATETIME        NOT NULL COMMENT 'UTC',
    PRIMARY KEY (upload_id),
    KEY portal_uploads_age (created_at),
    CONSTRAINT portal_uploads_user FOREIGN KEY (account_id) REFERENCES users (account_id) ON DELETE CASCADE,
    CONSTRAINT portal_uploads_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'files of readings that wait for somebody to say how they are read';

CREATE TABLE IF NOT EXISTS portal_jobs (
    job_id      BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    kind        ENUM('import') NOT NULL COMMENT 'what is done',
    account_id  BIGINT UNSIGNED NOT NULL COMMENT 'who asked for it',
    upload_id   BIGINT UNSIGNED NULL COMMENT 'the file; null once it has gone',
    title       VARCHAR(190)    NOT NULL COMMENT 'for people',
    work_order  TEXT            NOT NULL COMMENT 'JSON: how it is done',
    state       ENUM('waiting', 'running', 'done', 'failed') NOT NULL DEFAULT 'waiting',
    done        BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'bytes that were read',
    total       BIGINT UNSIGNED NOT NULL COMMENT 'bytes in all',
    batch_id    INT UNSIGNED    NULL COMMENT 'the import that came of it',
    result      TEXT            NOT NULL DEFAULT '' COMMENT 'for people: what came of it',
    created_at  DATETIME        NOT NULL COMMENT 'UTC',
    finished_at DATETIME        NULL COMMENT 'UTC',
    lease_until DATETIME        NULL COMMENT 'UTC: until then another replica leaves it alone',
    attempts    INT UNSIGNED    NOT NULL DEFAULT 0 COMMENT 'how often it was begun',
    PRIMARY KEY (job_id),
    KEY portal_jobs_account (account_id, job_id),
    KEY portal_jobs_open (state, job_id),
    CONSTRAINT portal_jobs_user FOREIGN KEY (account_id) REFERENCES users (account_id) ON DELETE CASCADE,
    CONSTRAINT portal_jobs_upload FOREIGN KEY (upload_id) REFERENCES portal_uploads (upload_id) ON DELETE SET NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'work that people asked for and that goes on after the answer';
