-- History and forecast as one table, long: what was sold has the type 'history', what is forecast p10, p50, p90 or mean.
-- Each forecast line begins with the last actual value, so that lines join in a chart.
--
-- The column names are those of the CUSTOM domain; put in the names of your schema (RETAIL says demand).
-- TRY_CAST: the timestamps of daily data are dates.
SELECT item_id,
       TRY_CAST("timestamp" AS timestamp) AS "timestamp",
       TRY_CAST(target_value AS double) AS target_value,
       type
FROM forecast
UNION ALL
SELECT item_id,
       TRY_CAST("timestamp" AS timestamp) AS "timestamp",
       TRY_CAST(target_value AS double) AS target_value,
       'history' AS type
FROM train
WHERE TRY_CAST("timestamp" AS timestamp) IS NOT NULL -- a header line, where only some files of train/ have one
