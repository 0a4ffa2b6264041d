"""Evaluations of monitors, as the worker leaves them."""

from forecast_service.monitors.evaluations import evaluation_arn
from forecast_service.records.record import Record


def write_evaluation(shop, monitor, number, status="ACTIVE", **attributes):
    """Write an evaluation of a monitor, as the worker leaves it; ``number`` counts seconds."""
    created = 1_700_000_000.0 + number
    arn = evaluation_arn(monitor, f"e{number}")
    attributes |= {"request": {"WindowStartDatetime": created}, "parents": {"monitor": monitor}}
    shop.records.create(Record("monitor_evaluation", arn, f"e{number}", status, created, created, **attributes))
    return arn
