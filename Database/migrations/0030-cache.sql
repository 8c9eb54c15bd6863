-- What the cache must forget: written in the transaction of the change, delivered to Redis after it, then deleted.

CREATE TABLE IF NOT EXISTS cache_invalidations (
    invalidation_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    namespace       VARCHAR(32)  NOT NULL COMMENT 'kind of the copy, such as series',
    cache_key       VARCHAR(190) NOT NULL COMMENT 'which copy',
    created_at      DATETIME     NOT NULL DEFAULT (UTC_TIMESTAMP()) COMMENT 'UTC',
    PRIMARY KEY (invalidation_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'outbox of the cache: copies that are no longer true';
