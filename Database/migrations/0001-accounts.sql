-- Who takes part: the distributor, organizations, users, what they log in with, and the audit trail.
-- Times are UTC. Ids that come from outside are compared byte by byte (utf8mb4_bin).
-- Every statement may run again on a database that already has its table: an interrupted migration starts over.

CREATE TABLE IF NOT EXISTS entities (
    entity_id   BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'the number that an organization or a user is known by',
    entity_type ENUM('user', 'organization') NOT NULL COMMENT 'what the number stands for; never changes',
    members     INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'users of the organization, kept by org_prime_admin',
    revision    INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how often the user changed organization (disallow_org_user_map)',
    PRIMARY KEY (entity_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'owners of meters; made by the triggers add_user_id and add_org_id';

CREATE TABLE IF NOT EXISTS organizations (
    org_id     BIGINT UNSIGNED NOT NULL COMMENT 'entity of type organization (add_org_id)',
    name       VARCHAR(190)    NOT NULL COMMENT 'unique, as people write it',
    created_at DATETIME        NOT NULL DEFAULT (UTC_TIMESTAMP()) COMMENT 'UTC',
    PRIMARY KEY (org_id),
    UNIQUE KEY organizations_name (name),
    CONSTRAINT organizations_entity FOREIGN KEY (org_id) REFERENCES entities (entity_id),
    CONSTRAINT organizations_name_given CHECK (name <> '')
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'companies that run sites, and the distributor';

CREATE TABLE IF NOT EXISTS distributor (
    only_row TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'always 1: there is one distributor',
    org_id   BIGINT UNSIGNED  NOT NULL COMMENT 'the organization that runs the grid and owns every meter',
    PRIMARY KEY (only_row),
    UNIQUE KEY distributor_org (org_id),
    CONSTRAINT distributor_organization FOREIGN KEY (org_id) REFERENCES organizations (org_id),
    CONSTRAINT distributor_is_one CHECK (only_row = 1)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'the one distributor of this installation';

CREATE TABLE IF NOT EXISTS users (
    account_id      BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'entity of type user (add_user_id)',
    email           VARCHAR(190)    NOT NULL COMMENT 'lower case, unique',
    org_id          BIGINT UNSIGNED NULL COMMENT 'null: a residential user',
    is_admin        BOOLEAN         NOT NULL DEFAULT FALSE COMMENT 'may manage the organization (org_prime_admin)',
    approval_status ENUM('pending', 'approved', 'refused') NOT NULL DEFAULT 'pending'
        COMMENT 'residential users are approved at once (approve_residential)',
    created_at      DATETIME        NOT NULL DEFAULT (UTC_TIMESTAMP()) COMMENT 'UTC',
    PRIMARY KEY (account_id),
    UNIQUE KEY users_email (email),
    KEY users_organization (org_id, account_id),
    CONSTRAINT users_entity FOREIGN KEY (account_id) REFERENCES entities (entity_id),
    CONSTRAINT users_org FOREIGN KEY (org_id) REFERENCES organizations (org_id),
    CONSTRAINT users_email_form CHECK (email LIKE '_%@_%' AND email = LOWER(email)),
    CONSTRAINT users_admin_of_something CHECK (org_id IS NOT NULL OR NOT is_admin)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'people; a user without organization is a residential customer';

CREATE TABLE IF NOT EXISTS logins (
    account_id    BIGINT UNSIGNED NOT NULL COMMENT 'whose login',
    password_hash VARCHAR(255)    NOT NULL COMMENT 'argon2id, encoded form with salt and cost',
    changed_at    DATETIME        NOT NULL DEFAULT (UTC_TIMESTAMP()) COMMENT 'UTC, when the password was set',
    PRIMARY KEY (account_id),
    CONSTRAINT logins_user FOREIGN KEY (account_id) REFERENCES users (account_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what a user proves identity with';

CREATE TABLE IF NOT EXISTS sessions (
    token_hash BINARY(32)      NOT NULL COMMENT 'SHA-256 of the cookie; the cookie itself is never stored',
    account_id BIGINT UNSIGNED NOT NULL COMMENT 'who is logged in',
    created_at DATETIME        NOT NULL DEFAULT (UTC_TIMESTAMP()) COMMENT 'UTC',
    expires_at DATETIME        NOT NULL COMMENT 'UTC, no longer valid from then on',
    PRIMARY KEY (token_hash),
    KEY sessions_account (account_id),
    KEY sessions_expiry (expires_at),
    CONSTRAINT sessions_user FOREIGN KEY (account_id) REFERENCES users (account_id) ON DELETE CASCADE,
    CONSTRAINT sessions_have_a_length CHECK (expires_at > created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'browser sessions';

CREATE TABLE IF NOT EXISTS audit (
    audit_id    BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    occurred_at DATETIME        NOT NULL COMMENT 'UTC',
    actor       VARCHAR(190)    NOT NULL COMMENT 'e-mail, venID, or the name of the program',
    action      VARCHAR(64)     NOT NULL COMMENT 'what was done, such as event.issue',
    subject     VARCHAR(190)    NOT NULL COMMENT 'the id of what it was done to',
    detail      TEXT            NOT NULL DEFAULT '' COMMENT 'for people to read',
    PRIMARY KEY (audit_id),
    KEY audit_subject (subject, audit_id),
    KEY audit_actor (actor, audit_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'who did what to which row; append-only (audit_append_only)';
