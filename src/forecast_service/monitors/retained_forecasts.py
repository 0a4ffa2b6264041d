"""What a monitor keeps of a forecast that is deleted before the data are there to evaluate it: its values."""

from collections.abc import Iterable
from contextlib import suppress

from forecast_service.jobs.base.job import JobContext
from forecast_service.monitors.evaluations import KEPT, evaluation_arn, forecast_of, part_name
from forecast_service.records.errors import ResourceAlreadyExistsException
from forecast_service.records.table import Change, Record, Records, StatusConflictError
from forecast_service.resources.predictor_monitor import monitor_of
from forecast_service.storage.forecast_table import ForecastTable

_THERE_TO_EVALUATE = frozenset({"ACTIVE", "ACTIVE_STOPPED"})


def keep_forecasts(context: JobContext, deleted: Iterable[Record]) -> None:
    """Keep the forecasts among what is being deleted, where a monitor stays that has not evaluated them yet."""
    for forecast in deleted:
        if forecast.kind != "forecast" or not ForecastTable.is_in(context.storage.of(forecast)):
            continue  # it has failed, or an earlier deletion went half its way
        monitor = monitor_of(context.records, forecast.parents["predictor"])
        if monitor and monitor.status in _THERE_TO_EVALUATE and not _is_evaluated(context.records, monitor, forecast):
            _keep(context, monitor, forecast)


def _is_evaluated(records: Records, monitor: Record, forecast: Record) -> bool:
    parts = records.children_of(monitor.arn, "monitor_evaluation")
    return any(part.status in ("ACTIVE", KEPT) and forecast_of(part) == forecast_of(forecast) for part in parts)


def _keep(context: JobContext, monitor: Record, forecast: Record) -> None:
    """Copy the values before the record says that they are there; each may be done again."""
    name = part_name(*forecast_of(forecast))
    kept = Record(
        kind="monitor_evaluation",
        arn=evaluation_arn(monitor.arn, name),
        name=name,
        status=KEPT,
        creation_time=forecast.creation_time,
        last_modification_time=forecast.creation_time,
        parents={"monitor": monitor.arn},
        inputs={"forecast": forecast.arn, "forecast_creation_time": forecast.creation_time},
        facts=forecast.facts,
    )
    ForecastTable.of(context.storage.of(forecast)).copy_to(context.storage.of(kept))
    with suppress(ResourceAlreadyExistsException, StatusConflictError):  # the monitor may be going, too
        context.records.create(kept, [Change(monitor.arn, _THERE_TO_EVALUATE)])
