-- Years of their own for readings until the end of 2035. Nothing is moved: the last partition is empty, or nearly so.

SET @curtail_years = IF(
    EXISTS (
        SELECT 1 FROM information_schema.partitions
        WHERE table_schema = DATABASE() AND table_name = 'meter_data' AND partition_name = 'from_2028'),
    'ALTER TABLE meter_data REORGANIZE PARTITION from_2028 INTO (
        PARTITION in_2028 VALUES LESS THAN (''2029-01-01''),
        PARTITION in_2029 VALUES LESS THAN (''2030-01-01''),
        PARTITION in_2030 VALUES LESS THAN (''2031-01-01''),
        PARTITION in_2031 VALUES LESS THAN (''2032-01-01''),
        PARTITION in_2032 VALUES LESS THAN (''2033-01-01''),
        PARTITION in_2033 VALUES LESS THAN (''2034-01-01''),
        PARTITION in_2034 VALUES LESS THAN (''2035-01-01''),
        PARTITION in_2035 VALUES LESS THAN (''2036-01-01''),
        PARTITION from_2036 VALUES LESS THAN (MAXVALUE))',
    'DO 0');

EXECUTE IMMEDIATE @curtail_years;
