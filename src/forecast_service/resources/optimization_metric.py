"""``OptimizationMetric``: what training makes as small as it can."""

from typing import Any

from forecast_service.errors import InvalidInputException

OPTIMIZATION_METRIC = "AverageWeightedQuantileLoss"


def check_metric(request: dict[str, Any]) -> None:
    """Refuse every metric but the one that the engine optimises, which is Amazon's default."""
    metric = request.get("OptimizationMetric", OPTIMIZATION_METRIC)
    if metric != OPTIMIZATION_METRIC:
        raise InvalidInputException(f"OptimizationMetric {metric} is not supported yet: use {OPTIMIZATION_METRIC}")
