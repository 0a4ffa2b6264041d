"""Reconciliation: a pending record and its job's execution are brought into agreement.

The process that wrote a record may have ended before it started the job, and an execution may have been aborted before
it could write how it ended. Without reconciliation such a record would stay pending for ever.
"""

from forecast_service.records.job_start import JobStarter
from forecast_service.records.lifecycle import DELETING, RUNNING, STOPPING, fail, fail_deletion, stopped
from forecast_service.records.record import Record, now
from forecast_service.records.table import Records

_STALE_AFTER_SECONDS = 60  # most records that are older are well, and their jobs still work
LONGEST_JOB_HOURS = 36  # TimeoutSeconds of forecast_job.asl.json
_ENDED_BADLY = {
    "FAILED": "The job ended as FAILED before it could say why",
    "TIMED_OUT": (
        f"The job was ended after the {LONGEST_JOB_HOURS} hours that a job may take. More workers at a time (the"
        " stack's parameter MaxConcurrentWorkers) are quicker, and so are fewer time series."
    ),
    "ABORTED": "The job's execution was stopped by hand before its work was done",
}


def reconcile(records: Records, jobs: JobStarter, record: Record) -> Record:
    """The record after a look at its job's execution, if it is pending and has not changed for 60 s.

    A job that never started is started now; a job that died makes the record CREATE_FAILED, stopped or DELETE_FAILED.
    """
    is_stale = now() - record.last_modification_time > _STALE_AFTER_SECONDS
    if not is_stale or record.status not in RUNNING | STOPPING | DELETING:
        return record
    if record.status in RUNNING:
        return _reconciled_creation(records, jobs, record)
    if record.status in STOPPING:
        return _reconciled_stop(records, jobs, record)
    return _reconciled_deletion(records, jobs, record)


def _reconciled_creation(records: Records, jobs: JobStarter, record: Record) -> Record:
    state = jobs.state(record, "create")
    if state is None and not _waits_for_a_parent(records, record):
        jobs.start(record, "create")
    return fail(records, record.arn, _ENDED_BADLY[state]) if state in _ENDED_BADLY else record


def _reconciled_stop(records: Records, jobs: JobStarter, record: Record) -> Record:
    state = jobs.state(record, "stop")
    if state is None:
        jobs.stop(record)
    return stopped(records, record.arn) if state in _ENDED_BADLY else record


def _reconciled_deletion(records: Records, jobs: JobStarter, record: Record) -> Record:
    state = jobs.state(record, "delete")
    if state is None:
        jobs.start(record, "delete")
    return fail_deletion(records, record.arn, _ENDED_BADLY[state]) if state in _ENDED_BADLY else record


def _waits_for_a_parent(records: Records, record: Record) -> bool:
    """Whether a dependent's parent is still being created: the dependent's job starts when the parent's has ended."""
    parents = [records.get(arn) for arn in record.parents.values()]
    return any(parent.status in RUNNING | STOPPING for parent in parents)
