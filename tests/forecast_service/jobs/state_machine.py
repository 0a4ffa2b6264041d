"""The job machine: forecast_job.asl.json walked in Python."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

MACHINE = Path(__file__).parents[3] / "statemachine" / "forecast_job.asl.json"
DEFINITION: dict[str, Any] = json.loads(MACHINE.read_text().replace("${MaxConcurrentWorkers}", "5"))


CONTEXT = SimpleNamespace(
    function_name="forecast_worker",
    memory_limit_in_mb=2048,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:forecast_worker",
    aws_request_id="00000000-0000-0000-0000-000000000000",
    get_remaining_time_in_millis=lambda: 900_000,
)
# Of an invocation whose time is nearly over: it begins nothing that it has not been asked for.
HURRIED = SimpleNamespace(**vars(CONTEXT) | {"get_remaining_time_in_millis": lambda: 100_000})


class StateMachine:
    """Walks the states of the job machine as Step Functions does, as far as that file needs it."""

    def __init__(self, handler: Callable[[dict[str, Any], Any], Any], arn: str) -> None:
        self._definition = DEFINITION
        self._handler = handler
        self._context = {"StateMachine": {"Id": arn}}
        self.visited: list[str] = []
        self.repeats_steps = False
        self.attempts = 1
        self.context = CONTEXT

    def run(self, document: dict[str, Any]) -> str:
        """The name of the terminal state in which an execution with this input ends."""
        name: str = self._definition["StartAt"]
        while True:
            self.visited.append(name)
            state = self._definition["States"][name]
            if state["Type"] in ("Succeed", "Fail"):
                return name
            name, document = self._step(state, document)

    def _step(self, state: dict[str, Any], document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if state["Type"] == "Choice":
            chosen = [choice["Next"] for choice in state["Choices"] if _applies(choice, document)]
            return (chosen or [state["Default"]])[0], document
        try:
            result = self._map(state, document) if state["Type"] == "Map" else self._task(state, document)
        except Exception as error:
            cause = {"errorType": type(error).__name__, "errorMessage": str(error)}
            failure = {"Error": type(error).__name__, "Cause": json.dumps(cause)}
            if "Catch" not in state:
                raise
            return state["Catch"][0]["Next"], document | {"Failure": failure}
        if state["ResultPath"] is None:
            return state["Next"], document
        name = state["ResultPath"].removeprefix("$").removeprefix(".")
        return state["Next"], document | {name: result} if name else result

    def _map(self, state: dict[str, Any], document: dict[str, Any]) -> None:
        for item in _at(document, state["ItemsPath"]):
            self._invoke(self._resolved(state["ItemSelector"], document, {"Map": {"Item": {"Value": item}}}))

    def _task(self, state: dict[str, Any], document: dict[str, Any]) -> Any:
        return self._invoke(self._resolved(state["Parameters"], document, {}))

    def _resolved(self, template: dict[str, Any], document: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
        """An event as its template says: ``.$`` takes a value of the document (``$.``) or of the context (``$$.``)."""
        sources = {"$": document, "$$": self._context | context}
        return {
            name.removesuffix(".$"): _at(sources[value.partition(".")[0]], value) if name.endswith(".$") else value
            for name, value in template.items()
        }

    def _invoke(self, event: dict[str, Any]) -> Any:
        if self.repeats_steps:
            self._handler(json.loads(json.dumps(event)), self.context)
        for attempt in range(1, self.attempts + 1):
            try:
                return json.loads(json.dumps(self._handler(json.loads(json.dumps(event)), self.context)))
            except Exception as error:
                if type(error).__name__ == "InputRefused" or attempt == self.attempts:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")


def _at(document: dict[str, Any], path: str) -> Any:
    """The value that a path such as ``$.Written.Follow`` leads to."""
    for name in path.split(".")[1:]:
        document = document[name]
    return document


def _applies(choice: dict[str, Any], document: dict[str, Any]) -> bool:
    if "IsPresent" in choice:
        return (choice["Variable"].removeprefix("$.") in document) is choice["IsPresent"]
    return _at(document, choice["Variable"]) is choice["BooleanEquals"]
