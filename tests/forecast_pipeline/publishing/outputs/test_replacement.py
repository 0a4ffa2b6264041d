"""Every call with which a run takes the place of another fails in every way: latest/ is the old whole or the new whole.

What follows a failure is walked as the state machine has it: Retry, Catch and step restore_latest, then the mail.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from forecast_pipeline import ResourcePending
from forecast_pipeline.forecast_resources import passing_errors
from forecast_pipeline.notification import failure_mail
from forecast_pipeline.publishing.outputs.glue_tables import Catalog, CatalogTables, parquet_table
from forecast_pipeline.publishing.outputs.latest_forecast import LATEST_KEYS, LatestForecast, history_key, latest_key
from forecast_pipeline.publishing.outputs.replacement import JOURNAL, Journal, Replacement
from forecast_pipeline.runs.run_document import EndedRun
from tests.forecast_pipeline.faults import FAULTS, KilledError
from tests.forecast_pipeline.publishing.outputs.published_place import WRITES, Place
from tests.statemachine.machine import definition_of

BUCKET = "almanac-data"
OLD, NEW = "0000000000", "9f3c1a2b7d"
STARTED = {OLD: datetime(2026, 1, 4, tzinfo=UTC), NEW: datetime(2026, 1, 5, tzinfo=UTC)}
# The old run has a report and the new one has none; the new one has the long form and a table that were not there.
NAMES = {
    OLD: {"forecast.csv", "item_accuracy.csv", "report.html", "forecast_runs.parquet", "accuracy.json"},
    NEW: {"forecast.csv", "item_accuracy.csv", "forecast_long.csv", "forecast_runs.parquet", "accuracy.json"},
}
TABLES = {OLD: ["forecast", "train"], NEW: ["forecast", "train", "item_models"]}
STATES: dict[str, Any] = definition_of("forecast_pipeline")["States"]
# The state whose function replaces: its failure leads to RestoreLatest.
(*_, REPLACING) = [
    name for name, state in STATES.items() if any(catch["Next"] == "RestoreLatest" for catch in state.get("Catch", []))
]
ONCE = sorted(FAULTS)
Published = tuple[dict[str, bytes], dict[str, Any]]


@dataclass
class Ended:
    """How a run ended, with its mail if it is red, and the calls of the last step that called any."""

    is_green: bool
    mail: str
    document: dict[str, Any]


def replacement(place: Any) -> Replacement:
    return Replacement(LatestForecast(place, BUCKET), CatalogTables(place, Catalog("almanac-db", "almanac", BUCKET)))


def write_history(place: Place, run: str) -> None:
    for name in NAMES[run]:
        mark = {"RunId": run, "StartedAt": STARTED[run].isoformat()}
        content = json.dumps(mark) if name == "accuracy.json" else f"{name} of {run}"
        place.objects[history_key(run, name)] = (content.encode(), {"run": run})


def replace(place: Any, run: str = NEW) -> str | None:
    tables = [parquet_table(name, {"item_id": "string"}, f"s3://{BUCKET}/{run}/{name}/") for name in TABLES[run]]
    return replacement(place).replace(run, STARTED[run], NAMES[run], tables)


def published(place: Place) -> Published:
    """What readers see: the objects outside of history/, and the tables."""
    objects = {key: body for key, (body, _) in place.objects.items() if not key.startswith("history/")}
    return objects, place.tables


def whole(run: str, before: Place | None = None) -> tuple[Place, Published]:
    """A place in which a run has become the latest undisturbed, and what is published there."""
    place = Place()
    if before:
        place.objects, place.tables = dict(before.objects), dict(before.tables)
    write_history(place, run)
    assert replace(place, run) is None
    return place, published(place)


def step(state: str, place: Any, document: dict[str, Any]) -> Any:
    with passing_errors():
        return replace(place) if state == REPLACING else replacement(place).restore(NEW).model_dump()


def walk(place: Place, denied: Callable[[str, int, str], bool] = lambda *_: False) -> Ended:
    """The run from the step that replaces on, as the machine has it; ``denied`` says what fails in which state."""
    state, document = REPLACING, {"Run": {"Id": NEW, "Bucket": BUCKET}}
    while True:
        for name, answer in _tries(state, place, document, denied):
            if name is None:
                if state == REPLACING:
                    place.fails = lambda number, operation: False
                    return Ended(True, "", document)
                document["Restored"] = answer
                state = STATES[state]["Next"]
                break
            if name not in _retried(state):
                document = json.loads(json.dumps(document))
                document.setdefault("Failure", {})[state] = {"Error": name, "Cause": answer}
                state = STATES[state]["Catch"][0]["Next"]
                break
        if state == "NotifyFailure":
            place.fails = lambda number, operation: False
            return Ended(False, failure_mail(EndedRun.model_validate(document)).text, document)


def _retried(state: str) -> set[str]:
    return {error for retrier in STATES[state]["Retry"] for error in retrier["ErrorEquals"]}


def _tries(
    state: str, place: Place, document: dict[str, Any], denied: Callable[[str, int, str], bool]
) -> Iterator[tuple[str | None, Any]]:
    """(None, the answer), or (error, cause) of each try; the seventh of what passes with time is States.TaskFailed."""
    place.fails = lambda number, operation: denied(state, number, operation)
    for _ in range(7):
        try:
            yield None, step(state, place, document)
            return
        except KilledError:
            yield "Lambda.Unknown", "killed"
        except Exception as error:
            name, words = type(error).__name__, str(error)
            yield name, json.dumps({"errorType": name, "errorMessage": words})
    yield "States.TaskFailed", "ServiceUnreachable"


def of_which_run(place: Place, key: str) -> str:
    """In the words of the mail."""
    if key.startswith("table "):
        table = place.tables.get(key.rpartition(".")[2])
        return f"of run {table['Parameters']['almanac_run']}" if table else "nothing is there"
    return f"of run {place.objects[key][1]['run']}" if key in place.objects else "nothing is there"


def check(place: Place, ended: Ended, old: Published, new: Published, *, may_be_mixed: bool = False) -> None:
    """The three promises: whole, consistent, and a mail that is true."""
    objects, tables = published(place)
    objects = {key: body for key, body in objects.items() if key != JOURNAL}
    state = "old" if (objects, tables) == old else "new" if (objects, tables) == new else "mixed"
    assert "untouched" not in ended.mail
    if ended.is_green:
        assert state == "new"
        return
    restored = ended.document.get("Restored")
    if restored is None:
        assert "is not known" in ended.mail
        assert f"{BUCKET}" in ended.mail
    elif restored["State"] == "mixed":
        told = dict(re.findall(r"^  (.+): (of run \w+|nothing is there)$", ended.mail, re.MULTILINE))
        keys = {latest_key(NEW, name) for name in LATEST_KEYS} | {f"table almanac-db.{name}" for name in TABLES[NEW]}
        assert told == {key: of_which_run(place, key) for key in keys}
        assert "NOT of one run" in ended.mail
    elif restored["State"] == "replaced":
        assert state == "new"
        assert "The forecast of this run is the latest one" in ended.mail
    else:
        assert state == "old"
        of_old = f"The forecast published before, of run {OLD}, is in place"
        assert (of_old if old[0] else "No forecast was published before") in ended.mail
    assert may_be_mixed or state != "mixed"


@pytest.fixture(params=["after a run", "the first run"])
def before(request: pytest.FixtureRequest) -> Place:
    return whole(OLD)[0] if request.param == "after a run" else Place()


def place_like(before: Place) -> Place:
    place = Place()
    place.objects, place.tables = dict(before.objects), dict(before.tables)
    write_history(place, NEW)
    return place


def call_count(before: Place) -> int:
    place = place_like(before)
    replace(place)
    return len(place.calls)


def test_a_run_takes_the_place_of_another_and_leaves_nothing_of_it(before: Place) -> None:
    place = place_like(before)
    assert replace(place) is None
    objects, tables = published(place)
    keys = {latest_key(NEW, name) for name in NAMES[NEW]}
    rows_of_runs = {key for key in before.objects if key.startswith("dashboard/")}  # one per run, for good
    assert objects.keys() == keys | rows_of_runs
    assert {place.objects[key][1]["run"] for key in keys} == {NEW}
    assert {name: table["StorageDescriptor"]["Location"] for name, table in tables.items()} == {
        name: f"s3://{BUCKET}/{NEW}/{name}/" for name in TABLES[NEW]
    }


@pytest.mark.parametrize("kind", ONCE)
def test_one_failure_of_any_call_leaves_the_old_or_the_new_whole(before: Place, kind: str) -> None:
    old, (_, new) = published(before), whole(NEW, before)
    for number in range(call_count(before)):
        place = place_like(before)
        place.kind = kind
        hits = [number]

        def fails(_state: str, at: int, _operation: str, hits: list[int] = hits) -> bool:
            return bool(hits) and at == hits[0] and bool(hits.pop())

        ended = walk(place, fails)
        check(place, ended, old, new)
        assert (
            JOURNAL not in place.objects
            or published(place)[0][LATEST_KEYS["accuracy.json"]] == new[0][LATEST_KEYS["accuracy.json"]]
        )
        if kind not in ("denied", "no credentials"):
            assert ended.is_green, f"call {number} failed once, by a {kind} that passes with time"


@pytest.mark.parametrize("kind", [kind for kind in ONCE if kind != "killed"])
def test_a_role_that_may_nothing_from_any_call_on_leaves_the_old_or_the_new_whole(before: Place, kind: str) -> None:
    old, (_, new) = published(before), whole(NEW, before)
    for number in range(call_count(before)):
        place = place_like(before)
        place.kind = kind
        check(place, walk(place, lambda state, at, _, n=number: state == REPLACING and at >= n), old, new)


def test_a_process_killed_at_any_call_and_at_every_further_try_is_put_right_by_the_next_step(before: Place) -> None:
    old, (_, new) = published(before), whole(NEW, before)
    for number in range(call_count(before)):
        place = place_like(before)
        place.kind = "killed"
        check(place, walk(place, lambda state, at, _, n=number: state == REPLACING and at >= n), old, new)


@pytest.mark.parametrize("kind", ["denied", "no credentials", "timeout"])
@pytest.mark.parametrize("refused", [WRITES, ("copy_object",), ("update_table", "delete_table"), None])
def test_where_nobody_may_put_it_back_the_mail_says_what_is_of_which_run_and_the_next_run_replaces_it(
    before: Place, kind: str, refused: tuple[str, ...] | None
) -> None:
    old, (_, new) = published(before), whole(NEW, before)
    for number in range(call_count(before)):
        place = place_like(before)
        place.kind = kind
        ended = walk(place, lambda _, at, operation, n=number: at >= n and (refused is None or operation in refused))
        check(place, ended, old, new, may_be_mixed=True)
        replace(place)
        assert published(place) == new


def test_a_step_that_restores_and_fails_at_any_call_is_tried_again_or_told(before: Place) -> None:
    old = published(before)
    first = call_count(before) - 3  # the mark is not replaced yet
    for kind in ("lost", "500", "killed"):
        for number in range(40):
            place = place_like(before)
            place.kind = "denied"
            place.fails = lambda at, _: at >= first
            with pytest.raises(ClientError, match="AccessDenied"):
                replace(place)
            place.kind, calls = kind, len(place.calls)
            hits = [calls + number]
            document = {"Run": {"Id": NEW, "Bucket": BUCKET}}
            fails = lambda _state, at, _o, hits=hits: bool(hits) and at == hits[0] and bool(hits.pop())  # noqa: E731
            answers = list(_tries("RestoreLatest", place, document, fails))
            assert answers[-1][0] is None
            place.objects.pop(JOURNAL, None)  # one that could not be removed does no harm
            assert published(place) == old


def test_what_an_earlier_run_left_undone_is_put_right_by_the_next_that_publishes(before: Place) -> None:
    _, new = whole(NEW, before)
    for number in range(call_count(before)):
        place = place_like(before)
        place.kind = "killed"
        place.fails = lambda at, _, n=number: at >= n
        with pytest.raises(KilledError):
            replace(place)
        place.fails = lambda number, operation: False
        later = datetime.now(UTC) + timedelta(hours=1)
        write_history(place, OLD)
        if JOURNAL in place.objects:
            journal = Journal.model_validate_json(place.objects[JOURNAL][0])
            with pytest.raises(ResourcePending, match=f"run {NEW} is being made the latest forecast"):
                replacement(place).replace("later", later, NAMES[OLD], [])
            journal.Until = datetime.now(UTC)
            place.objects[JOURNAL] = (journal.model_dump_json().encode(), {})
        replace(place)
        assert published(place) == new


def test_a_run_that_started_later_stays_the_latest() -> None:
    place, new = whole(NEW)
    write_history(place, OLD)
    assert replace(place, OLD) == NEW
    assert published(place) == new


def test_a_table_of_another_owner_is_refused_before_anything_is_touched(before: Place) -> None:
    place = place_like(before)
    place.tables["item_models"] = {"Name": "item_models", "Parameters": {"almanac_stack": "another"}}
    old = published(place)
    with pytest.raises(ValueError, match=r"almanac-db.item_models: found one over no place in S3"):
        replace(place)
    assert published(place) == old


def test_a_history_that_was_swept_is_filled_from_the_latest_objects_before_these_are_touched() -> None:
    place, old = whole(OLD)
    for name in NAMES[OLD]:
        del place.objects[history_key(OLD, name)]
    write_history(place, NEW)
    place.kind, place.fails = "denied", lambda number, operation: operation == "copy_object" and number > 20
    with pytest.raises(ClientError, match="AccessDenied"):
        replace(place)
    place.fails = lambda number, operation: False
    replacement(place).restore(NEW)
    assert published(place) == old
