"""StopResource and ResumeResource, as far as the control plane goes.

A creation job that is stopped has ended for good. An active monitor that is stopped can be resumed.
"""

from collections.abc import Mapping

from forecast_service.api.quotas import check_stop
from forecast_service.records.errors import InvalidInputException, ResourceInUseException, ResourceNotFoundException
from forecast_service.records.job_start import JobStarter
from forecast_service.records.kinds import KINDS
from forecast_service.records.lifecycle import RUNNING, STOPPED, STOPPING, begin_stop, stop_active
from forecast_service.records.lifecycle import resume as set_active
from forecast_service.records.record import Record, StatusConflictError
from forecast_service.records.table import Records
from forecast_service.resources.resource_kind import RequestContext, ResourceKind


def stop(context: RequestContext, jobs: JobStarter, kinds: Mapping[str, ResourceKind], arn: str) -> None:
    """Stop a running creation job, or an active monitor; a clean-up job follows. Idempotent.

    Raises InvalidInputException for a resource without a job, or whose job has ended otherwise, and
    LimitExceededException.
    """
    record = context.resource(arn)
    kind = kinds[record.kind]
    if not (kind.has_job and kind.can_be_stopped):
        raise InvalidInputException(f"Cannot stop {arn}: a {KINDS[record.kind].noun} has no job that could be stopped")
    if record.status in RUNNING or (kind.is_resumable and record.status == "ACTIVE"):
        check_stop(context.records, record)
        record = _begun(context.records, record)
    if record.status in STOPPING:
        jobs.stop(record)
    elif record.status not in STOPPED:
        raise InvalidInputException(f"Cannot stop {arn}: it is {record.status}, and no job of it is running")


def _begun(records: Records, record: Record) -> Record:
    """The record, now stopping; or as it is if its job has just ended."""
    try:
        return begin_stop(records, record.arn) if record.status in RUNNING else stop_active(records, record.arn)
    except StatusConflictError as conflict:
        if conflict.status is None:
            raise ResourceNotFoundException(record.arn) from conflict
        return records.get(record.arn)


def resume(context: RequestContext, kinds: Mapping[str, ResourceKind], arn: str) -> None:
    """Resume a stopped monitor. Idempotent. A stopped creation cannot be resumed: it is deleted and created again.

    Raises ResourceInUseException until the monitor has stopped, InvalidInputException for other kinds and creations.
    """
    record = context.resource(arn)
    if not kinds[record.kind].is_resumable:
        reason = f"only monitors can be resumed, and this is a {KINDS[record.kind].noun}"
        raise InvalidInputException(f"Cannot resume {arn}: {reason}")
    try:
        set_active(context.records, arn)
    except StatusConflictError as conflict:
        if conflict.status is None:
            raise ResourceNotFoundException(arn) from conflict
        wanted = f"Cannot resume {arn}: it is {conflict.status}, and must be ACTIVE_STOPPED"
        if conflict.status in ("CREATE_FAILED", "CREATE_STOPPED"):
            raise InvalidInputException(wanted) from conflict
        raise ResourceInUseException(wanted) from conflict
