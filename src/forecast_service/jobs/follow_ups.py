"""Which jobs start when another has ended.

predictor   the creation of the monitor and of the explainability that came with it. They start also where it
            failed or was stopped: then their own jobs say so, and nothing waits for ever
"""

from contextlib import suppress

from forecast_service.errors import ResourceNotFoundException
from forecast_service.job_start import JobStarter
from forecast_service.lifecycle import ENDED
from forecast_service.records import Record, Records

_CAME_WITH_A_PREDICTOR = ("explainability", "monitor")


def follow_ups(records: Records, record: Record) -> list[tuple[Record, str]]:
    """What starts now that a record's job has ended: records, and what is to be done with each (``create``)."""
    if record.status not in ENDED:
        return []
    if record.kind == "predictor":
        children = records.children_of(record.arn, *_CAME_WITH_A_PREDICTOR)
        return [(child, "create") for child in children if child.status == "CREATE_PENDING"]
    return []


def has_follow_ups(records: Records, arn: str) -> bool:
    """Whether the end of a job starts others; a resource that is deleted starts none."""
    with suppress(ResourceNotFoundException):
        return bool(follow_ups(records, records.get(arn)))
    return False


def start_follow_ups(records: Records, jobs: JobStarter, arn: str) -> None:
    """Start them. Who asks again starts none twice."""
    for record, action in follow_ups(records, records.get(arn)):
        jobs.start(record, action)
