-- The series whose forecast was worst in the backtest, beside seasonal naive; size is what they sold in its windows.
SELECT item_id, dimension, wape, seasonal_naive_wape, coverage, total AS size
FROM forecast_accuracy
ORDER BY wape DESC NULLS LAST, series
