-- What the virtual top node must still know after a restart. Ids come from the protocol: case-sensitive, opaque (rule 512).
-- Lists that are only ever read and written as a whole are JSON.

CREATE TABLE IF NOT EXISTS vens (
    ven_id             VARCHAR(128) NOT NULL COMMENT 'venID',
    name               VARCHAR(190) NOT NULL COMMENT 'for people',
    certificate        BINARY(32)   NOT NULL COMMENT 'SHA-256 of the client certificate in DER form; one VEN each',
    registration_state ENUM('provisioned', 'registered', 'reregistering', 'cancelling', 'cancelled') NOT NULL
        DEFAULT 'provisioned' COMMENT 'where the VEN stands',
    registration_id    VARCHAR(128) NULL COMMENT 'registrationID; null only before the first registration',
    transport          ENUM('httpPull', 'httpPush', 'xmpp') NULL COMMENT 'how the VEN gets its messages',
    transport_address  VARCHAR(512) NULL COMMENT 'base address of a push, or the full JID',
    report_only        BOOLEAN      NULL COMMENT 'offers reports and takes no events',
    xml_signature      BOOLEAN      NULL COMMENT 'signs its messages',
    ven_name           VARCHAR(512) NULL COMMENT 'what the VEN calls itself',
    poll_seconds       INT UNSIGNED NOT NULL COMMENT 's, what a pull VEN is told to poll at',
    resources          JSON         NOT NULL DEFAULT '[]' COMMENT 'resource ids of the loads behind it',
    PRIMARY KEY (ven_id),
    UNIQUE KEY vens_certificate (certificate),
    CONSTRAINT vens_registration CHECK ((registration_id IS NULL) = (registration_state = 'provisioned')),
    CONSTRAINT vens_address CHECK (transport IS NULL OR (transport_address IS NULL) = (transport = 'httpPull')),
    CONSTRAINT vens_endpoint CHECK (
        (transport IS NULL) = (report_only IS NULL) AND (transport IS NULL) = (xml_signature IS NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'VENs that the operator admitted, and their registrations';

CREATE TABLE IF NOT EXISTS events (
    event_id             VARCHAR(128) NOT NULL COMMENT 'eventID',
    modification_number  INT UNSIGNED NOT NULL COMMENT '0 when published, one more for each change',
    market_context       VARCHAR(256) NOT NULL COMMENT 'URI of the programme',
    start_time           DATETIME     NOT NULL COMMENT 'UTC',
    steps                JSON         NOT NULL COMMENT 's, lengths of the intervals in order; [0] is open-ended',
    start_after_seconds  INT UNSIGNED NOT NULL COMMENT 's, span of the random start',
    notification_seconds INT UNSIGNED NOT NULL COMMENT 's, how long before the start the VENs are told',
    ramp_up_seconds      BIGINT       NOT NULL COMMENT 's, before the start; negative lies after it',
    recovery_seconds     BIGINT       NOT NULL COMMENT 's, after the end; negative lies before it',
    priority             INT UNSIGNED NOT NULL COMMENT '1 is the most important, 0 none',
    response_required    ENUM('always', 'never') NOT NULL,
    is_test              BOOLEAN      NOT NULL,
    vtn_comment          TEXT         NULL,
    cancelled_at         DATETIME     NULL COMMENT 'UTC; a cancelled event stays so',
    created_at           DATETIME     NOT NULL COMMENT 'UTC',
    changed_at           DATETIME     NOT NULL COMMENT 'UTC, published or changed last',
    mentioned_until      DATETIME     NULL COMMENT 'UTC, from then on in no message any more; null: open-ended',
    PRIMARY KEY (event_id),
    KEY events_mentioned (mentioned_until),
    KEY events_start (start_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'events as published';

CREATE TABLE IF NOT EXISTS event_participations (
    ven_id                    VARCHAR(128) NOT NULL COMMENT 'who takes part',
    event_id                  VARCHAR(128) NOT NULL COMMENT 'in which event',
    signals                   JSON         NOT NULL COMMENT 'what is asked: kind and one value (W, level, price) per step',
    resources                 JSON         NOT NULL COMMENT 'resource ids that are meant; [] is all',
    withdrawn_modification    INT UNSIGNED NULL COMMENT 'version that took this VEN out, while it goes on for others',
    sent_modification         INT UNSIGNED NULL COMMENT 'newest version that was sent',
    send_count                INT UNSIGNED NOT NULL COMMENT 'how often that version was sent',
    acknowledged_modification INT UNSIGNED NULL COMMENT 'newest version that the VEN answered',
    opt_type                  ENUM('optIn', 'optOut') NULL COMMENT 'null: no answer yet',
    opt_source                ENUM('createdEvent', 'createOpt') NULL COMMENT 'what the decision came with',
    opt_decided_at            DATETIME     NULL COMMENT 'UTC, when the VTN heard it',
    opt_error_code            SMALLINT UNSIGNED NULL COMMENT 'what the VEN found wrong with the event',
    opt_resources             JSON         NOT NULL COMMENT 'resource id -> opt of single resources',
    PRIMARY KEY (ven_id, event_id),
    KEY event_participations_event (event_id, ven_id),
    CONSTRAINT event_participations_ven FOREIGN KEY (ven_id) REFERENCES vens (ven_id),
    CONSTRAINT event_participations_in FOREIGN KEY (event_id) REFERENCES events (event_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'one VEN in one event: what it is asked for, was told, and said';

CREATE TABLE IF NOT EXISTS opt_decisions (
    decision_id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    event_id            VARCHAR(128) NOT NULL,
    ven_id              VARCHAR(128) NOT NULL,
    modification_number INT UNSIGNED NOT NULL COMMENT 'of the event that it speaks of',
    opt_type            ENUM('optIn', 'optOut') NOT NULL,
    source              ENUM('createdEvent', 'createOpt') NOT NULL,
    decided_at          DATETIME     NOT NULL COMMENT 'UTC',
    resources           JSON         NOT NULL COMMENT 'resource ids it was limited to; [] is all',
    reason              VARCHAR(190) NULL COMMENT 'the word of oadrCreateOpt, or the code of an error',
    PRIMARY KEY (decision_id),
    KEY opt_decisions_event (event_id, ven_id, decision_id),
    CONSTRAINT opt_decisions_part FOREIGN KEY (ven_id, event_id)
        REFERENCES event_participations (ven_id, event_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'history of opts; never changed';

CREATE TABLE IF NOT EXISTS opts (
    ven_id         VARCHAR(128) NOT NULL,
    opt_id         VARCHAR(128) NOT NULL COMMENT 'optID, not unique (rule 204)',
    created_at     DATETIME     NOT NULL COMMENT 'UTC, by the VEN',
    opt_type       ENUM('optIn', 'optOut') NOT NULL,
    reason         VARCHAR(190) NOT NULL COMMENT 'optReason',
    market_context VARCHAR(256) NULL COMMENT 'null: every programme (rule 205)',
    resources      JSON         NOT NULL COMMENT 'resource ids; [] is the VEN with all of them',
    windows        JSON         NOT NULL COMMENT 'UTC, pairs of start and end; an empty one is open-ended (rule 210)',
    received_at    DATETIME     NOT NULL COMMENT 'UTC',
    state          ENUM('inForce', 'superseded', 'cancelled') NOT NULL,
    PRIMARY KEY (ven_id, opt_id, created_at),
    CONSTRAINT opts_ven FOREIGN KEY (ven_id) REFERENCES vens (ven_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'opt schedules: when a VEN takes part, whatever events there are';

CREATE TABLE IF NOT EXISTS outbox (
    ven_id       VARCHAR(128) NOT NULL COMMENT 'for whom',
    kind         ENUM('cancelPartyRegistration', 'requestReregistration', 'distributeEvent', 'registerReport',
        'createReport', 'cancelReport') NOT NULL COMMENT 'in the order in which they are handed out',
    subject      VARCHAR(128) NOT NULL COMMENT 'id of the event, report request or registration; empty for none',
    modification INT UNSIGNED NOT NULL COMMENT 'of the event',
    enqueued_at  DATETIME     NOT NULL COMMENT 'UTC',
    send_count   INT UNSIGNED NOT NULL,
    last_sent_at DATETIME     NULL COMMENT 'UTC; it waits for the reply',
    PRIMARY KEY (ven_id, kind, subject),
    CONSTRAINT outbox_ven FOREIGN KEY (ven_id) REFERENCES vens (ven_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what a VEN has to be told when it polls next';

CREATE TABLE IF NOT EXISTS report_offers (
    ven_id           VARCHAR(128) NOT NULL,
    specifier_id     VARCHAR(128) NOT NULL COMMENT 'reportSpecifierID',
    name             VARCHAR(128) NOT NULL COMMENT 'reportName without METADATA_',
    capacity_seconds BIGINT       NOT NULL COMMENT 's, how much the VEN keeps',
    PRIMARY KEY (ven_id, specifier_id),
    CONSTRAINT report_offers_ven FOREIGN KEY (ven_id) REFERENCES vens (ven_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'reports that a VEN can make';

CREATE TABLE IF NOT EXISTS report_data_points (
    ven_id             VARCHAR(128) NOT NULL,
    specifier_id       VARCHAR(128) NOT NULL,
    r_id               VARCHAR(128) NOT NULL COMMENT 'rID',
    position           INT UNSIGNED NOT NULL COMMENT 'place in the metadata',
    report_type        VARCHAR(128) NOT NULL,
    reading_type       VARCHAR(128) NOT NULL,
    unit               ENUM('W', 'Wh', 'other') NOT NULL COMMENT 'what the numbers are turned into',
    scale              DOUBLE       NOT NULL COMMENT 'W or Wh per number on the wire',
    resource_id        VARCHAR(128) NULL COMMENT 'where it is measured; null: the VEN as a whole',
    min_period_seconds BIGINT       NULL COMMENT 's',
    max_period_seconds BIGINT       NULL COMMENT 's',
    on_change          BOOLEAN      NOT NULL,
    PRIMARY KEY (ven_id, specifier_id, r_id),
    CONSTRAINT report_data_points_offer FOREIGN KEY (ven_id, specifier_id)
        REFERENCES report_offers (ven_id, specifier_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'the series of an offered report';

CREATE TABLE IF NOT EXISTS report_requests (
    ven_id                VARCHAR(128) NOT NULL,
    request_id            VARCHAR(128) NOT NULL COMMENT 'reportRequestID, unique in the VTN (rule 322)',
    specifier_id          VARCHAR(128) NOT NULL,
    data_points           JSON         NOT NULL COMMENT 'rIDs that are asked for',
    granularity_seconds   BIGINT       NOT NULL COMMENT 's, sampling step',
    back_duration_seconds BIGINT       NOT NULL COMMENT 's, how often data is sent; 0 is once',
    start_time            DATETIME     NOT NULL COMMENT 'UTC',
    duration_seconds      BIGINT       NOT NULL COMMENT 's; 0 is for ever',
    state                 ENUM('requested', 'accepted', 'refused', 'cancelling', 'ended') NOT NULL,
    created_at            DATETIME     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (ven_id, request_id),
    UNIQUE KEY report_requests_id (request_id),
    CONSTRAINT report_requests_ven FOREIGN KEY (ven_id) REFERENCES vens (ven_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'reports that the VTN asked for';

CREATE TABLE IF NOT EXISTS report_meters (
    ven_id   VARCHAR(128) NOT NULL,
    r_id     VARCHAR(128) NOT NULL COMMENT 'the data point whose values are readings of the meter',
    meter_id INT UNSIGNED NOT NULL,
    PRIMARY KEY (ven_id, r_id),
    UNIQUE KEY report_meters_meter (meter_id),
    CONSTRAINT report_meters_ven FOREIGN KEY (ven_id) REFERENCES vens (ven_id),
    CONSTRAINT report_meters_meter_known FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'which data point of which VEN feeds which meter';

CREATE TABLE IF NOT EXISTS report_values (
    ven_id           VARCHAR(128) NOT NULL,
    specifier_id     VARCHAR(128) NOT NULL,
    r_id             VARCHAR(128) NOT NULL,
    start_time       DATETIME     NOT NULL COMMENT 'UTC',
    duration_seconds BIGINT       NULL COMMENT 's; null: a value at a moment',
    resource_id      VARCHAR(128) NULL,
    kind             ENUM('power', 'energy', 'number', 'status', 'missing') NOT NULL,
    value            DOUBLE       NULL COMMENT 'W, Wh, or the unit of the offer',
    is_online        BOOLEAN      NULL,
    is_overridden    BOOLEAN      NULL COMMENT 'by hand, at the site',
    quality          ENUM('ok', 'estimated', 'bad', 'missing') NOT NULL,
    reported_at      DATETIME     NOT NULL COMMENT 'UTC, createdDateTime of the report: the later one counts',
    received_at      DATETIME     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (ven_id, specifier_id, r_id, start_time),
    CONSTRAINT report_values_ven FOREIGN KEY (ven_id) REFERENCES vens (ven_id),
    CONSTRAINT report_values_kind CHECK (
        (value IS NOT NULL) = (kind IN ('power', 'energy', 'number'))
        AND (is_online IS NOT NULL) = (kind = 'status') AND (is_overridden IS NOT NULL) = (kind = 'status'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what VENs reported, as they said it';

CREATE TABLE IF NOT EXISTS handled_requests (
    certificate    BINARY(32)   NOT NULL COMMENT 'who asked',
    message        VARCHAR(64)  NOT NULL COMMENT 'name of the element',
    request_id     VARCHAR(128) NOT NULL COMMENT 'requestID, never empty',
    content_digest BIGINT       NOT NULL COMMENT 'of the content, bit pattern of an unsigned number',
    code           SMALLINT UNSIGNED NOT NULL COMMENT 'responseCode that was answered',
    explanation    TEXT         NULL COMMENT 'responseDescription',
    refs           JSON         NOT NULL COMMENT 'ids that the answer gave',
    answered_at    DATETIME     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (certificate, message, request_id),
    KEY handled_requests_age (answered_at),
    CONSTRAINT handled_requests_id CHECK (request_id <> '')
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'answers already given: the same request has no second effect';
