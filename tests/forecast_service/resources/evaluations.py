"""Evaluations of monitors, as the worker leaves them."""

from typing import Any

from forecast_service.monitors.evaluations import evaluation_arn
from forecast_service.records.record import Record
from tests.forecast_service.shop import Shop


def write_evaluation(shop: Shop, monitor: str, number: int, status: str = "ACTIVE", **attributes: Any) -> str:
    """Write an evaluation of a monitor, as the worker leaves it; ``number`` counts seconds."""
    created = 1_700_000_000.0 + number
    arn = evaluation_arn(monitor, f"e{number}")
    attributes |= {"request": {"WindowStartDatetime": created}, "parents": {"monitor": monitor}}
    shop.records.create(Record("monitor_evaluation", arn, f"e{number}", status, created, created, **attributes))
    return arn
