"""Whether a caller may pass the roles that a request names to the service, as Amazon asks of IAM: ``iam:PassRole``.

A job later becomes the role by the worker's right to assume it, whoever asked for the job. So the caller is asked for
when the request comes, by a simulation of the caller's own policies.
"""

import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError

from forecast_service.api.caller import Caller
from forecast_service.records.errors import AccessDeniedException

PASSED_TO = "forecast.amazonaws.com"  # the service that policies for Amazon Forecast name
_REMEMBERED_SECONDS = 60  # what was allowed; what was refused is asked anew
_UNKNOWN = ("NoSuchEntity", "InvalidInput")


class PassedRoles:
    """Asks IAM who may pass which role, and remembers for a minute what is allowed."""

    def __init__(self) -> None:
        self._allowed_until: dict[tuple[Caller, str], float] = {}

    @cached_property
    def _iam(self) -> Any:
        """Made when it is first needed: most calls name no role."""
        return boto3.client("iam")

    def refuse_unless_allowed(self, caller: Caller, request: dict[str, Any]) -> None:
        """Raise AccessDeniedException for the first role of a request that the caller may not pass."""
        for role_arn in sorted(set(roles_in(request))):
            if not self._may_pass(caller, role_arn):
                who = caller.arn or "unknown"
                raise AccessDeniedException(
                    f"User: {who} is not authorized to perform: iam:PassRole on resource: {role_arn}"
                    f" (wanted a policy that allows it, with iam:PassedToService {PASSED_TO})"
                )

    def _may_pass(self, caller: Caller, role_arn: str) -> bool:
        if not caller.arn or role_arn.split(":")[4] != caller.account:  # a role is passed within its account alone
            return False
        if caller.is_root or self._allowed_until.get((caller, role_arn), 0.0) > time.monotonic():
            return True
        allowed = self._simulated(caller, role_arn)
        if allowed:
            self._allowed_until[caller, role_arn] = time.monotonic() + _REMEMBERED_SECONDS
        return allowed

    def _simulated(self, caller: Caller, role_arn: str) -> bool:
        """What the policies of the caller say. False for whom IAM does not know, as one of another account."""
        service = {"ContextKeyName": "iam:PassedToService", "ContextKeyValues": [PASSED_TO], "ContextKeyType": "string"}
        try:
            answer = self._iam.simulate_principal_policy(
                PolicySourceArn=self._policy_holder(caller),
                ActionNames=["iam:PassRole"],
                ResourceArns=[role_arn],
                ContextEntries=[service],
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _UNKNOWN:
                return False
            raise
        return [result["EvalDecision"] for result in answer["EvaluationResults"]] == ["allowed"]

    def _policy_holder(self, caller: Caller) -> str:
        """The ARN of the user or role: that of a session does not tell the path of its role."""
        return self._iam.get_role(RoleName=caller.role_name)["Role"]["Arn"] if caller.role_name else caller.arn


def roles_in(request: Any) -> Iterator[str]:
    """Every ``RoleArn`` in a request, however deep.

    >>> list(roles_in({"DataSource": {"S3Config": {"Path": "s3://b/a.csv", "RoleArn": "arn:aws:iam::1:role/Data"}}}))
    ['arn:aws:iam::1:role/Data']
    """
    if isinstance(request, dict):
        for field, value in request.items():
            if field == "RoleArn":
                yield value
            else:
                yield from roles_in(value)
    elif isinstance(request, list):
        for entry in request:
            yield from roles_in(entry)
