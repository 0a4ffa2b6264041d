"""A run that lies in the history becomes the latest forecast, since a person wants it so."""

from datetime import UTC, datetime
from typing import Any

from forecast_language import said
from forecast_pipeline.publishing.outputs.glue_tables import CatalogTables
from forecast_pipeline.publishing.outputs.latest_forecast import LATEST_KEYS, MARK, TABLES, LatestForecast, history_key
from forecast_pipeline.publishing.outputs.replacement import Replacement
from forecast_pipeline.runs.published import Published

NAMED = 5  # of the runs that there are, where a wanted one is not


def publish_kept_run(latest: LatestForecast, tables: CatalogTables, run_id: str) -> str | None:
    """Make a run of the history the latest one; returns the run that was, or None.

    It replaces a run that began later, too. What held it back is no longer said of it. ValueError: there is no such
    run, or it is one as of an old date. Whole or not at all, as ``Replacement`` says.
    """
    mark, definitions = latest.mark_of(run_id), latest.document_of(run_id, TABLES)
    if mark is None or definitions is None:
        raise ValueError(
            said(
                "{folder}: found no finished run, wanted {runs}",
                folder=f"history/clean/{run_id}/",
                runs=_there_are(latest),
            )
        )
    if as_of := mark.get("AsOf"):
        raise ValueError(
            said(
                "run {run}: found a forecast as of {day}, wanted one that knows the whole history;"
                " its files stay under history/clean/{run}/",
                run=run_id,
                day=as_of,
            )
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
        raise ValueError(
            said(
                "{folder}: found no finished run, wanted the one that waited for approval",
                folder=f"history/clean/{run_id}/",
            )
        )
    superseded_by = None
    if is_approved and mark["HeldBack"]:
        _say_no_longer_held_back(latest, run_id, mark)
        replacement = Replacement(latest, tables)
        superseded_by = replacement.replace(run_id, started_at, latest.names_of(run_id), definitions["Tables"])
    elif mark["HeldBack"]:
        reason = not_approved() if is_approved is None else said("somebody has held it back")
        latest.write_document(run_id, MARK, mark | {"HeldBack": [reason], "Approval": None})
    return Published.model_validate((latest.mark_of(run_id) or mark) | {"SupersededBy": superseded_by})


def not_approved() -> str:
    """What holds a forecast back until somebody approves it."""
    return said("nobody has approved it")


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
    if not runs:
        return said("one that a pipeline has finished")
    names = ", ".join(runs[:NAMED])
    if len(runs) > NAMED:
        return said("one of {names} or another of {number}", names=names, number=len(runs))
    return said("one of {names}", names=names)
