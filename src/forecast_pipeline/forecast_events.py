"""What other programs are told by EventBridge when a run ends: a forecast was published, is held back, or failed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forecast_pipeline.forecast_resources import Superseded
from forecast_pipeline.latest_after_failure import latest_after_failure
from forecast_pipeline.runs.published import Published
from forecast_pipeline.runs.run_document import EndedRun

SOURCE = "almanac"  # the template allows no other


@dataclass(frozen=True)
class ForecastEvent:
    """One event: ``kind`` is its detail-type, ``detail`` what goes with it.

    Every detail names Stack, Run, Bucket and Names.
    """

    kind: str
    detail: Mapping[str, Any]

    def entry(self) -> dict[str, str]:
        """The event as PutEvents takes it."""
        return {"Source": SOURCE, "DetailType": self.kind, "Detail": json.dumps(self.detail)}


def forecast_events(run: EndedRun, stack: str, cause: str | None) -> Iterator[ForecastEvent]:
    """What became of a run's forecast, then that the run failed, by the mail's sentence ``cause``, if it did.

    A run that fails after it published has both events.
    """
    identity = {"Stack": stack, "Run": run.Run.Id, "Bucket": run.Run.Bucket, "Names": run.Names}
    if run.is_published:
        published = Published.model_validate(run.Published)
        yield ForecastEvent(_kind(published), identity | _told_of(published))
    if cause is not None:
        is_superseded = any(failure.Error == Superseded.__name__ for failure in run.Failure.values())
        kind = "Forecast Superseded" if is_superseded else "Forecast Failed"
        yield ForecastEvent(kind, identity | {"Cause": cause, "InPlace": " ".join(latest_after_failure(run))})


def _kind(published: Published) -> str:
    if published.AsOf:
        return "Forecast Made As Of"
    if published.HeldBack:
        return "Forecast Held Back"
    return "Forecast Superseded" if published.SupersededBy else "Forecast Published"


def _told_of(published: Published) -> dict[str, Any]:
    """Accuracy beside seasonal naive's, what came true of the forecast before, and where the files are."""
    told = {
        "Accuracy", "SeasonalNaive", "ItemCount", "Horizon", "FirstTimestamp", "LastTimestamp",
        "Drift", "HeldBack", "AsOf", "SupersededBy", "Files",
    }  # fmt: skip
    came_true = published.CameTrue[0].model_dump() if published.CameTrue else None
    return published.model_dump(include=told) | {"CameTrue": came_true}
