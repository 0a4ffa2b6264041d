"""publish_forecast: what earlier runs forecast is held against what has come since."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from forecast_pipeline.publishing.outputs.report_page import data_of
from tests.forecast_pipeline.publishing.exported_run import DAYS, ITEMS, actual, csv_text, hour, put_run
from tests.functions.published_bucket import BUCKET, Calls, Publish, body, rows_below, snapshot, table_rows

NEXT_DAY = range(DAYS * 24, DAYS * 24 + 24)


def a_day_later(run_document: dict[str, Any]) -> dict[str, Any]:
    """The document of the run after the next day has come."""
    later: dict[str, Any] = json.loads(json.dumps(run_document).replace("9f3c1a2b7d", "1111111111"))
    later["Run"]["StartedAt"] = "2026-01-06T02:00:07+00:00"
    return later


def put_next_day(above: float) -> None:
    """The day that the first run forecast comes, and every value lies ``above`` the line of its forecast."""
    came = [
        [f"{hour(i):%Y-%m-%d %H:%M:%S}", actual(k, i) + above, item] for k, item in enumerate(ITEMS) for i in NEXT_DAY
    ]
    boto3.client("s3").put_object(Bucket=BUCKET, Key="train/part-2.csv", Body=csv_text(came))


def published_twice(run_document: dict[str, Any], publish: Publish, above: float) -> dict[str, Any]:
    put_run(boto3.client("s3"), run_document)
    assert publish(run_document)["CameTrue"] == []
    later = a_day_later(run_document)
    put_run(boto3.client("s3"), later)
    put_next_day(above)
    return publish(later)


def test_the_forecast_of_the_run_before_is_held_against_what_came(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    (came_true,) = published_twice(run_document, publish, above=6)["CameTrue"]
    total = sum(actual(k, i) + 6 for k in range(3) for i in NEXT_DAY)
    assert (came_true["Run"], came_true["Made"]) == ("9f3c1a2b7d", "2026-01-05T02:00:07+00:00")
    assert (came_true["First"], came_true["Periods"], came_true["Points"]) == ("2014-01-07T00:00:00", 24, 72)
    assert (came_true["Actual"], came_true["Forecast"]) == (pytest.approx(total), pytest.approx(total - 6 * 72))
    assert (came_true["Inside"], came_true["BandShare"]) == (1, 0.8)
    assert came_true["Bias"] == pytest.approx(6 * 72 / total)
    # Twice the pinball losses: p10 lies 14 below (.1 x 14), p50 6 below (.5 x 6), p90 2 above (.1 x 2).
    loss = 2 * (1.4 + 3 + 0.2) / 3
    assert came_true["AverageWeightedQuantileLoss"] == pytest.approx(loss * 72 / total)
    # Seasonal naive says what was a day before, 10 less than the forecast.
    assert (came_true["WAPE"], came_true["SeasonalNaiveWAPE"]) == pytest.approx((6 * 72 / total, 16 * 72 / total))
    first = sum(actual(item, index) for item in range(3) for index in range((DAYS - 1) * 24, DAYS * 24))
    assert came_true["PromisedAverageWeightedQuantileLoss"] == pytest.approx(2 * (0.4 + 2 + 1.2) / 3 * 72 / first)


def test_a_table_has_a_row_per_series_and_hour_that_came(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    published = published_twice(run_document, publish, above=6)
    rows = table_rows("forecast_versus_actual")
    assert len(rows) == 72
    row = next(each for each in rows if each["item_id"] == "client_7" and each["timestamp"] == hour(NEXT_DAY[5]))
    value = actual(1, NEXT_DAY[5])
    assert row.pop("made").isoformat() == "2026-01-05T02:00:07"
    assert row == {
        **{"series": "client_7", "item_id": "client_7", "dimension": "", "timestamp": hour(NEXT_DAY[5])},
        **{"actual": value + 6, "p10": value - 8, "p50": value, "p90": value + 8, "mean": None},
        **{"seasonal_naive": value - 10, "steps_ahead": 6, "run_id": "9f3c1a2b7d"},
    }
    steps = table_rows("forecast_came_true")
    assert [(each["steps_ahead"], each["points"]) for each in steps] == [(step, 3) for step in range(1, 25)]
    assert sum(each["coverage"] for each in steps) == 24
    (of_run,) = rows_below("dashboard/forecast_runs/1111111111.parquet")
    assert of_run["came_true_run_id"] == "9f3c1a2b7d"
    assert of_run["came_true_bias"] == pytest.approx(published["CameTrue"][0]["Bias"])


def test_a_run_that_nothing_went_before_has_tables_without_rows(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    assert table_rows("forecast_versus_actual") == table_rows("forecast_came_true") == []


def test_a_run_is_compared_with_the_run_before_by_figures_level_and_parameters(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    first = publish(run_document)
    assert first["Before"] is None
    again = a_day_later(run_document)
    put_run(boto3.client("s3"), again)  # the same exports: both have forecast the same steps
    again["Pipeline"] |= {"KeepRuns": 9}
    before = publish(again)["Before"]
    assert (before["Run"], before["Horizon"]) == ("9f3c1a2b7d", 24)
    assert (before["Accuracy"], before["SeasonalNaive"]) == (first["Accuracy"], first["SeasonalNaive"])
    total = sum(actual(item, index) for item in range(3) for index in NEXT_DAY)
    assert (before["Total"], before["SharedTotal"]) == pytest.approx((total, total))
    kept = run_document["Pipeline"]["KeepRuns"]
    assert before["ChangedParameters"] == [f"Pipeline.KeepRuns: {kept} -> 9"]


def test_published_twice_it_says_the_same(run_document: dict[str, Any], publish: Publish, calls: Calls) -> None:
    published = published_twice(run_document, publish, above=6)
    before = snapshot()
    assert publish(a_day_later(run_document)) == published
    assert snapshot() == before


def test_a_forecast_far_off_is_said_to_drift_and_counted_for_an_alarm(
    run_document: dict[str, Any], publish: Publish, calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    published = published_twice(run_document, publish, above=400)
    assert published["Drift"][1] == "the 80 % band held 0 % of the values"
    assert len(published["Drift"]) == 3
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"Drift"' in line]
    last = [each for each in printed if "_aws" in each][-1]
    assert (last["Drift"], last["Stack"]) == ([3.0], "almanac")
    (metrics,) = last["_aws"]["CloudWatchMetrics"]
    assert metrics["Dimensions"] == [["Stack"]]


def test_the_rows_of_the_run_before_stand_beside_those_of_this_one(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    published = published_twice(run_document, publish, above=6)
    before = len(ITEMS) * DAYS * 24
    assert (published["RowsBefore"], published["Rows"]["TARGET_TIME_SERIES"]["Used"]) == (before, before + 72)
    assert published["Drift"] == []


def test_a_run_over_fewer_rows_says_so(run_document: dict[str, Any], publish: Publish, calls: Calls) -> None:
    put_run(boto3.client("s3"), run_document)
    used = publish(run_document)["Rows"]["TARGET_TIME_SERIES"]["Used"]
    mark = json.loads(body("latest/accuracy.json"))
    mark["Rows"]["TARGET_TIME_SERIES"]["Used"] = 2 * used
    boto3.client("s3").put_object(Bucket=BUCKET, Key="latest/accuracy.json", Body=json.dumps(mark))
    later = a_day_later(run_document)
    put_run(boto3.client("s3"), later)
    sign = f"{used} rows of the target were used, 50 % fewer than the {2 * used} of the run before"
    assert sign in publish(later)["Drift"]


def test_a_forecast_of_other_periods_is_not_compared_and_said_so(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    key = "history/clean/9f3c1a2b7d/accuracy.json"
    changed = json.dumps(json.loads(body(key)) | {"Frequency": "D"})
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=changed)
    later = a_day_later(run_document)
    put_run(boto3.client("s3"), later)
    put_next_day(above=6)
    published = publish(later)
    assert published["CameTrue"] == []
    assert published["NotCompared"] == [
        "The forecast of run 9f3c1a2b7d cannot be held against what came: it is by the day,"
        " that of this run by the hour."
    ]


SEOUL = timezone(timedelta(hours=9))  # boto3 gives times of the machine's zone
# Of no run, of another bucket's run, of another name, of another dataset group.
OTHERS = ("watch_of_somebody", "watch_b000000000", "other_a000000000", "watch_c000000000")


def evaluation(first: datetime, hours: int, **measures: float) -> dict[str, Any]:
    """What a monitor found of a forecast of so many hours, in the form of ListMonitorEvaluations."""
    return {
        "MonitorArn": "arn:aws:forecast:us-east-1:123456789012:monitor/watch_a000000000",
        "EvaluationTime": datetime(2014, 1, 9, 7, 30, tzinfo=SEOUL),
        "EvaluationState": "SUCCESS",
        "WindowStartDatetime": first,
        "WindowEndDatetime": first + timedelta(hours=hours - 1),
        "MetricResults": [{"MetricName": name, "MetricValue": value} for name, value in measures.items()],
        "NumItemsEvaluated": 3,
    }


def monitored(run_document: dict[str, Any], calls: Calls) -> dict[str, Any]:
    """The run after one whose monitor has found something, beside monitors that are not this pipeline's."""
    monitors = [{"MonitorName": name, "MonitorArn": name} for name in ("watch_a000000000", *OTHERS)]
    day = datetime(2014, 1, 7, 9, tzinfo=SEOUL)  # 00:00 UTC
    later = evaluation(day, 24, AverageWeightedQuantileLoss=0.25, WAPE=0.5)
    calls.answers |= {
        "ListMonitors": {"Monitors": monitors},
        "ListMonitorEvaluations": {"PredictorMonitorEvaluations": [evaluation(day, 12, WAPE=0.75), later]},
        "DescribeMonitor": {
            "MonitorName": "watch_a000000000",
            "Baseline": {
                "PredictorBaseline": {"BaselineMetrics": [{"Name": "AverageWeightedQuantileLoss", "Value": 0.125}]}
            },
        },
    }
    for run, group in (("a000000000", run_document["DatasetGroup"]["DatasetGroupName"]), ("c000000000", "another")):
        mark = json.dumps({"RunId": run, "DatasetGroup": group}).encode()
        boto3.client("s3").put_object(Bucket=BUCKET, Key=f"history/clean/{run}/accuracy.json", Body=mark)
    run_document["AutoPredictor"]["MonitorConfig"] = {"MonitorName": f"watch_{run_document['Run']['Id']}"}
    put_run(boto3.client("s3"), run_document)
    return run_document


def test_what_the_monitor_of_an_earlier_run_measured_stands_in_the_answer_and_the_report(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    published = publish(monitored(run_document, calls))
    assert published["NotMonitored"] is None
    assert published["Monitored"] == [
        {
            "Monitor": "watch_a000000000",
            "Evaluated": "2014-01-08T22:30:00",
            "First": "2014-01-07T00:00:00",
            "Last": "2014-01-07T23:00:00",
            "Items": 3,
            "AverageWeightedQuantileLoss": 0.25,
            "WAPE": 0.5,
            "BaselineAverageWeightedQuantileLoss": 0.125,
        }
    ]
    assert data_of(body("latest/report.html").decode())["monitors"] == [
        {
            "monitor": "watch_a000000000",
            "evaluated": "2014-01-08T22:30:00",
            "first": "2014-01-07T00:00:00",
            "last": "2014-01-07T23:00:00",
            "wql": 0.25,
            "wape": 0.5,
            "baselineWql": 0.125,
        }
    ]


def test_a_service_that_refuses_to_tell_of_monitors_fails_no_run(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    document = monitored(run_document, calls)
    refusal = {"Error": {"Code": "AccessDeniedException", "Message": "no monitors here"}}
    calls.answers["ListMonitors"] = ClientError(refusal, "ListMonitors")
    published = publish(document)
    assert (published["Monitored"], published["NotMonitored"]) == (
        [],
        "ListMonitors was refused (AccessDeniedException): no monitors here",
    )
    assert json.loads(body("latest/accuracy.json"))["RunId"] == document["Run"]["Id"]
