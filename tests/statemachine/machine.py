"""The deployed machine of the pipeline, with a Python function in the place of each Lambda."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

PROJECT = Path(__file__).parent.parent.parent
Function = Callable[[dict[str, Any]], Any]


def definition_text(machine: str) -> str:
    """The file of a machine, with 5 for each number that the template puts in; texts stay placeholders."""
    return re.sub(r": \$\{\w+\}", ": 5", (PROJECT / "statemachine" / f"{machine}.asl.json").read_text())


def definition_of(machine: str) -> dict[str, Any]:
    """What stands in it."""
    definition: dict[str, Any] = json.loads(definition_text(machine))
    return definition


DEFINITION = definition_text("forecast_pipeline")


class FunctionError(Exception):
    """What Lambda reports of a function that raised: the name of the class and its words."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


class Machine:
    """The deployed machine, with a Python function in the place of each Lambda."""

    def __init__(
        self,
        functions: dict[str, Function],
        name: str = "pipeline",
        asl: str = DEFINITION,
        data_sets: str = "almanac-forecast,almanac-accuracy,almanac-runs",
    ) -> None:
        self.functions = functions
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.waits: list[float] = []
        self._client = boto3.client("stepfunctions")
        definition = re.sub(r"\$\{(\w+)FunctionArn\}", r"arn:aws:lambda:us-east-1:123456789012:function:\1", asl)
        definition = definition.replace("${DashboardDataSets}", data_sets)
        role = "arn:aws:iam::123456789012:role/machine"
        machine = self._client.create_state_machine(name=name, definition=definition, roleArn=role)
        self._arn = machine["stateMachineArn"]

    def run(self, document: dict[str, Any]) -> dict[str, Any]:
        """The description of the execution once it has ended."""
        arn = self._client.start_execution(stateMachineArn=self._arn, input=json.dumps(document))["executionArn"]
        for _ in range(1500):
            execution: dict[str, Any] = dict(self._client.describe_execution(executionArn=arn))
            if execution["status"] != "RUNNING":
                return execution | {"states": self._states(arn)}
            time.sleep(0.02)
        raise AssertionError("the execution does not end")

    def _states(self, arn: str) -> list[str]:
        """The states that the execution entered, in order."""
        events = self._client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]

    def invoke(self, parameters: dict[str, Any], **_where: Any) -> dict[str, Any]:
        """Lambda's Invoke, as the interpreter calls it."""
        name = parameters["FunctionName"].rpartition(":")[2]
        event = json.loads(parameters["Payload"])
        self.calls.append((name, event))
        try:
            return {"StatusCode": 200, "Payload": json.loads(json.dumps(self.functions[name](event)))}
        except Exception as error:
            kind = error.error if isinstance(error, FunctionError) else type(error).__name__
            failure = {"errorMessage": str(error), "errorType": kind, "stackTrace": []}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": failure}

    def called(self) -> list[str]:
        return [name for name, _ in self.calls]
