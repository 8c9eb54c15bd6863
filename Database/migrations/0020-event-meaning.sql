-- What an event can say: why it was changed, all kinds of targets, the load to expect without it, opts of single devices,
-- and what a programme says where the standard leaves it open.

ALTER TABLE events
    ADD COLUMN IF NOT EXISTS change_reason VARCHAR(190) NULL COMMENT 'why it was changed last';

ALTER TABLE event_participations
    ADD COLUMN IF NOT EXISTS targets JSON NOT NULL DEFAULT '[]'
        COMMENT 'kind and value of what is meant besides VEN and resources',
    ADD COLUMN IF NOT EXISTS baseline JSON NULL COMMENT 'W per step: the load to expect without the event',
    ADD COLUMN IF NOT EXISTS opt_devices JSON NOT NULL DEFAULT '[]' COMMENT 'opts of single kinds of devices';

ALTER TABLE opts
    ADD COLUMN IF NOT EXISTS device_classes JSON NOT NULL DEFAULT '[]' COMMENT 'kinds of devices; [] is all';

CREATE TABLE IF NOT EXISTS programme_rules (
    market_context VARCHAR(256) NOT NULL COMMENT 'URI of the programme',
    unanswered     ENUM('optIn', 'optOut') NOT NULL COMMENT 'how a VEN counts that has not answered an event',
    during_opt_out ENUM('allow', 'refuse') NOT NULL COMMENT 'an event in a time that its VEN opted out of',
    overlap        ENUM('allow', 'refuse') NOT NULL COMMENT 'an event over another one of the same VEN (rule 18)',
    PRIMARY KEY (market_context)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what programmes say where OpenADR leaves it open (rule 201)';
