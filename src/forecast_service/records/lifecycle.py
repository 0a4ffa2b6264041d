"""The life of a resource: which status follows which, for the control plane and for the jobs.

    create   CREATE_PENDING -> CREATE_IN_PROGRESS -> ACTIVE | CREATE_FAILED
    stop     CREATE_PENDING | CREATE_IN_PROGRESS -> CREATE_STOPPING -> CREATE_STOPPED
             ACTIVE -> ACTIVE_STOPPING -> ACTIVE_STOPPED -> ACTIVE (resumed): a resumable resource, i.e. a monitor
    delete   DELETE_PENDING -> DELETE_IN_PROGRESS -> (gone) | DELETE_FAILED

While an import job runs, its dataset is UPDATE_PENDING, then UPDATE_IN_PROGRESS. The dataset is ACTIVE again when the
job has ended; one transaction changes both records. Every step is idempotent: a step that Step Functions repeats finds
its status reached and changes nothing.
"""

from typing import Any

from forecast_service.records.errors import ResourceNotFoundException
from forecast_service.records.facts import Facts
from forecast_service.records.record import Change, JsonObject, Record, StatusConflictError, now
from forecast_service.records.table import Records

IMPORTING = frozenset({"UPDATE_PENDING", "UPDATE_IN_PROGRESS"})
RUNNING = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})
STOPPED_AFTER = {"CREATE_STOPPING": "CREATE_STOPPED", "ACTIVE_STOPPING": "ACTIVE_STOPPED"}
STOPPING = frozenset(STOPPED_AFTER)
STOPPED = frozenset(STOPPED_AFTER.values())
DELETING = frozenset({"DELETE_PENDING", "DELETE_IN_PROGRESS"})
ENDED = frozenset({"ACTIVE", "CREATE_FAILED"}) | STOPPED


def begin(records: Records, arn: str) -> Record:
    """The job of a creation runs: CREATE_IN_PROGRESS. Returns the record.

    Raises StatusConflictError if the creation has ended otherwise or the resource is being deleted,
    ResourceNotFoundException if it is gone.
    """
    return _move(records, arn, "CREATE_IN_PROGRESS", RUNNING, dataset_status="UPDATE_IN_PROGRESS")


def finish(records: Records, arn: str, outcome: JsonObject, facts: Facts) -> Record:
    """The job has done its work: ACTIVE, with what it found. Raises as ``begin`` does."""
    return _move(records, arn, "ACTIVE", RUNNING, dataset_status="ACTIVE", outcome=outcome, facts=facts)


def fail(records: Records, arn: str, message: str) -> Record:
    """The job could not do its work: CREATE_FAILED, with a sentence for the caller.

    A creation that has ended keeps its status, even if its job fails afterwards. Raises as ``begin`` does.
    """
    record = records.get(arn)
    if record.status in ENDED:
        return record
    return _move(records, arn, "CREATE_FAILED", RUNNING, dataset_status="ACTIVE", message=message)


def begin_stop(records: Records, arn: str) -> Record:
    """The job of a creation is to end without its work done: CREATE_STOPPING. Raises as ``begin`` does."""
    return _move(records, arn, "CREATE_STOPPING", RUNNING)


def stop_active(records: Records, arn: str) -> Record:
    """An active resumable resource is to stop: ACTIVE_STOPPING. Raises as ``begin`` does."""
    return _move(records, arn, "ACTIVE_STOPPING", frozenset({"ACTIVE"}))


def stopped(records: Records, arn: str) -> Record:
    """The resource has stopped: CREATE_STOPPED, or ACTIVE_STOPPED. Raises as ``begin`` does."""
    current = records.get(arn).status
    status = current if current in STOPPED else STOPPED_AFTER.get(current, "CREATE_STOPPED")
    return _move(records, arn, status, STOPPING, dataset_status="ACTIVE")


def resume(records: Records, arn: str) -> Record:
    """A stopped resumable resource works again: ACTIVE. Raises as ``begin`` does."""
    return _move(records, arn, "ACTIVE", frozenset({"ACTIVE_STOPPED"}))


def begin_deletion(records: Records, arn: str) -> Record:
    """The job of a deletion runs: DELETE_IN_PROGRESS. Raises ResourceNotFoundException once the resource is gone.

    The modification time stays that of the Delete call: ``execution_name`` hashes it.
    """
    requested_at = records.get(arn).last_modification_time
    return _move(records, arn, "DELETE_IN_PROGRESS", DELETING, last_modification_time=requested_at)


def fail_deletion(records: Records, arn: str, message: str) -> Record:
    """The data of a resource could not be removed: DELETE_FAILED, from where it can be deleted again."""
    return _move(records, arn, "DELETE_FAILED", DELETING, message=message)


def deleted(records: Records, arn: str) -> None:
    """The data of a resource are gone: remove its record, which frees its name."""
    records.delete(arn)


def _move(
    records: Records,
    arn: str,
    status: str,
    expected: frozenset[str],
    dataset_status: str | None = None,
    **attributes: Any,
) -> Record:
    """Set a record's status and ``attributes`` if it has one of the ``expected``, and that of an import's dataset."""
    record = records.get(arn)
    if record.status == status:
        return record
    changed_at = now()
    changes = [Change(arn, expected, {"status": status, "last_modification_time": changed_at} | attributes)]
    if record.kind == "dataset_import_job" and dataset_status:
        dataset = {"status": dataset_status, "last_modification_time": changed_at}
        changes.append(Change(record.parents["dataset"], IMPORTING, dataset))
    try:
        records.apply(changes)
    except StatusConflictError as conflict:
        if conflict.arn == arn and conflict.status is None:
            raise ResourceNotFoundException(arn) from conflict
        if conflict.status != status or conflict.arn != arn:
            raise
    return records.get(arn)
