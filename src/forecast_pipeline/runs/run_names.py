"""Names of one run's resources: the user's name and the run, so that new content never meets old resources."""

import re
from typing import Any

NAME_LENGTH = 63  # Amazon's limit for every name
RUN_TAG, NAME_TAG = "almanac:run", "almanac:name"
PIPELINE_TAG = "almanac:pipeline"  # its bucket: whose resources these are, whatever params.json calls them later
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


def run_of(resource_name: str) -> str | None:
    """The run whose resource has this name; None if no run's has.

    >>> run_of("electricity_9f3c1a2b7d_2")
    '9f3c1a2b7d-2'
    >>> run_of("electricity_by_hand")
    """
    match = RUN_IN_NAME.search(resource_name)
    return match[1].replace("_", "-") if match else None


def content_of(run: str) -> str:
    """What runs over the same content share.

    >>> content_of("9f3c1a2b7d-2")
    '9f3c1a2b7d'
    """
    return run.partition("-")[0]


def tagged(request: dict[str, Any], name: str, run: str, bucket: str) -> dict[str, Any]:
    """The request with the user's own name, the run and the pipeline in its tags, beside those the user asked for."""
    return with_tags(request, {NAME_TAG: name, RUN_TAG: run, PIPELINE_TAG: bucket})


def with_tags(request: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    """The request with more tags.

    >>> with_tags({"Tags": [{"Key": "team", "Value": "sales"}]}, {"almanac:run": "9f3c1a2b7d"})["Tags"]
    [{'Key': 'team', 'Value': 'sales'}, {'Key': 'almanac:run', 'Value': '9f3c1a2b7d'}]
    """
    more = [{"Key": key, "Value": value} for key, value in tags.items()]
    return request | {"Tags": [*(request.get("Tags") or []), *more]}
