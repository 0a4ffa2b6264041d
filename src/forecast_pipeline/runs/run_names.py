"""Names of one run's resources: the user's name and the run, so that new content never meets old resources."""

import hashlib
import re
from datetime import date
from typing import Any

NAME_LENGTH = 63  # Amazon's limit for every name
RUN_TAG, NAME_TAG = "almanac:run", "almanac:name"
PIPELINE_TAG = "almanac:pipeline"  # its bucket: whose resources these are, whatever params.json calls them later
AS_OF = "as-of-"  # before the content of a run that knows nothing of what came after its date
RUN = re.compile(rf"(?:(?P<date>\d{{4}}-\d\d-\d\d)-)?(?P<content>(?:{AS_OF})?[0-9a-f]{{10}})(?:-(?P<attempt>\d+))?")
RUN_IN_NAME = re.compile(r"_(?:(\d{4})(\d\d)(\d\d)_)?((?:as_of_)?[0-9a-f]{10}(?:_\d+)?)$")


def run_id(content: str, attempt: int = 1, day: date | None = None) -> str:
    """The name of a run over a content, whose newest file is of this day; None for a name without a date.

    >>> run_id("9f3c1a2b7d", 2, date(2026, 1, 5))
    '2026-01-05-9f3c1a2b7d-2'
    """
    return (f"{day}-" if day else "") + content + (f"-{attempt}" if attempt > 1 else "")


def run_name(name: str, run: str) -> str:
    """The name of a run's resource; a long name gives way to the run, whose date is short.

    >>> run_name("electricity", "2026-01-05-9f3c1a2b7d")
    'electricity_20260105_9f3c1a2b7d'
    >>> run_name("electricity", "9f3c1a2b7d-2")
    'electricity_9f3c1a2b7d_2'
    >>> len(run_name("e" * 63, "2026-01-05-9f3c1a2b7d"))
    63
    """
    parts = RUN.fullmatch(run)
    if parts and (day := parts["date"]):
        run = day.replace("-", "") + run.removeprefix(day)
    suffix = f"_{run.replace('-', '_')}"
    return name[: NAME_LENGTH - len(suffix)] + suffix


def run_of(resource_name: str) -> str | None:
    """The run whose resource has this name; None if no run's has.

    >>> run_of("electricity_20260105_9f3c1a2b7d_2")
    '2026-01-05-9f3c1a2b7d-2'
    >>> run_of("electricity_9f3c1a2b7d_2")
    '9f3c1a2b7d-2'
    >>> run_of("electricity_20250630_as_of_9f3c1a2b7d")
    '2025-06-30-as-of-9f3c1a2b7d'
    >>> run_of("electricity_by_hand")
    """
    match = RUN_IN_NAME.search(resource_name)
    return "-".join(part for part in match.groups() if part).replace("_", "-") if match else None


def content_of(run: str) -> str:
    """What runs over the same content share; the name itself if it is of another form.

    >>> content_of("2026-01-05-9f3c1a2b7d-2"), content_of("9f3c1a2b7d-2")
    ('9f3c1a2b7d', '9f3c1a2b7d')
    """
    parts = RUN.fullmatch(run)
    return parts["content"] if parts else run


def content_as_of(content: str, day: date) -> str:
    """What names a run over a content of which it knows only what there was at the end of a day.

    >>> content_as_of("9f3c1a2b7d", date(2025, 6, 30))
    'as-of-68b6a147cc'
    """
    return AS_OF + hashlib.sha256(f"{content} {day}".encode()).hexdigest()[:10]


def is_as_of(run: str) -> bool:
    """Whether a run, or a content, is one that ``content_as_of`` names.

    >>> is_as_of("2025-06-30-as-of-9f3c1a2b7d"), is_as_of("2026-01-05-9f3c1a2b7d")
    (True, False)
    """
    return content_of(run).startswith(AS_OF)


def attempt_of(run: str) -> int:
    """The how manieth run over its content it is.

    >>> attempt_of("2026-01-05-9f3c1a2b7d-2"), attempt_of("2026-01-05-9f3c1a2b7d")
    (2, 1)
    """
    parts = RUN.fullmatch(run)
    return int(parts["attempt"] or 1) if parts else 1


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
