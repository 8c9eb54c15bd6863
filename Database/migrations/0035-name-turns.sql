-- Who gives a name to somebody waits for whoever is giving the same name: 1,024 rows, one of which a name's hash chooses.

CREATE TABLE IF NOT EXISTS name_turns (
    slot    SMALLINT UNSIGNED NOT NULL COMMENT 'CRC32 of the e-mail or name, modulo 1024',
    changes BIGINT UNSIGNED   NOT NULL DEFAULT 0 COMMENT 'names of this slot that were given: nodes of a cluster compare it',
    PRIMARY KEY (slot)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'whose turn it is to give a name (add_user_id, add_org_id)';

-- 32 times 32: the server stops a recursion after 1,000 steps (max_recursive_iterations) and says nothing.
INSERT IGNORE INTO name_turns (slot)
    WITH RECURSIVE digits AS (SELECT 0 AS digit UNION ALL SELECT digit + 1 FROM digits WHERE digit < 31)
    SELECT high.digit * 32 + low.digit FROM digits high JOIN digits low;
