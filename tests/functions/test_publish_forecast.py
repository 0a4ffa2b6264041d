"""publish_forecast on the document as it reaches it, with S3 and Glue played by moto."""

import copy
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError

from forecast_pipeline.publishing import publish as publishing
from forecast_pipeline.publishing.outputs.latest_forecast import LATEST_KEYS
from tests.forecast_pipeline.publishing.exported_run import DAYS, HORIZON, HOSTILE, ITEMS, actual, put_run
from tests.functions.published_bucket import BUCKET, LATEST, Calls, Publish, body, latest, snapshot, table_locations


def test_the_answer_compares_the_forecast_with_seasonal_naive(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    published = publish(run_document)
    # By hand: each of 3 x 24 points is missed by 4, by seasonal naive by 10 (the history grows 10 a day).
    total = sum(actual(item, index) for item in range(3) for index in range((DAYS - 1) * 24, DAYS * 24))
    assert published["Accuracy"]["WAPE"] == pytest.approx(4 * 72 / total)
    assert published["Accuracy"]["RMSE"] == pytest.approx(4)
    assert published["Accuracy"]["MASE"] == pytest.approx(4 / 10)
    # The band is 8 wide on each side of a line 4 too high, so it holds every actual value.
    assert published["Accuracy"]["Coverage80"] == 1
    # Twice the pinball losses: p10 lies 4 below (.1 x 4), p50 4 above (.5 x 4), p90 12 above (.1 x 12).
    assert published["Accuracy"]["AverageWeightedQuantileLoss"] == pytest.approx(2 * (0.4 + 2 + 1.2) / 3 * 72 / total)
    assert published["Accuracy"]["WindowCount"] == 1
    assert published["SeasonalNaive"]["WAPE"] == pytest.approx(10 * 72 / total)
    assert published["SeasonalNaive"]["RMSE"] == pytest.approx(10)
    assert published["SeasonalNaive"]["MASE"] == pytest.approx(1)
    assert published["ItemCount"] == 3
    assert (published["NewItemCount"], published["AttributeImpact"]) == (0, None)
    assert published["Horizon"] == HORIZON
    assert (published["FirstTimestamp"], published["LastTimestamp"]) == ("2014-01-07T00:00:00", "2014-01-07T23:00:00")
    assert published["AggregatedRowCount"] == 0
    assert published["Files"]["Report"] == f"s3://{BUCKET}/latest/report.html"
    assert json.loads(body("latest/accuracy.json")) == {
        **published,
        "RunId": "9f3c1a2b7d",
        "StartedAt": "2026-01-05T02:00:07+00:00",
        "DatasetGroup": run_document["DatasetGroup"]["DatasetGroupName"],
    }


def test_a_run_that_is_overtaken_by_a_later_one_leaves_the_latest_forecast_alone(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    later = copy.deepcopy(run_document)
    later["Run"] |= {"Id": "later", "StartedAt": "2026-01-05T02:00:08+00:00"}
    assert publish(later)["SupersededBy"] is None
    before = snapshot()
    assert publish(run_document)["SupersededBy"] == "later"
    assert {key: content for key, content in snapshot().items() if key in before} == before
    assert json.loads(body("history/clean/9f3c1a2b7d/accuracy.json"))["RunId"] == "9f3c1a2b7d"


def test_rows_of_one_period_are_counted(run_document: dict[str, Any], publish: Publish, calls: Calls) -> None:
    put_run(boto3.client("s3"), run_document)
    boto3.client("s3").put_object(
        Bucket=BUCKET, Key="train/more.csv", Body=b"2014-01-02 00:10:00,1,client_7\n2014-01-02 00:20:00,1,client_7\n"
    )
    assert publish(run_document)["AggregatedRowCount"] == 2


def test_publishing_twice_changes_nothing(run_document: dict[str, Any], publish: Publish, calls: Calls) -> None:
    put_run(boto3.client("s3"), run_document)
    first = publish(run_document)
    before = snapshot()
    assert publish(run_document) == first
    assert snapshot() == before


@pytest.fixture
def files_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the files of each run, so that a test which publishes it forty times does not measure it forty times."""
    made: dict[str, tuple[Any, dict[str, bytes]]] = {}
    make = publishing._write_files

    def write_files(document: Any, run: Any, files: Any, directory: Path, latest: Any) -> Any:
        if run.run_id not in made:
            published = make(document, run, files, directory, latest)
            paths = (directory / name for name in LATEST_KEYS)
            made[run.run_id] = (published, {path.name: path.read_bytes() for path in paths if path.exists()})
        published, contents = made[run.run_id]
        for name, content in contents.items():
            (directory / name).write_bytes(content)
        return published

    monkeypatch.setattr(publishing, "_write_files", write_files)


@pytest.mark.usefixtures("files_made_once")
def test_a_failure_at_any_write_leaves_the_latest_forecast_in_place(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    client = boto3.client("s3")
    earlier = json.loads(json.dumps(run_document).replace("9f3c1a2b7d", "0000000000"))
    put_run(client, earlier)
    publish(earlier)
    put_run(client, run_document, items=ITEMS[:2])
    before = latest()
    calls.writes.clear()
    failed = list(_failing_one_after_another(calls, publish, run_document, before))
    assert len(failed) > len(LATEST) * 2
    after = latest()
    assert after.keys() - before.keys() == {"dashboard/forecast_runs/9f3c1a2b7d.parquet"}
    unchanged = {key for key in before if after[key] == before[key] and "item_models" not in key}
    assert table_locations()["train"] == f"s3://{BUCKET}/train/"  # over a copy before, since names were quoted
    assert unchanged == {"dashboard/forecast_runs/0000000000.parquet", "dashboard/train/train.parquet"}


def _failing_one_after_another(
    calls: Calls, publish: Publish, run_document: dict[str, Any], before: dict[str, bytes]
) -> Iterator[int]:
    """Fail the first write, then the second, ... until there is none left to fail; yields each number."""
    locations = table_locations()
    for number in itertools.count(1):
        calls.writes.clear()
        calls.failing_write = number
        try:
            publish(run_document)
        except (ClientError, S3UploadFailedError):
            assert latest() == before, f"write {number} failed and the latest changed"
            assert table_locations() == locations, f"write {number} failed and a table changed"
            yield number
        else:
            return


def test_a_failure_after_a_run_of_a_version_without_tables_of_dashboards_leaves_none(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    client = boto3.client("s3")
    earlier = json.loads(json.dumps(run_document).replace("9f3c1a2b7d", "0000000000"))
    put_run(client, earlier)
    calls.writes.clear()
    publish(earlier)
    calls.failing_write = len(calls.writes)  # the last one of the next run, too: accuracy.json
    for key in [key for key in snapshot() if key.endswith(".parquet")]:
        client.delete_object(Bucket=BUCKET, Key=key)
    put_run(client, run_document)
    before = latest()
    calls.writes.clear()
    with pytest.raises(ClientError, match="Access Denied"):
        publish(run_document)
    assert latest() == before


def test_a_failing_first_publish_leaves_no_latest_object(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)  # the tables are there from now on, so both of the next two write equally often
    calls.writes.clear()
    publish(run_document)
    for key in LATEST:
        boto3.client("s3").delete_object(Bucket=BUCKET, Key=key)
    calls.failing_write = len(calls.writes) - len(LATEST)  # the last one: accuracy.json, the mark of completion
    calls.writes.clear()
    with pytest.raises(ClientError, match="Access Denied"):
        publish(run_document)
    assert not [key for key in snapshot() if key in LATEST]


def test_a_hostile_name_stays_text_in_the_report(run_document: dict[str, Any], publish: Publish, calls: Calls) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    page = body("latest/report.html").decode()
    assert page.count("</script>") == 2
    assert "<img" not in page
    document = page.partition('id="data">')[2].partition("</script>")[0]
    assert HOSTILE in [item["name"] for item in json.loads(document)["items"]]


def test_an_export_without_parts_is_an_error_that_names_the_place(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    missing = json.loads(json.dumps(run_document).replace("9f3c1a2b7d/backtest", "9f3c1a2b7d/elsewhere"))
    with pytest.raises(ValueError, match=r"elsewhere/forecasted-values/: found no CSV part"):
        publish(missing)


def test_importing_the_handler_loads_neither_numpy_nor_duckdb() -> None:
    app = Path(__file__).parents[2] / "functions" / "publish_forecast" / "app.py"
    script = (
        "import runpy, sys; runpy.run_path(sys.argv[1]); "
        "sys.exit(bool({'numpy', 'duckdb', 'forecast_engine'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script, str(app)], check=False).returncode == 0
