-- As users.account_id has one: INSERT ... SELECT is refused for want of it (1364) before add_org_id can give the number.

ALTER TABLE organizations
    MODIFY COLUMN org_id BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'entity of type organization (add_org_id)';
