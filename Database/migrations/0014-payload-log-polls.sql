-- Polls for which nothing waits are most of what comes, and always the same: a VEN's go into one row for some seconds of them.

ALTER TABLE payload_log
    ADD COLUMN IF NOT EXISTS answer MEDIUMTEXT NULL COMMENT 'of a run of polls: the answer to each',
    ADD COLUMN IF NOT EXISTS polls MEDIUMTEXT NULL
        COMMENT 'of a run of polls: when each came, in s after at, and us until its answer, as 0:812 3:900';
