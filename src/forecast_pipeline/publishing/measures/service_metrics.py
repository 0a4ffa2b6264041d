"""What the service says of its own accuracy, as the workshop's CloudWatch metrics ``WQL`` and ``RMSE``."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

# An auto predictor blends algorithms and names none.
AUTO_PREDICTOR = "AutoPredictor"


@dataclass(frozen=True)
class ServiceMetric:
    """One CloudWatch value with its dimensions, e.g. WQL of (Algorithm CNN-QR, Quantile 0.9)."""

    name: str
    value: float
    dimensions: dict[str, str]


def service_metrics(answer: Mapping[str, Any]) -> Iterator[ServiceMetric]:
    """The SUMMARY figures of a GetAccuracyMetrics answer, per algorithm; those of its windows are left out."""
    for result in answer["PredictorEvaluationResults"]:
        algorithm = result.get("AlgorithmArn", AUTO_PREDICTOR).rpartition("/")[2]
        for window in result["TestWindows"]:
            if window["EvaluationType"] == "SUMMARY":
                yield from _of_summary(window["Metrics"], algorithm)


def emit_all(metrics: Iterable[ServiceMetric]) -> None:
    """Print metrics in CloudWatch's embedded format; the namespace is the environment's."""
    for metric in metrics:
        _emit(metric)


def _emit(metric: ServiceMetric) -> None:
    # Powertools adds a dimension of its own, the service's name, unless that is empty; the workshop's dashboards
    # look for exactly (Algorithm, Quantile).
    printed = AmazonCloudWatchEMFProvider(service="")
    printed.add_metric(name=metric.name, unit=MetricUnit.NoUnit, value=metric.value)
    for name, value in metric.dimensions.items():
        printed.add_dimension(name=name, value=value)
    printed.flush_metrics()


def _of_summary(metrics: Mapping[str, Any], algorithm: str) -> Iterator[ServiceMetric]:
    for loss in metrics.get("WeightedQuantileLosses", []):
        dimensions = {"Algorithm": algorithm, "Quantile": f"{loss['Quantile']:g}"}
        yield ServiceMetric("WQL", loss["LossValue"], dimensions)
    # RMSE stands beside the quantiles in older answers and under ErrorMetrics in all of them.
    stated = [each["RMSE"] for each in [*metrics.get("ErrorMetrics", []), metrics] if "RMSE" in each]
    if stated:
        yield ServiceMetric("RMSE", stated[0], {"Algorithm": algorithm})
