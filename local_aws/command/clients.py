"""The AWS that the usual configuration names: variables, profiles, roles."""

from collections.abc import Callable
from typing import Any

import boto3

from local_aws.command.failure import CommandFailed

Client = Callable[[str], Any]


def aws_clients(profile: str | None) -> Client:
    """What makes clients, by AWS's configuration or by one profile of it. CommandFailed where that does not suffice."""
    session = boto3.Session(profile_name=profile)
    if session.region_name is None or session.get_credentials() is None:
        raise CommandFailed(
            "AWS's configuration has no region or no credentials; give both, or name a profile with --profile"
        )
    return session.client  # type: ignore[return-value]  # one of boto3's many overloads
