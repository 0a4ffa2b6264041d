"""One run takes the place of another as the latest forecast of a bucket: whole, or not at all.

1. Every file of the new run lies under ``history/clean/<run>/``.
2. The journal, ``latest/replacing.json``, says which run replaces which, and what the tables were.
3. Each table is laid over the new run's folder by one call, each latest object replaced by one copy inside S3.
   ``accuracy.json`` is the last one, and the mark: the run that it names is the latest.
4. The journal is removed.

Where this ends before the mark has changed, everything is put back from the history of the run that the mark names: at
once, else by step restore_latest, else by the next run that publishes. Each may begin anew what another left undone.
"""

import logging
from collections.abc import Callable, Iterator, Sequence, Set
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import AwareDatetime, BaseModel, Field

from forecast_pipeline.forecast_resources import ResourcePending, is_passing
from forecast_pipeline.publishing.outputs.glue_tables import CatalogTables
from forecast_pipeline.publishing.outputs.latest_forecast import (
    LATEST_KEYS,
    MARK,
    RUN_ROW,
    LatestForecast,
    latest_key,
)
from forecast_pipeline.runs.run_document import RestoredForecast

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableInputTypeDef

JOURNAL = "latest/replacing.json"
LEASE = timedelta(minutes=15)  # a Lambda function lives no longer: then nobody writes who wrote the journal
COPIES = [name for name in LATEST_KEYS if name != MARK]
logger = logging.getLogger(__name__)


class Journal(BaseModel):
    """``Previous`` is the latest run, with the names of LATEST_KEYS it has; Tables what was there of each, or None.

    Nothing is touched before ``IsReady``.
    """

    RunId: str
    Until: AwareDatetime
    IsReady: bool = False
    Previous: str | None = None
    PreviousNames: set[str] = Field(default_factory=set)
    Tables: dict[str, dict[str, Any] | None] = Field(default_factory=dict)


class Replacement:
    """Replaces the latest forecast of a bucket, and puts right what another replacement left undone."""

    def __init__(self, latest: LatestForecast, tables: CatalogTables) -> None:
        """Nothing is read or written yet."""
        self.latest = latest
        self.tables = tables

    def replace(
        self, run_id: str, started_at: datetime, names: Set[str], tables: Sequence["TableInputTypeDef"]
    ) -> str | None:
        """Make a run the latest; returns the run that started later and stays so, or None.

        ``names`` are those of LATEST_KEYS that the run has in its history. Where the run before it has more, they go.
        ResourcePending: another run is being made the latest. ValueError: a table is of another owner. With any error
        the run before stays the latest one, whole if it could be put back.
        """
        left_undone = self._settle_other(run_id)
        journal = Journal(RunId=run_id, Until=datetime.now(UTC) + LEASE)
        self._write_first(journal)
        try:
            current = self.latest.current_run()
            if current and current.started_at > started_at:
                self._forget()
                return current.run_id
            journal.Previous = current.run_id if current else None
            if current:
                journal.PreviousNames = self.latest.names_in_history(current.run_id)
            journal.Tables = self.tables.present(each["Name"] for each in tables) | left_undone
            journal.IsReady = True
            self._write(journal)
        except Exception:
            self._forget()
            raise
        try:
            self._flip(journal, names, tables)
        except Exception:
            if not self._is_settled(journal):
                raise
        self._forget()
        return None

    def restore(self, run_id: str) -> RestoredForecast:
        """Put the latest forecast right after a run failed to take its place; a refusal is told object by object.

        Errors that pass with time are raised.
        """
        journal = self._journal()
        current = self.latest.current_run()
        latest_run = current.run_id if current else None
        state: Literal["kept", "replaced"] = "replaced" if latest_run == run_id else "kept"
        if journal is None:
            return RestoredForecast(State=state, RunId=latest_run)
        if journal.RunId != run_id:
            return RestoredForecast(State=state, RunId=latest_run, Replacing=journal.RunId)
        if latest_run == run_id or not journal.IsReady:
            self._forget()
            return RestoredForecast(State=state, RunId=latest_run)
        refused = self._undo(journal)
        if not refused:
            self._forget()
            return RestoredForecast(State="restored", RunId=latest_run)
        return RestoredForecast(State="mixed", RunId=latest_run, Refused=refused, Objects=self._objects(journal))

    def _settle_other(self, run_id: str) -> dict[str, dict[str, Any] | None]:
        """Put right what the last replacement left undone; returns what the tables were before it if that is refused.

        A refusal stops no run: one that publishes after it replaces all there is.
        """
        journal = self._journal()
        if journal is None:
            return {}
        if journal.RunId != run_id and datetime.now(UTC) < journal.Until:
            raise ResourcePending(f"run {journal.RunId} is being made the latest forecast")
        refused = self.restore(journal.RunId).Refused
        if refused:
            logger.warning("What run %s left undone could not be put right: %s", journal.RunId, refused)
            self.latest.remove(JOURNAL)
        return journal.Tables if refused else {}

    def _flip(self, journal: Journal, names: Set[str], tables: Sequence["TableInputTypeDef"]) -> None:
        for table in tables:
            self.tables.put(table, journal.RunId)
        for name in COPIES:
            if name in names or name in journal.PreviousNames:
                self.latest.put(journal.RunId, name, names)
        self.latest.put(journal.RunId, MARK, names)

    def _is_settled(self, journal: Journal) -> bool:
        """After an error: whether the run is the latest all the same, its answer lost. If not, the other is put back.

        What cannot be put back now stays for restore_latest, by the journal.
        """
        try:
            return self.restore(journal.RunId).State == "replaced"
        except Exception as error:
            logger.warning("The latest forecast could not be put back yet: %s", error)
            return False

    def _undo(self, journal: Journal) -> dict[str, str]:
        """Try every step, whatever of it was done; returns what was refused, object or table -> the reason."""
        refused: dict[str, str] = {}
        for name, step in self._steps_back(journal):
            try:
                step()
            except ClientError as error:
                if is_passing(error):
                    raise
                refused[name] = f"{error.operation_name} answered {error.response['Error']['Code']}"
        return refused

    def _steps_back(self, journal: Journal) -> Iterator[tuple[str, Callable[[], None]]]:
        """What the object or table is called, and the call that makes it the previous run's."""
        previous, names = journal.Previous or journal.RunId, journal.PreviousNames
        for name in COPIES:
            if name == RUN_ROW and previous != journal.RunId:  # each run has a row of its own
                key = latest_key(journal.RunId, name)
                yield key, partial(self.latest.remove, key)
            else:
                yield latest_key(previous, name), partial(self.latest.put, previous, name, names)
        for name, definition in journal.Tables.items():
            if definition is None:
                yield self._table(name), partial(self.tables.remove, name)
            else:
                yield self._table(name), partial(self.tables.put_back, definition)

    def _objects(self, journal: Journal) -> dict[str, str]:
        """Object or table -> the run that it is of, in words."""
        keys = [latest_key(journal.RunId, name) for name in LATEST_KEYS]
        objects = {key: self.latest.run_of(key) for key in keys}
        return objects | {self._table(name): self.tables.run_of(name) for name in journal.Tables}

    def _table(self, name: str) -> str:
        return f"table {self.tables.catalog.database}.{name}"

    def _journal(self) -> Journal | None:
        document = self.latest.document(JOURNAL)
        return None if document is None else Journal.model_validate(document)

    def _write(self, journal: Journal, **condition: Any) -> None:
        self.latest.client.put_object(
            Bucket=self.latest.bucket,
            Key=JOURNAL,
            Body=journal.model_dump_json(indent=2).encode(),
            ContentType="application/json",
            **condition,
        )

    def _write_first(self, journal: Journal) -> None:
        """Write the journal unless there is one: of two runs at the same time, one waits."""
        try:
            self._write(journal, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise
            raise ResourcePending("another run is being made the latest forecast") from error

    def _forget(self) -> None:
        """Remove the journal of a replacement that is settled; one that stays does no harm, it is settled again."""
        try:
            self.latest.remove(JOURNAL)
        except (BotoCoreError, ClientError) as error:
            logger.warning("%s could not be removed: %s", JOURNAL, error)
