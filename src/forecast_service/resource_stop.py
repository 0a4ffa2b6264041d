"""StopResource and ResumeResource, as far as the control plane goes."""

from collections.abc import Mapping

from forecast_service.errors import InvalidInputException, ResourceNotFoundException
from forecast_service.job_start import JobStarter
from forecast_service.lifecycle import RUNNING, STOPPING, begin_stop
from forecast_service.quotas import check_stop
from forecast_service.records import NOUNS, StatusConflictError
from forecast_service.resources.kind import ControlPlane, ResourceKind

_STOPPED = "CREATE_STOPPED"


def stop(control_plane: ControlPlane, jobs: JobStarter, kinds: Mapping[str, ResourceKind], arn: str) -> None:
    """Stop a job that is on its way; another one clears away what it has left. Who asks again finds it done.

    Raises InvalidInputException for what has no job, or one that has ended otherwise, LimitExceededException.
    """
    record = control_plane.records.get(arn)
    kind = kinds[record.kind]
    if not (kind.has_job and kind.can_be_stopped):
        raise InvalidInputException(f"Cannot stop {arn}: a {NOUNS[record.kind]} has no job that could be stopped")
    if record.status in RUNNING:
        check_stop(control_plane.records, record)
        try:
            record = begin_stop(control_plane.records, arn)
        except StatusConflictError as conflict:  # it has just ended
            if conflict.status is None:
                raise ResourceNotFoundException(arn) from conflict
            record = control_plane.records.get(arn)
    if record.status == STOPPING:
        jobs.stop(record)
    elif record.status != _STOPPED:
        raise InvalidInputException(f"Cannot stop {arn}: it is {record.status}, and no job of it is running")


def resume(control_plane: ControlPlane, arn: str) -> None:
    """Refuse: monitors alone can be resumed, a job that was stopped is created again."""
    record = control_plane.records.get(arn)
    reason = f"only monitors can be resumed, and this is a {NOUNS[record.kind]}"
    raise InvalidInputException(f"Cannot resume {arn}: {reason}")
