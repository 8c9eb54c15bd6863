-- A note names many copies: a transaction with a hundred readings of a hundred meters writes one row, not a hundred.

ALTER TABLE cache_invalidations
    MODIFY COLUMN cache_key VARCHAR(4000) NOT NULL COMMENT 'which copies, separated by spaces';
