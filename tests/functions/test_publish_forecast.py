"""publish_forecast on the document as it reaches it, with S3 and Glue played by moto."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from forecast_pipeline.publishing.outputs.replacement import JOURNAL
from forecast_pipeline.publishing.outputs.report_page import data_of
from tests.forecast_pipeline.publishing.exported_run import DAYS, HORIZON, HOSTILE, actual, put_run
from tests.forecast_pipeline.publishing.read_report import items_of
from tests.functions.published_bucket import BUCKET, Calls, Publish, body, snapshot


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
        "Frequency": "H",
        "Keys": ["item_id"],
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
    made = json.loads(body("history/clean/9f3c1a2b7d/run.json"))
    published = made.pop("Published")
    assert made == run_document
    assert published["Accuracy"] == json.loads(body("history/clean/9f3c1a2b7d/accuracy.json"))["Accuracy"]
    assert published["Engine"] == "Amazon Forecast"  # no address of a service of our own in the environment


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


def test_before_the_journal_and_after_it_nothing_is_written_that_readers_see(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    """So the calls that fail one by one in test_replacement.py are all that change what readers see."""
    put_run(boto3.client("s3"), run_document)
    calls.writes.clear()
    publish(run_document)
    journal = f"PutObject {JOURNAL}"
    first, last = calls.writes.index(journal), calls.writes.index(f"DeleteObject {JOURNAL}")
    outside = calls.writes[:first] + calls.writes[last + 1 :]
    assert {write.split()[1].partition("/")[0] for write in outside} <= {"history", "tmp"}
    assert calls.writes[last - 1] == "CopyObject latest/accuracy.json"


def test_the_services_summary_becomes_the_workshops_metrics(
    run_document: dict[str, Any], publish: Publish, calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    described = [
        (each["_aws"]["CloudWatchMetrics"][0]["Namespace"], each["_aws"]["CloudWatchMetrics"][0]["Dimensions"])
        for each in printed
    ]
    of_algorithm = [("FORECAST", [["Algorithm", "Quantile"]])] * 3 + [("FORECAST", [["Algorithm"]])]
    assert described == [*of_algorithm, ("FORECAST", [["Stack"]])]
    values = {each["Quantile"]: each["WQL"] for each in printed[:3]}
    assert values == {"0.9": [0.02], "0.5": [0.06], "0.1": [0.03]}
    assert (printed[3]["RMSE"], printed[3]["Algorithm"]) == ([3.25], "AutoPredictor")


def test_a_hostile_name_stays_text_in_the_report(run_document: dict[str, Any], publish: Publish, calls: Calls) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    page = body("latest/report.html").decode()
    assert page.count("</script>") == 2
    assert "<img" not in page
    assert HOSTILE in [item["name"] for item in items_of(data_of(page))]


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
