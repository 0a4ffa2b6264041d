"""How many resources of a kind there may be, and how many of their jobs at a time.

The defaults are Amazon's. Each is changed by an environment variable that is named after what it counts:
``QUOTA_FORECASTS`` for all forecasts, ``QUOTA_PARALLEL_FORECASTS`` for those being created, ``QUOTA_PARALLEL_STOPS``
for those of a kind being stopped. Two calls of the same moment may both find the last place free.
"""

import os
from collections.abc import Callable

from forecast_service.records.errors import LimitExceededException
from forecast_service.records.lifecycle import RUNNING, STOPPING
from forecast_service.records.table import NOUNS, Record, Records

_LARGEST_COUNTS = {
    "dataset": 1500,
    "dataset_group": 500,
    "dataset_import_job": 1000,
    "predictor": 500,
    "predictor_backtest_export_job": 1000,
    "forecast": 100,
    "forecast_export_job": 1000,
    "explainability": 1000,
    "explainability_export": 1000,
    "monitor": 1000,
    "what_if_analysis": 500,
    "what_if_forecast": 100,
    "what_if_forecast_export": 1000,
}
_PARALLEL = 3


def check_creation(records: Records, draft: Record, look: Callable[[Record], Record]) -> None:
    """Raise LimitExceededException where one more of a kind, or one more job of it at a time, is too many.

    ``look`` returns a record as it is after a look for its job: what only seems to run holds no place.
    """
    count, running = records.tally(draft.kind, RUNNING)
    _check(_plural(NOUNS[draft.kind]), "", count, _LARGEST_COUNTS[draft.kind])
    if draft.status not in RUNNING:
        return
    noun = _noun(draft)
    peers = [record for record in running if _noun(record) == noun]
    if len(peers) >= _limit(f"parallel {_plural(noun)}", _PARALLEL):
        peers = [record for record in map(look, peers) if record.status in RUNNING]
    _check(_plural(noun), "running", len(peers), _PARALLEL)


def check_stop(records: Records, record: Record) -> None:
    """Raise LimitExceededException while too many of a kind are being stopped."""
    _, stopping = records.tally(record.kind, STOPPING)
    limit = _limit("parallel stops", _PARALLEL)
    if len(stopping) >= limit:
        raise LimitExceededException(_sentence(limit, _plural(NOUNS[record.kind]), "stopping"))


def _check(nouns: str, doing: str, count: int, default: int) -> None:
    limit = _limit(f"parallel {nouns}" if doing else nouns, default)
    if count >= limit:
        raise LimitExceededException(_sentence(limit, nouns, doing))


def _sentence(limit: int, nouns: str, doing: str) -> str:
    """Amazon's words: clients look for ``concurrently`` and for ``dataset import jobs``, and try again later."""
    return f"Quota limit of {limit} {nouns}{f' {doing} concurrently' if doing else ''} has been reached"


def _limit(what: str, default: int) -> int:
    """The number for e.g. ``parallel forecasts``."""
    variable = f"QUOTA_{what.upper().replace(' ', '_').replace('-', '_')}"
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal():
        raise ValueError(f"{variable}: found {text!r}, wanted a whole number, such as {default}.")
    return int(text)


def _plural(noun: str) -> str:
    """The plural of a kind's name.

    >>> _plural("forecast"), _plural("explainability"), _plural("what-if analysis")
    ('forecasts', 'explainabilities', 'what-if analyses')
    """
    for ending, many in (("sis", "ses"), ("y", "ies")):
        if noun.endswith(ending):
            return noun.removesuffix(ending) + many
    return f"{noun}s"


def _noun(record: Record) -> str:
    """What shares a quota on jobs: the three ways to create a predictor have one each."""
    if record.kind == "predictor" and "DataConfig" in record.request:
        return "auto predictor"
    if record.kind == "predictor" and record.request.get("PerformAutoML"):
        return "AutoML predictor"
    return NOUNS[record.kind]
