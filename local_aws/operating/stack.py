"""A stack, here or in AWS, and the resources of it that a person works with."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from forecast_language import said

Clients = Callable[[str], Any]


class OperationError(Exception):
    """What a person asked for cannot be done; the message is a sentence."""


@dataclass(frozen=True)
class Stack:
    """A stack by its name, and what makes clients where it is."""

    clients: Clients
    name: str

    @cached_property
    def resources(self) -> dict[str, str]:
        """Logical id -> physical id."""
        found = self.clients("cloudformation").describe_stack_resources(StackName=self.name)["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}

    @cached_property
    def outputs(self) -> dict[str, str]:
        """Output -> its value."""
        (described,) = self.clients("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}

    def resource(self, logical_id: str) -> str:
        """The physical id of a resource; OperationError where the stack is older than it."""
        if logical_id not in self.resources:
            raise OperationError(
                said(
                    "stack {stack} has no {resource}: it was made by another version; deploy this one",
                    stack=self.name,
                    resource=logical_id,
                )
            )
        return self.resources[logical_id]

    def invoke(self, logical_id: str, event: dict[str, Any]) -> dict[str, Any]:
        """What a function of the stack answers; OperationError with its sentence where it fails."""
        function = self.resource(logical_id)
        answer = self.clients("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        document: dict[str, Any] = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise OperationError(str(document.get("errorMessage") or document))
        return document
