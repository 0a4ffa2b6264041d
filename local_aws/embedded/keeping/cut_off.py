"""Jobs of the forecast service that were at work when the embedded AWS ended: they are begun again at its next start.

Without it their resources would stay in progress, and whoever waits for them would wait for ever.
"""

from datetime import datetime
from typing import Any

MACHINE = "ForecastJob"  # of the template
CUT_OFF = "States.ServiceRestart"  # how ministack ends an execution that was running


def begin_again(cloudformation: Any, step_functions: Any, stack: str, saved: str) -> None:
    """Start an execution with the same input for each that ran when the state was saved; of a stack without it, none.

    They were ended as the state was read, which is after it was saved; those of an earlier start were before.
    """
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    for machine in (each["PhysicalResourceId"] for each in resources if each["LogicalResourceId"] == MACHINE):
        for page in step_functions.get_paginator("list_executions").paginate(
            stateMachineArn=machine, statusFilter="FAILED"
        ):
            for execution in page["executions"]:
                if execution["stopDate"] > datetime.fromisoformat(saved):
                    _begin_again(step_functions, machine, execution["executionArn"])


def _begin_again(step_functions: Any, machine: str, execution: str) -> None:
    ended = step_functions.describe_execution(executionArn=execution)
    if ended.get("error") == CUT_OFF:
        step_functions.start_execution(stateMachineArn=machine, input=ended["input"])
