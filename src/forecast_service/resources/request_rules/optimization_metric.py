"""``OptimizationMetric``: by which errors of the backtest the models are weighted. All five of Amazon's are taken."""

OPTIMIZATION_METRIC = "AverageWeightedQuantileLoss"
