"""Which jobs start when another has ended.

    import      the evaluations that it makes possible for monitors
    predictor   the creation of the monitor and of the explainability that came with it

These two start also where the training failed or was stopped: their own jobs say so, and nothing waits for ever.
"""

from collections.abc import Callable
from contextlib import suppress

from forecast_service.monitors.due_evaluations import due_evaluations
from forecast_service.records.arn import kind_of
from forecast_service.records.errors import ResourceAlreadyExistsException, ResourceNotFoundException
from forecast_service.records.job_start import JobStarter
from forecast_service.records.kinds import SUBRESOURCES
from forecast_service.records.lifecycle import ENDED
from forecast_service.records.record import Change, Record, StatusConflictError
from forecast_service.records.table import Records


def _of_predictor(records: Records, predictor: Record) -> list[Record]:
    children = records.children_of(predictor.arn, "explainability", "monitor")
    return [child for child in children if child.status == "CREATE_PENDING"]


def _of_import(records: Records, imported: Record) -> list[Record]:
    return due_evaluations(records, imported) if imported.status == "ACTIVE" else []


_RULES: dict[str, Callable[[Records, Record], list[Record]]] = {
    "predictor": _of_predictor,
    "dataset_import_job": _of_import,
}


def follow_ups(records: Records, record: Record) -> list[tuple[Record, str]]:
    """The jobs to start now that a record's job has ended: (record, action), where the action is ``create``."""
    if record.status not in ENDED or record.kind not in _RULES:
        return []
    return [(follower, "create") for follower in _RULES[record.kind](records, record)]


def has_follow_ups(records: Records, arn: str) -> bool:
    """Whether the end of a job starts others; a resource that is deleted starts none."""
    if kind_of(arn) not in _RULES:  # most jobs, which then need no look at their record
        return False
    with suppress(ResourceNotFoundException):
        return bool(follow_ups(records, records.get(arn)))
    return False


def start_follow_ups(records: Records, jobs: JobStarter, arn: str) -> None:
    """Start them. Who asks again starts none twice."""
    for record, action in follow_ups(records, records.get(arn)):
        if record.kind not in SUBRESOURCES or _is_written(records, record):
            jobs.start(record, action)


def _is_written(records: Records, follower: Record) -> bool:
    """Write the record of a sub-resource unless it is there; False where its parent is not ACTIVE any more."""
    try:
        records.create(follower, [Change(parent, frozenset({"ACTIVE"})) for parent in follower.parents.values()])
    except ResourceAlreadyExistsException:
        return True
    except StatusConflictError:
        return False
    return True
