-- How good each published run was, the latest first; low_type, middle_type and high_type say what p10, p50 and p90 of
-- forecast_fan are.
SELECT published, run_id, average_wql, seasonal_naive_average_wql, coverage, series, low_type, middle_type, high_type
FROM forecast_runs
ORDER BY published DESC, run_id
