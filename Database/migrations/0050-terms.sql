-- Terms as a whole document, and when they were published.

ALTER TABLE program_terms
    ADD COLUMN IF NOT EXISTS document JSON NULL
        COMMENT 'the whole terms; null: terms of the first release, which the other columns say in full',
    ADD COLUMN IF NOT EXISTS published_at DATETIME NULL COMMENT 'UTC; null: as long as it is valid',
    DROP CONSTRAINT IF EXISTS program_terms_one_payment,
    DROP CONSTRAINT IF EXISTS program_terms_payment;

ALTER TABLE program_terms
    ADD CONSTRAINT program_terms_payment CHECK (
        document IS NOT NULL OR (price_micros IS NULL) <> (nomination_rate IS NULL));
