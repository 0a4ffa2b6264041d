"""The AWS that a command asks: the embedded one, or the one that the usual configuration names."""

import boto3

from forecast_language import said
from local_aws.command.failure import CommandFailed
from local_aws.embedded.running import found
from local_aws.operating.stack import Clients


def aws_clients(profile: str | None) -> Clients:
    """What makes clients, by AWS's configuration or by one profile of it. CommandFailed where that does not suffice."""
    session = boto3.Session(profile_name=profile)
    if session.region_name is None or session.get_credentials() is None:
        raise CommandFailed(
            said("AWS's configuration has no region or no credentials; give both, or name a profile with --profile")
        )
    return session.client  # type: ignore[return-value]  # one of boto3's many overloads


def clients_of(endpoint: str | None, profile: str | None) -> Clients:
    """What makes clients: of the embedded AWS if one is up, else by the usual configuration of AWS."""
    deployment = None if profile else found(endpoint)
    if deployment is not None:
        return deployment.client
    try:
        return aws_clients(profile)
    except CommandFailed as failure:
        raise CommandFailed(said("no `almanac up` runs on this machine, and {failure}", failure=failure)) from None
