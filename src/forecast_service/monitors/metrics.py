"""The metrics that a monitor shows, of the predictor at its training and of each evaluation, in Amazon's order.

What is not defined is left out: AverageWeightedQuantileLoss where only the mean was forecast, MASE without a scale.
"""

from typing import Any

NAMES = ("AverageWeightedQuantileLoss", "MAPE", "MASE", "RMSE", "WAPE")


def baseline_metrics(evaluation_results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """``BaselineMetrics`` from the ``PredictorEvaluationResults`` of an auto predictor: the mean over its windows."""
    summary = evaluation_results[0]["TestWindows"][0]["Metrics"]
    values = dict(summary["ErrorMetrics"][0])
    if summary["WeightedQuantileLosses"]:
        values["AverageWeightedQuantileLoss"] = summary["AverageWeightedQuantileLoss"]
    return [{"Name": name, "Value": values[name]} for name in NAMES if name in values]


def metric_results(values: dict[str, float | None]) -> list[dict[str, Any]]:
    """``MetricResults`` of an evaluation, without the metrics that are not defined (None)."""
    return [{"MetricName": name, "MetricValue": values[name]} for name in NAMES if values.get(name) is not None]
