"""How many resources of a kind there may be, and how many of their jobs at a time.

The defaults are Amazon's. Each is changed by an environment variable that is named after what it counts:
``QUOTA_FORECASTS`` for all forecasts, ``QUOTA_PARALLEL_FORECASTS`` for those being created, ``QUOTA_PARALLEL_STOPS``
for those of a kind being stopped. Two calls at the same time may both get the last free place.
"""

import os

from forecast_service.api.reconciliation import reconcile
from forecast_service.records.errors import LimitExceededException
from forecast_service.records.job_start import JobStarter
from forecast_service.records.kinds import KINDS
from forecast_service.records.lifecycle import RUNNING, STOPPING
from forecast_service.records.record import Record
from forecast_service.records.table import Records

_PARALLEL = 3


def check_creation(records: Records, jobs: JobStarter, draft: Record) -> None:
    """Raise LimitExceededException where one more resource of a kind, or one more job of it at a time, is too many.

    Where the jobs are too many, their records are reconciled first: a job that died in silence counts no more.
    """
    count, running = records.tally(draft.kind, RUNNING)
    kind = KINDS[draft.kind]
    if kind.quota is not None:
        _check(_plural(kind.noun), "", count, kind.quota)
    if draft.status not in RUNNING:
        return
    noun = _noun(draft)
    peers = [record for record in running if _noun(record) == noun]
    if len(peers) >= _limit(f"parallel {_plural(noun)}", _PARALLEL):
        reconciled = [reconcile(records, jobs, record) for record in peers]
        peers = [record for record in reconciled if record.status in RUNNING]
    _check(_plural(noun), "running", len(peers), _PARALLEL)


def check_stop(records: Records, record: Record) -> None:
    """Raise LimitExceededException while too many of a kind are being stopped."""
    _, stopping = records.tally(record.kind, STOPPING)
    limit = _limit("parallel stops", _PARALLEL)
    if len(stopping) >= limit:
        raise LimitExceededException(_sentence(limit, _plural(KINDS[record.kind].noun), "stopping"))


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
    return KINDS[record.kind].noun
