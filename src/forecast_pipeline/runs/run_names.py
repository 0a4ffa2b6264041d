"""Names of one run's resources: the user's name and the run, so that new content never meets old resources."""

import re
from typing import Any

NAME_LENGTH = 63  # Amazon's limit for every name
RUN_IN_NAME = re.compile(r"_([0-9a-f]{10}(?:_\d+)?)$")


def run_name(name: str, run: str) -> str:
    """The name of a run's resource; a long name gives way to the run.

    >>> run_name("electricity", "9f3c1a2b7d")
    'electricity_9f3c1a2b7d'
    >>> run_name("electricity", "9f3c1a2b7d-2")
    'electricity_9f3c1a2b7d_2'
    >>> len(run_name("e" * 63, "9f3c1a2b7d"))
    63
    """
    suffix = f"_{run.replace('-', '_')}"
    return name[: NAME_LENGTH - len(suffix)] + suffix


def run_of(resource_name: str, name: str) -> str | None:
    """The run that made a resource; None if no run under this name made it.

    >>> run_of("electricity_9f3c1a2b7d_2", "electricity")
    '9f3c1a2b7d-2'
    >>> run_of("electricity_by_hand", "electricity")
    """
    match = RUN_IN_NAME.search(resource_name)
    if match is None:
        return None
    run = match[1].replace("_", "-")
    return run if run_name(name, run) == resource_name else None


def content_of(run: str) -> str:
    """What runs over the same content share.

    >>> content_of("9f3c1a2b7d-2")
    '9f3c1a2b7d'
    """
    return run.partition("-")[0]


def tagged(request: dict[str, Any], name: str, run: str) -> dict[str, Any]:
    """The request with the user's own name and the run in its tags, beside the tags the user asked for."""
    tags = [{"Key": "almanac:name", "Value": name}, {"Key": "almanac:run", "Value": run}]
    return request | {"Tags": [*request.get("Tags", []), *tags]}
