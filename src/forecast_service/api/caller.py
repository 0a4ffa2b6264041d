"""Who calls: the user, role or account whose signature a function URL has verified."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Caller:
    """The ARN of a user, of a role's session or of an account's root, and the account. Both empty where unknown."""

    arn: str = ""
    account: str = ""

    @property
    def is_root(self) -> bool:
        """Whether this is an account's root, whom no policy of IAM restricts."""
        return self.arn.endswith(f":iam::{self.account}:root")

    @property
    def role_name(self) -> str:
        """The name of the role whose session calls; empty for all others.

        >>> Caller("arn:aws:sts::123456789012:assumed-role/Analyst/ann", "123456789012").role_name
        'Analyst'
        """
        kind, _, name = self.arn.rpartition(":")[2].partition("/")
        return name.partition("/")[0] if kind == "assumed-role" else ""


def caller_of(event: dict[str, Any]) -> Caller:
    """The caller in a function URL event (payload 2.0), as IAM tells Lambda. Nobody can say it of himself."""
    told = event.get("requestContext", {}).get("authorizer", {}).get("iam", {})
    return Caller(told.get("userArn") or "", told.get("accountId") or "")
