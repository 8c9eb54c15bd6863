-- Models behind forecasts, and meters whose forecasts went wrong.

CREATE TABLE IF NOT EXISTS forecast_models (
    model_id       BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    meter_id       INT UNSIGNED NOT NULL,
    version        INT UNSIGNED NOT NULL COMMENT '1 for the first model of a meter, then one more each',
    origin         ENUM('chosen', 'refitted') NOT NULL COMMENT 'chosen by a backtest, or its coefficients estimated again',
    name           VARCHAR(190) NOT NULL COMMENT 'for people',
    parameters     JSON         NOT NULL COMMENT 'methods, weights, coefficients, interval widths, error band',
    window_start   DATETIME     NOT NULL COMMENT 'UTC, first reading behind it',
    window_end     DATETIME     NOT NULL COMMENT 'UTC, end of the last reading behind it',
    readings       INT UNSIGNED NOT NULL COMMENT 'known readings of the window, suspect ones left out',
    mase           DOUBLE       NULL COMMENT 'error on held-out days over that of the day before; null: not measured anew',
    code_version   VARCHAR(64)  NOT NULL COMMENT 'of the program that made it',
    trained_at     DATETIME     NOT NULL COMMENT 'UTC',
    PRIMARY KEY (model_id),
    UNIQUE KEY forecast_models_version (meter_id, version),
    CONSTRAINT forecast_models_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE,
    CONSTRAINT forecast_models_window CHECK (window_end > window_start)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'trained forecasting models, newest version last';

ALTER TABLE forecasts
    ADD COLUMN IF NOT EXISTS model_id BIGINT UNSIGNED NULL COMMENT 'the stored model that made it; null: none';

ALTER TABLE forecasts
    ADD CONSTRAINT forecasts_by_model FOREIGN KEY IF NOT EXISTS (model_id) REFERENCES forecast_models (model_id)
        ON DELETE SET NULL;

CREATE TABLE IF NOT EXISTS forecast_drifts (
    meter_id      INT UNSIGNED NOT NULL,
    detected_at   DATETIME     NOT NULL COMMENT 'UTC',
    model_id      BIGINT UNSIGNED NULL COMMENT 'the model whose forecasts went wrong',
    days          INT UNSIGNED NOT NULL COMMENT 'days behind the error',
    mean_error    DOUBLE       NOT NULL COMMENT 'Wh, mean absolute error per interval of these days',
    error_limit   DOUBLE       NOT NULL COMMENT 'Wh, the largest that belongs to the band',
    ended_at      DATETIME     NULL COMMENT 'UTC, when errors were back in the band; null: not yet',
    PRIMARY KEY (meter_id, detected_at),
    CONSTRAINT forecast_drifts_meter FOREIGN KEY (meter_id) REFERENCES meters (meter_id) ON DELETE CASCADE,
    CONSTRAINT forecast_drifts_model FOREIGN KEY (model_id) REFERENCES forecast_models (model_id) ON DELETE SET NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'alarms: forecasts whose error left its band';
