"""A run that lies in the history becomes the latest forecast, since a person wants it so."""

from datetime import UTC, datetime
from typing import Any

from forecast_pipeline.publishing.outputs.glue_tables import CatalogTables
from forecast_pipeline.publishing.outputs.latest_forecast import LATEST_KEYS, MARK, TABLES, LatestForecast, history_key
from forecast_pipeline.publishing.outputs.replacement import Replacement
from forecast_pipeline.runs.published import Published

NOT_APPROVED = "nobody has approved it"
HELD_BY_HAND = "somebody has held it back"
NAMED = 5  # of the runs that there are, where a wanted one is not


def publish_kept_run(latest: LatestForecast, tables: CatalogTables, run_id: str) -> str | None:
    """Make a run of the history the latest one; returns the run that was, or None.

    It replaces a run that began later, too. What held it back is no longer said of it. ValueError: there is no such
    run, or it is one as of an old date. Whole or not at all, as ``Replacement`` says.
    """
    mark, definitions = latest.mark_of(run_id), latest.document_of(run_id, TABLES)
    if mark is None or definitions is None:
        raise ValueError(f"history/clean/{run_id}/: found no finished run, wanted {_there_are(latest)}")
    if as_of := mark.get("AsOf"):
        raise ValueError(
            f"run {run_id}: found a forecast as of {as_of}, wanted one that knows the whole history;"
            f" its files stay under history/clean/{run_id}/"
        )
    current = latest.current_run()
    _say_no_longer_held_back(latest, run_id, mark)
    replacement = Replacement(latest, tables)
    replacement.replace(run_id, datetime.now(UTC), latest.names_of(run_id), definitions["Tables"])
    return current.run_id if current else None


def publish_decided_run(
    latest: LatestForecast, tables: CatalogTables, run_id: str, started_at: datetime, is_approved: bool | None
) -> Published:
    """What a run says now of which a person has decided, or None: nobody has. Approved, it is the latest one.

    A run that started later and is the latest by now stays so, and ``SupersededBy`` names it. ValueError: the history
    of the run is gone.
    """
    mark, definitions = latest.mark_of(run_id), latest.document_of(run_id, TABLES)
    if mark is None or definitions is None:
        raise ValueError(f"history/clean/{run_id}/: found no finished run, wanted the one that waited for approval")
    superseded_by = None
    if is_approved and mark["HeldBack"]:
        _say_no_longer_held_back(latest, run_id, mark)
        replacement = Replacement(latest, tables)
        superseded_by = replacement.replace(run_id, started_at, latest.names_of(run_id), definitions["Tables"])
    elif mark["HeldBack"]:
        reason = NOT_APPROVED if is_approved is None else HELD_BY_HAND
        latest.write_document(run_id, MARK, mark | {"HeldBack": [reason], "Approval": None})
    return Published.model_validate((latest.mark_of(run_id) or mark) | {"SupersededBy": superseded_by})


def _say_no_longer_held_back(latest: LatestForecast, run_id: str, mark: dict[str, Any]) -> None:
    if mark.get("HeldBack"):
        names = latest.names_of(run_id)
        places = {member: _place(latest, path, run_id, names) for member, path in mark["Files"].items()}
        latest.write_document(run_id, MARK, mark | {"HeldBack": [], "Approval": None, "Files": places})


def _place(latest: LatestForecast, path: str, run_id: str, names: set[str]) -> str:
    """Where a file is found once its run is the latest one."""
    name = path.removeprefix(f"s3://{latest.bucket}/{history_key(run_id, '')}")
    return f"s3://{latest.bucket}/{LATEST_KEYS[name]}" if name in names else path


def _there_are(latest: LatestForecast) -> str:
    runs = latest.runs_in_history()
    more = f" or another of {len(runs)}" if len(runs) > NAMED else ""
    return f"one of {', '.join(runs[:NAMED])}{more}" if runs else "one that a pipeline has finished"
