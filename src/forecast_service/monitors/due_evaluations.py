"""Which evaluations of monitors are due once an import has ended.

A forecast is evaluated once, by the first import after it whose data hold all of its steps. If that evaluation fails or
is stopped, the next such import makes another.
"""

from collections.abc import Iterator
from typing import cast

import numpy as np

from forecast_contract.time_alignment import boundary_fields
from forecast_engine import Boundary, Frequency, Grid
from forecast_service.monitors.evaluations import RETAINED, evaluation_arn, evaluation_name, forecast_of
from forecast_service.records.arn import without_ulid
from forecast_service.records.facts import TimeSpan
from forecast_service.records.lifecycle import RUNNING
from forecast_service.records.record import Record, now
from forecast_service.records.table import Records

# An evaluation whose status has not changed for so long is made again: its execution was aborted.
_SECONDS_UNTIL_A_JOB_IS_LOST = 3600


def due_evaluations(records: Records, imported: Record) -> list[Record]:
    """The evaluations that monitors make now that an import is ACTIVE; some of the records may not be written yet.

    Repeated calls return the same evaluations until those have ended: their names and times follow from the import.
    """
    _, monitors = records.tally("monitor", {"ACTIVE"})
    if not monitors:
        return []
    dataset = records.get(imported.parents["dataset"])
    if dataset.request["DatasetType"] != "TARGET_TIME_SERIES":
        return []
    return [evaluation for monitor in monitors for evaluation in _due(records, monitor, imported, dataset)]


def _due(records: Records, monitor: Record, imported: Record, dataset: Record) -> Iterator[Record]:
    predictor = records.get(monitor.parents["predictor"])
    group = records.get(predictor.parents["dataset_group"])
    if dataset.arn not in group.request["DatasetArns"]:
        return
    evaluations = {record.arn: record for record in records.children_of(monitor.arn, "monitor_evaluation")}
    taken = {forecast_of(record) for record in evaluations.values() if record.status == "ACTIVE" or _is_at_work(record)}
    forecasts = [forecast for forecast in records.children_of(predictor.arn, "forecast") if forecast.status == "ACTIVE"]
    retained = [record for record in evaluations.values() if record.status == RETAINED]
    for values in [*forecasts, *retained]:
        if not _covers(imported, dataset, values, predictor):
            continue
        evaluation = _evaluation(monitor, predictor, values, imported)
        known = evaluations.get(evaluation.arn)
        if known and known.status in RUNNING:
            yield known
        elif known is None and forecast_of(evaluation) not in taken:
            yield evaluation


def _is_at_work(evaluation: Record) -> bool:
    return evaluation.status in RUNNING and now() - evaluation.last_modification_time < _SECONDS_UNTIL_A_JOB_IS_LOST


def _covers(imported: Record, dataset: Record, values: Record, predictor: Record) -> bool:
    """Whether the import came after the forecast, and its data reach from its first step to the end of its last."""
    _, created = forecast_of(values)
    if imported.creation_time <= created:
        return False
    boundary = Boundary(**boundary_fields(predictor.request.get("TimeAlignmentBoundary", {})))
    window = Grid.covering(Frequency.parse(predictor.request["ForecastFrequency"]), *_extent(values), boundary)
    first, last = _extent(imported)
    end_of_data = Grid.covering(Frequency.parse(dataset.request["DataFrequency"]), last, last, boundary)
    reaches_the_end = end_of_data.timestamps(1, 1)[0] >= window.timestamps(window.length, 1)[0]
    return bool(reaches_the_end and window.index_of(np.array([first]))[0] <= 0)


def _extent(record: Record) -> tuple[np.datetime64, np.datetime64]:
    """First and last timestamp of an import, or the starts of first and last step of a forecast."""
    span = cast(TimeSpan, record.facts)
    return np.datetime64(span["first_timestamp"], "s"), np.datetime64(span["last_timestamp"], "s")


def _evaluation(monitor: Record, predictor: Record, values: Record, imported: Record) -> Record:
    """``values``: the forecast, or what was retained of it."""
    forecast, created = forecast_of(values)
    name = evaluation_name(forecast, created, imported.arn, imported.creation_time)
    started = imported.last_modification_time
    first, last = (float(end.astype(np.int64)) for end in _extent(values))
    request = {
        "WindowStartDatetime": first,
        "WindowEndDatetime": last,
        "MonitorDataSource": {
            "DatasetImportJobArn": imported.arn,
            "ForecastArn": forecast,
            "PredictorArn": predictor.arn,
        },
    }
    return Record(
        kind="monitor_evaluation",
        arn=evaluation_arn(monitor.arn, name),
        name=name,
        status="CREATE_PENDING",
        creation_time=started,
        last_modification_time=started,
        request=request | _predictor_event(predictor),
        parents={"monitor": monitor.arn},
        inputs={
            "forecast": forecast,
            "forecast_creation_time": created,
            "values": values.arn,
            "dataset_import_job": imported.arn,
            "predictor": predictor.arn,
        },
    )


def _predictor_event(predictor: Record) -> dict[str, object]:
    """``PredictorEvent`` of a predictor that was trained again from an auto predictor, whose ARN carries a ULID."""
    reference = predictor.request.get("ReferencePredictorArn")
    if reference is None or without_ulid(reference) == reference:
        return {}
    return {"PredictorEvent": {"Detail": "Retrain", "Datetime": predictor.creation_time}}
