"""Which jobs start when another has ended.

    import      the evaluations that it makes possible for monitors
    predictor   the creation of the monitor and of the explainability that came with it

These two start also where the training failed or was stopped: their own jobs say so, and nothing waits for ever.
"""

from contextlib import suppress

from forecast_service.errors import ResourceAlreadyExistsException, ResourceNotFoundException
from forecast_service.job_start import JobStarter
from forecast_service.jobs.due_evaluations import due_evaluations
from forecast_service.lifecycle import ENDED
from forecast_service.records import PARTS, Change, Record, Records, StatusConflictError

_CAME_WITH_A_PREDICTOR = ("explainability", "monitor")


def follow_ups(records: Records, record: Record) -> list[tuple[Record, str]]:
    """What starts now that a record's job has ended: records, and what is to be done with each (``create``)."""
    if record.status not in ENDED:
        return []
    if record.kind == "predictor":
        children = records.children_of(record.arn, *_CAME_WITH_A_PREDICTOR)
        return [(child, "create") for child in children if child.status == "CREATE_PENDING"]
    if record.kind == "dataset_import_job" and record.status == "ACTIVE":
        return [(evaluation, "create") for evaluation in due_evaluations(records, record)]
    return []


def has_follow_ups(records: Records, arn: str) -> bool:
    """Whether the end of a job starts others; a resource that is deleted starts none."""
    with suppress(ResourceNotFoundException):
        return bool(follow_ups(records, records.get(arn)))
    return False


def start_follow_ups(records: Records, jobs: JobStarter, arn: str) -> None:
    """Start them. Who asks again starts none twice."""
    for record, action in follow_ups(records, records.get(arn)):
        if record.kind not in PARTS or _is_written(records, record):
            jobs.start(record, action)


def _is_written(records: Records, part: Record) -> bool:
    """Write the record of a part unless it is there; False where its parent is not ACTIVE any more."""
    try:
        records.create(part, [Change(parent, frozenset({"ACTIVE"})) for parent in part.parents.values()])
    except ResourceAlreadyExistsException:
        return True
    except StatusConflictError:
        return False
    return True
