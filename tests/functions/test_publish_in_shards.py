"""A run that many workers publish is published as by one: the same rows, figures and report."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest

from forecast_pipeline.publishing.exports.file_ranges import FileRange
from forecast_pipeline.publishing.exports.s3_location import S3Location
from forecast_pipeline.publishing.outputs import joined_files, latest_forecast
from forecast_pipeline.publishing.outputs.report_page import data_of
from forecast_pipeline.publishing.report import axis, tails
from forecast_pipeline.publishing.steps import plan
from tests.forecast_pipeline.publishing.exported_run import HOSTILE, STAMP, csv_text, put_run
from tests.forecast_pipeline.publishing.read_report import items_of, unpacked
from tests.functions.conftest import PUBLISH_CONTEXT
from tests.functions.published_bucket import BUCKET, Publish, bodies, body, rows, rows_below, table_rows

RUN = "9f3c1a2b7d"
ITEMS = (*(f"client_{number}" for number in range(11)), HOSTILE)
CSV_FILES = {
    "Forecast": "latest/forecast.csv",
    "ForecastLong": "quicksight/forecast.csv",
    "ItemAccuracy": "latest/item_accuracy.csv",
    "ItemModels": "latest/item_models/item_models.csv",
}
TABLES = ("train", "forecast", "item_models", "forecast_fan", "forecast_accuracy", "forecast_versus_actual")


@pytest.fixture
def publish_in_shards(load_function: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Publish:
    """The handler of publish_forecast for each piece of a run in four shards, as the state machine calls it."""

    def run(document: dict[str, Any]) -> dict[str, Any]:
        with monkeypatch.context() as small:
            sizes = [each["Size"] for each in objects() if each["Key"].startswith(("train/", f"tmp/{RUN}/"))]
            small.setattr(plan, "BYTES_PER_SHARD", sum(sizes) // 3)
            small.setattr(plan, "BYTES_PER_TASK", 1)  # a task for each file
            handle = load_function("publish_forecast").lambda_handler
            work = handle(document, PUBLISH_CONTEXT)
        assert work["Shards"] == [0, 1, 2, 3]
        assert len(work["Tasks"]) > 8
        event = {"Document": {**document, "Published": work}}
        pieces = [("read", number) for number in work["Tasks"]] + [("shard", number) for number in work["Shards"]]
        answers = [handle({"Step": step, "Number": number, **event}, PUBLISH_CONTEXT) for step, number in pieces]
        assert set(answers) == {None}
        published: dict[str, Any] = handle({"Step": "finish", **event}, PUBLISH_CONTEXT)
        return published

    return run


def objects() -> list[Any]:
    return boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]


def put_runs(run_document: dict[str, Any], publish: Publish) -> None:
    """An earlier run, published, of some of the items, and another: one item new, and models of all."""
    client = boto3.client("s3")
    earlier = json.loads(json.dumps(run_document).replace(RUN, "0000000000"))
    earlier["Run"]["StartedAt"] = "2026-01-04T02:00:07+00:00"
    for document, items in ((earlier, ("client_99", *ITEMS[1:])), (run_document, ITEMS)):
        put_run(client, document, items=items)
        made = [
            [name, model, 24, "values", weight, "short" if name == "client_3" else ""]
            for name in items
            for model, weight in (("ets", 0.3), ("lightgbm", 0.7))
        ]
        header = ["item_id", "model", "season", "form", "weight", "note"]
        key = f"tmp/{document['Run']['Id']}/forecast/item-models/electricity_{STAMP}_part0.csv"
        client.put_object(Bucket=BUCKET, Key=key, Body=csv_text([header, *made]))
        if document is earlier:
            publish(earlier)
    late = [["2014-01-01 00:10:00", 1, "client_2"], ["2014-01-01 00:20:00", 1, "client_7"], ["x", "y"]]
    client.put_object(Bucket=BUCKET, Key="train/late.csv", Body=csv_text(late))
    # The first two hours that the earlier run forecast, of all items.
    came = [[f"2014-01-07 0{each}:00:00", 200 + number, item] for each in (0, 1) for number, item in enumerate(ITEMS)]
    client.put_object(Bucket=BUCKET, Key="train/next.csv", Body=csv_text(came))


def put_back(kept: dict[str, bytes]) -> None:
    """Make the bucket hold these objects alone; those that did not change keep their time."""
    client = boto3.client("s3")
    now = bodies(objects())
    for key in now.keys() - kept.keys():
        client.delete_object(Bucket=BUCKET, Key=key)
    for key, content in kept.items():
        if now.get(key) != content:
            client.put_object(Bucket=BUCKET, Key=key, Body=content)


def everything() -> dict[str, Any]:
    """What is published: rows in an order of their own, since those of a shard stand together."""
    found: dict[str, Any] = {key: [rows(key)[0], *sorted(rows(key)[1:])] for key in CSV_FILES.values()}
    found |= {table: sorted(table_rows(table), key=repr) for table in TABLES}
    found["came_true"] = sorted(table_rows("forecast_came_true"), key=repr)
    found["run"] = rows_below(f"dashboard/forecast_runs/{RUN}.parquet")
    data = data_of(body("latest/report.html").decode())
    found["report"] = {**data, "parts": [], "items": items_of(data), "times": unpacked(data["times"])}
    found["exports"] = bodies(each for each in objects() if each["Key"].startswith("history/raw/"))
    return found


def test_four_shards_publish_what_one_worker_does(
    run_document: dict[str, Any], publish: Publish, publish_in_shards: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(axis, "NUMBERS_IN_PAGE", 1)
    plan_of = tails.report_plan
    monkeypatch.setattr(tails, "report_plan", lambda *run: replace(plan_of(*run), detailed=7))
    put_runs(run_document, publish)
    before = bodies(objects())
    by_one = publish(run_document)
    of_one = everything()
    put_back(before)
    assert_same(publish_in_shards(run_document), by_one)
    of_four = everything()
    assert_same(of_four.pop("run"), of_one.pop("run"))
    assert_same(of_four.pop("came_true"), of_one["came_true"])
    report = of_one.pop("report")
    assert_same(of_four.pop("report"), report)
    assert [row["points"] for row in of_one.pop("came_true")] == [11, 11]  # client_0 was not forecast then
    assert of_four == of_one
    # By hand: of twelve items one is new and one has gone; two rows share an hour with another one.
    assert by_one["ItemChanges"]["NewNames"] == ["client_0"]
    assert by_one["ItemChanges"]["VanishedNames"] == ["client_99"]
    assert by_one["AggregatedRowCount"] == 2
    assert by_one["Rows"]["TARGET_TIME_SERIES"]["LeftOut"] == {"fields": 1}
    largest = [HOSTILE, *(f"client_{number}" for number in (10, 9, 8, 7, 6, 5))]
    assert [item["name"] for item in report["items"] if "models" in item] == largest
    assert {len(item["forecast"]["line"]) for item in report["items"]} == {report["horizon"]}
    assert len(report["items"]) == 12
    met = {item: [row for row in of_one["forecast_versus_actual"] if row["item_id"] == item] for item in ITEMS}
    for item in report["items"]:
        rows_of_item = met[item["name"]]
        missed = sum(abs(row["actual"] - row["p50"]) for row in rows_of_item)
        total = sum(row["actual"] for row in rows_of_item)
        assert item["truthWape"] == (pytest.approx(missed / total, abs=0.0005) if rows_of_item else None)
        if item["name"] in largest and rows_of_item:
            assert item["earlier"]["line"] == pytest.approx([row["p50"] for row in rows_of_item], rel=1e-4)


def test_what_is_too_large_for_one_file_is_a_folder_in_the_history(
    run_document: dict[str, Any],
    publish: Publish,
    publish_in_shards: Publish,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    put_run(boto3.client("s3"), run_document, items=ITEMS[:2])  # two shards have no series
    publish(run_document)
    monkeypatch.setattr(latest_forecast, "LARGEST_COPY", 0)  # exports are copied as if S3 took them in parts alone
    three_headers_more = len(body("latest/forecast.csv")) + 1000
    monkeypatch.setattr(joined_files, "SINGLE_FILE_BYTES", three_headers_more)
    whole = rows("quicksight/forecast.csv")
    published = publish_in_shards(run_document)
    folder = f"history/clean/{RUN}/forecast_long.csv/"
    assert published["Files"]["ForecastLong"] == f"s3://{BUCKET}/{folder}"
    assert published["Files"]["Forecast"] == f"s3://{BUCKET}/latest/forecast.csv"
    keys = [each["Key"] for each in objects()]
    assert "quicksight/forecast.csv" not in keys
    parts = [rows(f"{folder}part-{number:05}.csv") for number in range(4)]
    assert [part[0] for part in parts] == [whole[0]] * 4
    assert sorted(row for part in parts for row in part[1:]) == sorted(whole[1:])
    ranges = [FileRange.whole(each) for each in S3Location(BUCKET, folder).files(boto3.client("s3"))]
    joined_files.join_parts(boto3.client("s3"), ranges, tmp_path / "joined.csv")
    with (tmp_path / "joined.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [whole[0], *(row for part in parts for row in part[1:])]
    name = f"electricity_{RUN}_{STAMP}_part0.csv"
    assert body(f"history/raw/{RUN}/forecast/{name}") == body(f"tmp/{RUN}/forecast/{name}")


def assert_same(found: Any, wanted: Any) -> None:
    """Two documents are the same but for the last digits of their numbers."""
    found, wanted = flat(found), flat(wanted)
    assert found.keys() == wanted.keys()
    for path, leaf in wanted.items():
        assert found[path] == (pytest.approx(leaf, rel=1e-12) if isinstance(leaf, float) else leaf), path


def flat(value: Any, name: str = "") -> dict[str, Any]:
    """A document with one level: path -> leaf."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return {path: leaf for key, each in pairs for path, leaf in flat(each, f"{name}/{key}").items()}
    return {name: value}
