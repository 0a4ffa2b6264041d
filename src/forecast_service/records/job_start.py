"""Jobs of resources: each is one execution of the job state machine, however often its start is asked for."""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_service.records.record import Record

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class JobStarter:
    """Starts executions of one state machine. ``action`` is ``create``, ``stop`` or ``delete``."""

    client: "SFNClient"
    state_machine_arn: str

    def start(self, record: Record, action: str) -> None:
        """Start the job that creates, stops or deletes a resource, unless that has been done."""
        document = json.dumps({"Arn": record.arn, "Action": action})
        try:
            self.client.start_execution(
                stateMachineArn=self.state_machine_arn, name=execution_name(record, action), input=document
            )
        except self.client.exceptions.ExecutionAlreadyExists:
            return

    def stop(self, record: Record) -> None:
        """Stop the execution that creates a resource, and start the job that removes what it has left.

        Shards that run now end by themselves; the record's status keeps them from changing the record.
        """
        if self.state(record, "create") == "RUNNING":
            with suppress(self.client.exceptions.ValidationException):  # it has just ended
                self.client.stop_execution(executionArn=self._execution_arn(record, "create"), cause="StopResource")
        self.start(record, "stop")

    def state(self, record: Record, action: str) -> str | None:
        """How the job stands in the words of Step Functions (RUNNING, FAILED, ...); None if it was never started."""
        try:
            return self.client.describe_execution(executionArn=self._execution_arn(record, action))["status"]
        except self.client.exceptions.ExecutionDoesNotExist:
            return None

    def _execution_arn(self, record: Record, action: str) -> str:
        machine = self.state_machine_arn.replace(":stateMachine:", ":execution:")
        return f"{machine}:{execution_name(record, action)}"


def execution_name(record: Record, action: str) -> str:
    """Idempotency key: the same incarnation of a resource and the same action give the same execution name.

    The creation time tells incarnations of a name apart. The modification time tells deletions and stops of one
    incarnation apart: a deletion after a failed deletion, a stop after a resumption.
    """
    requested_at = record.creation_time if action == "create" else record.last_modification_time
    digest = hashlib.sha256(f"{record.arn} {requested_at:.3f}".encode()).hexdigest()
    return f"{action}-{record.kind.replace('_', '-')}-{digest[:32]}"
