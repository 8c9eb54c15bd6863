-- Certificates that are not taken any more, though their authority's signature and their dates are good.

CREATE TABLE IF NOT EXISTS revoked_certificates (
    certificate BINARY(32)   NOT NULL COMMENT 'SHA-256 of the certificate in DER form',
    ven_id      VARCHAR(128) NULL COMMENT 'whose it was',
    reason      VARCHAR(190) NOT NULL COMMENT 'in the words of who revoked it',
    revoked_at  DATETIME     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (certificate),
    KEY revoked_certificates_ven (ven_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'revoked certificates: their connections end, new ones are refused';
