-- One row per item and period with a column per quantile: for charts that shade between p10 and p90.
-- Leave out the quantiles that your forecast does not have; the column names are those of the CUSTOM domain.
SELECT item_id,
       "timestamp",
       max(CASE WHEN type = 'history' THEN target_value END) AS history,
       max(CASE WHEN type = 'p10' THEN target_value END) AS p10,
       max(CASE WHEN type = 'p50' THEN target_value END) AS p50,
       max(CASE WHEN type = 'p90' THEN target_value END) AS p90
FROM (
    SELECT item_id,
           TRY_CAST("timestamp" AS timestamp) AS "timestamp",
           TRY_CAST(target_value AS double) AS target_value,
           type
    FROM forecast
    UNION ALL
    SELECT item_id,
           TRY_CAST("timestamp" AS timestamp),
           TRY_CAST(target_value AS double),
           'history'
    FROM train
    WHERE TRY_CAST("timestamp" AS timestamp) IS NOT NULL
) AS history_and_forecast
GROUP BY item_id, "timestamp"
