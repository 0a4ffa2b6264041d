"""replace_train_data: what the job prepared takes the place of train/, whole or not at all."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from forecast_pipeline import ResourceFailed, ResourcePending
from forecast_pipeline.preparation.mail import preparation_mail
from forecast_pipeline.preparation.preparation_document import EndedPreparation
from forecast_pipeline.preparation.replacement import ReplacementUnfinishedError
from forecast_pipeline.runs import replacement_mark
from tests.forecast_pipeline.faults import FailingCalls
from tests.functions.watched_bucket import BUCKET, RAW, Pipeline, Preparation

OLD = b"2017-01-01 00:00:00,1,item_001\n"
WRITES = 9  # the mark twice, part, kept file, deletion, manifest, the mark's end, part again, what the job wrote
NEW = b"2018-01-01 00:00:00,12,item_001\n"


@pytest.fixture
def document(preparation: Preparation) -> dict[str, Any]:
    """The document of a preparation whose job has ended, over a bucket with a file by hand and one of metadata."""
    document = preparation.document()
    preparation.work(document, {"train/": NEW})
    preparation.bucket.put("train/by_hand.csv", OLD)
    preparation.bucket.put("metadata/items.csv", b"item_001,red\n")
    return document


class Faults:
    """The write of this number fails, and it alone; with ``on`` all that come after it, too."""

    def __init__(self, patch: pytest.MonkeyPatch, fails: int, *, on: bool = False) -> None:
        self.count = 0
        calls = BaseClient._make_api_call  # type: ignore[attr-defined]

        def call(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
            if operation in {"PutObject", "CopyObject", "DeleteObjects"}:
                self.count += 1
                if self.count == fails or (on and self.count > fails):
                    raise ClientError({"Error": {"Code": "InternalError", "Message": "no"}}, operation)
            return calls(client, operation, request)

        patch.setattr(BaseClient, "_make_api_call", call)


def part(document: dict[str, Any], folder: str = "train/", number: int = 0) -> str:
    return f"{folder}prepared_{document['Run']['Id']}_{number:05}.csv"


def test_the_parts_take_the_place_of_the_files_and_nothing_is_left_over(
    preparation: Preparation, document: dict[str, Any]
) -> None:
    run = document["Run"]["Id"]
    with pytest.MonkeyPatch.context() as patch:
        faults = Faults(patch, fails=0)
        assert preparation.replace(document) == {"Superseded": None, "FileCount": 1}
    assert faults.count == WRITES
    assert preparation.keys("train/") == [part(document)]
    assert preparation.body(part(document)) == NEW
    assert preparation.keys("metadata/") == ["metadata/items.csv"]
    assert preparation.keys("tmp/") == []
    assert preparation.body(f"history/replaced/{run}/train/by_hand.csv") == OLD
    manifest = json.loads(preparation.body("history/prepared.json"))
    assert (manifest["Run"], list(manifest["Sources"])) == (run, ["raw_data/forecast_data.csv"])
    assert manifest["Moved"] == ["train/by_hand.csv"]


def test_a_repetition_of_a_success_changes_nothing(preparation: Preparation, document: dict[str, Any]) -> None:
    first = preparation.replace(document)
    assert preparation.replace(document) == first
    assert preparation.keys("train/") == [part(document)]


def test_parts_of_an_earlier_preparation_go_and_are_not_kept(
    preparation: Preparation, document: dict[str, Any]
) -> None:
    preparation.replace(document)
    preparation.bucket.put("raw_data/forecast_data.csv", RAW + RAW)
    later = preparation.document()
    preparation.work(later, {"train/": NEW + NEW})
    preparation.replace(later)
    assert preparation.keys("train/") == [part(later)]
    assert not any(later["Run"]["Id"] in key for key in preparation.keys("history/replaced/"))


def test_appended_parts_join_what_is_there_and_so_do_their_counts(
    preparation: Preparation, document: dict[str, Any]
) -> None:
    document["Raw"]["Mode"] = "append"
    preparation.replace(document)
    assert preparation.keys("train/") == ["train/by_hand.csv", part(document)]
    preparation.bucket.put("raw_data/more.csv", RAW)
    later = preparation.document()
    later["Raw"]["Mode"] = "append"
    preparation.work(later, {"train/": NEW})
    preparation.replace(later)
    assert sorted(preparation.keys("train/")) == sorted(["train/by_hand.csv", part(document), part(later)])
    (rows,) = json.loads(preparation.body("history/prepared.json"))["Rows"]
    assert (rows["Read"], rows["Used"], rows["LeftOut"], rows["Reasons"]) == (6, 4, 2, {"x": 2})


def test_raw_files_that_changed_while_the_job_ran_supersede_it(
    preparation: Preparation, document: dict[str, Any]
) -> None:
    preparation.bucket.put("raw_data/forecast_data.csv", RAW + RAW)
    answer = preparation.replace(document)
    assert answer["Superseded"] == (
        f"raw_data/: the files changed while preparation {document['Run']['Id']} ran; "
        "what is there now is prepared anew."
    )
    assert preparation.keys("train/") == ["train/by_hand.csv"]
    assert preparation.keys("tmp/") == []


def test_a_job_that_wrote_nothing_leaves_train_as_it_was(preparation: Preparation, document: dict[str, Any]) -> None:
    run = document["Run"]["Id"]
    preparation.bucket.put(f"tmp/prepared/{run}/train/part-00000-c000.txt", b"")
    with pytest.raises(ResourceFailed, match="raw_data/: found no rows for train/ in 1 file"):
        preparation.replace(document)
    assert preparation.keys("train/") == ["train/by_hand.csv"]


def test_whichever_write_fails_the_files_are_the_old_or_a_repetition_makes_them_the_new(
    preparation: Preparation, document: dict[str, Any]
) -> None:
    for fails in range(1, WRITES + 1):
        for key in (*preparation.keys("train/"), *preparation.keys("history/"), *preparation.keys("tmp/")):
            preparation.bucket.s3.delete_object(Bucket=BUCKET, Key=key)
        preparation.work(document, {"train/": NEW})
        preparation.bucket.put("train/by_hand.csv", OLD)
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, fails)
            with pytest.raises((ClientError, ReplacementUnfinishedError)) as raised:
                preparation.replace(document)
        assert faults.count >= fails
        if raised.type is not ReplacementUnfinishedError:
            assert preparation.keys("train/") == ["train/by_hand.csv"]
            assert preparation.body("train/by_hand.csv") == OLD
        preparation.replace(document)
        assert preparation.keys("train/") == [part(document)], f"after write {fails} failed"
        assert preparation.keys("tmp/") == []


@pytest.mark.parametrize("kind", ["denied", "timeout", "killed"])
def test_whichever_call_fails_from_then_on_the_mail_says_what_became_of_train(
    preparation: Preparation, document: dict[str, Any], kind: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        calls = FailingCalls(patch)
        preparation.replace(document)
    for number in calls.numbers(each_read=5)[:: 1 if kind == "denied" else 3]:
        for key in (*preparation.keys("train/"), *preparation.keys("history/"), *preparation.keys("tmp/")):
            preparation.bucket.s3.delete_object(Bucket=BUCKET, Key=key)
        preparation.work(document, {"train/": NEW})
        preparation.bucket.put("train/by_hand.csv", OLD)
        with pytest.MonkeyPatch.context() as patch:
            FailingCalls(patch, kind, number, lasts=True)
            with pytest.raises(BaseException) as raised:
                preparation.replace(document)
        error = "Lambda.Unknown" if kind == "killed" else raised.type.__name__
        failure = {"ReplaceTrainData": {"Error": error, "Cause": "no"}}
        text = preparation_mail(EndedPreparation.model_validate(document | {"Failure": failure})).text
        if preparation.keys("train/") != ["train/by_hand.csv"] or preparation.body("train/by_hand.csv") != OLD:
            assert "is as it was" not in text, f"call {number}"
        preparation.replace(document)
        assert preparation.keys("train/") == [part(document)]


def test_an_undoing_that_fails_is_mended_by_a_repetition(preparation: Preparation, document: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        Faults(patch, fails=3, on=True)
        with pytest.raises(ReplacementUnfinishedError):
            preparation.replace(document)
    assert preparation.keys("train/") == ["train/_replacing", "train/by_hand.csv", part(document)]
    preparation.replace(document)
    assert preparation.keys("train/") == [part(document)]


def test_another_preparation_at_work_is_waited_for_and_one_that_broke_off_is_not(
    preparation: Preparation, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    preparation.bucket.put("train/_replacing", b"0123456789")
    with pytest.raises(ResourcePending, match="preparation 0123456789 is replacing the files of train/"):
        preparation.replace(document)
    later = SimpleNamespace(now=lambda zone: datetime.now(zone) + timedelta(minutes=21))
    monkeypatch.setattr(replacement_mark, "datetime", later)
    preparation.replace(document)
    assert preparation.keys("train/") == [part(document)]


def test_no_run_starts_over_files_that_are_being_replaced(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.put("train/_replacing", b"0123456789 deletes")
    assert pipeline.start({}) == {
        "Started": False,
        "Reason": "train/ is being replaced by a preparation; its last file starts the run",
    }
    later = SimpleNamespace(now=lambda zone: datetime.now(UTC) + timedelta(minutes=21))
    monkeypatch.setattr(replacement_mark, "datetime", later)
    problem = pipeline.document(pipeline.start({})["Run"])["Problem"]
    assert problem.startswith("train/_replacing: preparation 0123456789 broke off between old files and new ones")


def test_the_run_over_prepared_files_knows_what_became_of_the_raw_rows(pipeline: Pipeline) -> None:
    pipeline.s3.delete_object(Bucket=BUCKET, Key="train/electricity.csv")
    pipeline.put("train/prepared_0123456789_00000.csv", b"2014-01-01 01:00:00,38.35,client_12\n")
    rows = {"Target": "s3://b/tmp/prepared/0123456789/train/", "Read": 40, "Used": 38, "LeftOut": 2}
    manifest = {"Run": "0123456789", "Sources": {}, "Rows": [rows], "Moved": ["train/by_hand.csv"]}
    pipeline.put("history/prepared.json", json.dumps(manifest).encode())
    (job,) = pipeline.document(pipeline.start({})["Run"])["Imports"]
    assert job["Remarks"] == [
        "train/ was prepared from raw_data/: 40 rows read = 38 used + 2 left out.",
        "1 file that was in train/ before, of no preparation, is kept in history/replaced/0123456789/.",
    ]
