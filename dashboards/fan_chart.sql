-- One row per series and period with a column per quantile: for charts that shade between p10 and p90.
-- The columns are the same for every schema: item_id is the domain's identifier, dimension all further keys. The lines of
-- the forecast begin with the last value of the history, so that they join in a chart.
SELECT item_id,
       dimension,
       "timestamp",
       history,
       coalesce(p10, joint) AS p10,
       coalesce(p50, joint) AS p50,
       coalesce(p90, joint) AS p90
FROM (
    SELECT *,
           CASE
               WHEN "timestamp" = max(CASE WHEN history IS NOT NULL THEN "timestamp" END) OVER (PARTITION BY series)
               THEN history
           END AS joint
    FROM forecast_fan
) AS fan
