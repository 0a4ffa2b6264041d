"""Evaluations of a monitor as records: sub-resources of the monitor, each with a job of its own.

The job's ``ACTIVE`` is the API's SUCCESS, its ``CREATE_FAILED`` the FAILURE. An evaluation that is ``RETAINED`` holds
the values of a forecast that was deleted before it could be evaluated.
"""

import hashlib

from forecast_service.records.record import Record
from forecast_service.records.table import Records

RETAINED = "KEPT"  # the status as records have it
_STATES = {"ACTIVE": "SUCCESS", "CREATE_FAILED": "FAILURE"}


def monitor_of(records: Records, predictor_arn: str) -> Record | None:
    """The monitor of a predictor, if it has one."""
    return next(iter(records.children_of(predictor_arn, "monitor")), None)


def state_of(evaluation: Record) -> str:
    """SUCCESS or FAILURE; "" while it is at work, and if it was stopped."""
    return _STATES.get(evaluation.status, "")


def is_result(evaluation: Record) -> bool:
    """Whether an evaluation has ended, and is shown."""
    return evaluation.status in _STATES


def forecast_of(record: Record) -> tuple[str, float]:
    """Which forecast a record is of: its ARN and creation time, since a name may be used again after a deletion."""
    if record.kind == "forecast":
        return record.arn, record.creation_time
    return record.inputs["forecast"], record.inputs["forecast_creation_time"]


def evaluation_name(*what: object) -> str:
    """The same name for the same evaluation, so that it is made once."""
    return hashlib.sha256(" ".join(map(str, what)).encode()).hexdigest()[:32]


def evaluation_arn(monitor_arn: str, name: str) -> str:
    """The ARN of an evaluation of a monitor.

    >>> evaluation_arn("arn:aws:forecast:eu-west-1:123456789012:monitor/taxi_01FTHF1KK7E6VVR676WVN24MXC", "9f3c")
    'arn:aws:forecast:eu-west-1:123456789012:monitor-evaluation/taxi_01FTHF1KK7E6VVR676WVN24MXC/9f3c'
    """
    home, _, monitor = monitor_arn.rpartition(":")
    return f"{home}:monitor-evaluation/{monitor.partition('/')[2]}/{name}"
