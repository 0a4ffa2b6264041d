"""What a monitor retains of a forecast that is deleted before the data are there to evaluate it: its values."""

from collections.abc import Iterable
from contextlib import suppress

from forecast_service.monitors.evaluations import RETAINED, evaluation_arn, evaluation_name, forecast_of, monitor_of
from forecast_service.records.errors import ResourceAlreadyExistsException
from forecast_service.records.record import Change, Record, StatusConflictError
from forecast_service.records.table import Records
from forecast_service.storage.bucket import Storage
from forecast_service.storage.forecast_table import ForecastTable

_EVALUATES_LATER = frozenset({"ACTIVE", "ACTIVE_STOPPED"})


def retain_forecasts(records: Records, storage: Storage, deleted: Iterable[Record]) -> None:
    """Retain the forecasts among ``deleted`` whose monitor stays and has not evaluated them yet.

    ``storage`` is that of any resource in the service's bucket.
    """
    for forecast in deleted:
        if forecast.kind != "forecast" or not ForecastTable.is_in(storage.of(forecast)):
            continue  # it has failed, or an earlier deletion went half its way
        monitor = monitor_of(records, forecast.parents["predictor"])
        if monitor and monitor.status in _EVALUATES_LATER and not _is_evaluated(records, monitor, forecast):
            _retain(records, storage, monitor, forecast)


def _is_evaluated(records: Records, monitor: Record, forecast: Record) -> bool:
    """Whether the monitor has evaluated the forecast, or holds its values already."""
    evaluations = records.children_of(monitor.arn, "monitor_evaluation")
    return any(
        evaluation.status in ("ACTIVE", RETAINED) and forecast_of(evaluation) == forecast_of(forecast)
        for evaluation in evaluations
    )


def _retain(records: Records, storage: Storage, monitor: Record, forecast: Record) -> None:
    """Copy the values before the record says that they are there; both may be repeated."""
    name = evaluation_name(*forecast_of(forecast))
    retained = Record(
        kind="monitor_evaluation",
        arn=evaluation_arn(monitor.arn, name),
        name=name,
        status=RETAINED,
        creation_time=forecast.creation_time,
        last_modification_time=forecast.creation_time,
        parents={"monitor": monitor.arn},
        inputs={"forecast": forecast.arn, "forecast_creation_time": forecast.creation_time},
        facts=forecast.facts,
    )
    ForecastTable.of(storage.of(forecast)).copy_to(storage.of(retained))
    with suppress(ResourceAlreadyExistsException, StatusConflictError):  # the monitor may be going, too
        records.create(retained, [Change(monitor.arn, _EVALUATES_LATER)])
