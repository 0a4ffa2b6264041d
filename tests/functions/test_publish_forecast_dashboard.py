"""The tables of dashboards that publish_forecast writes, and whose tables of the catalog it leaves alone."""

import copy
import json
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from tests.forecast_pipeline.publishing.exported_run import DAYS, HORIZON, HOSTILE, ITEMS, STAMP, actual, hour, put_run
from tests.functions.published_bucket import BUCKET, DATABASE, Calls, Publish, body, rows_below, snapshot, table_rows

FAN = "forecast_fan"
RUN_ROW = "dashboard/forecast_runs/9f3c1a2b7d.parquet"


def test_the_fan_has_a_row_for_every_period_of_history_and_forecast(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    fan = [row for row in table_rows(FAN) if row["item_id"] == "client_7"]
    assert [row["timestamp"] for row in fan] == [hour(index) for index in range(DAYS * 24 + HORIZON)]
    beside = {"series": "client_7", "item_id": "client_7", "dimension": "", "run_id": "9f3c1a2b7d", "mean": None}
    past, future = actual(1, 30), actual(1, DAYS * 24)
    assert fan[30] == beside | {"timestamp": hour(30), "history": past, "p10": None, "p50": None, "p90": None}
    assert fan[DAYS * 24] == beside | {
        "timestamp": hour(DAYS * 24),
        "history": None,
        "p10": future - 8,
        "p50": future,
        "p90": future + 8,
    }
    assert {row["item_id"] for row in table_rows(FAN)} == set(ITEMS)


def test_accuracy_weighted_by_totals_is_that_of_the_run(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    published = publish(run_document)
    measured = table_rows("forecast_accuracy")
    assert [row["series"] for row in measured] == sorted(ITEMS)
    row = next(row for row in measured if row["item_id"] == "client_7")
    total = sum(actual(1, index) for index in range((DAYS - 1) * 24, DAYS * 24))
    assert row == {
        "series": "client_7",
        "item_id": "client_7",
        "dimension": "",
        "wape": pytest.approx(4 * 24 / total),
        "seasonal_naive_wape": pytest.approx(10 * 24 / total),
        "coverage": 1,
        "total": pytest.approx(total),
        "run_id": "9f3c1a2b7d",
    }
    missed = sum(each["wape"] * each["total"] for each in measured)
    assert missed / sum(each["total"] for each in measured) == pytest.approx(published["Accuracy"]["WAPE"])


def test_each_run_has_one_row_even_if_it_is_published_twice(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    published = publish(run_document)
    publish(run_document)
    later = json.loads(json.dumps(run_document).replace("9f3c1a2b7d", "later"))
    later["Run"] |= {"StartedAt": "2026-01-06T02:00:07+00:00"}
    put_run(boto3.client("s3"), later, items=ITEMS[:2])
    publish(later)
    kept = sorted(key for key in snapshot() if key.startswith("dashboard/forecast_runs/"))
    assert kept == [RUN_ROW, "dashboard/forecast_runs/later.parquet"]
    (row,) = rows_below(RUN_ROW)
    assert abs(row.pop("published") - datetime.now()) < timedelta(days=1)
    assert row == {
        "run_id": "9f3c1a2b7d",
        "average_wql": published["Accuracy"]["AverageWeightedQuantileLoss"],
        "seasonal_naive_average_wql": published["SeasonalNaive"]["AverageWeightedQuantileLoss"],
        "coverage": 1,
        "series": 3,
        "predictor_arn": run_document["PredictorArn"],
        "low_type": "p10",
        "middle_type": "p50",
        "high_type": "p90",
        "came_true_run_id": None,
        "came_true_bias": None,
        "came_true_coverage": None,
        "came_true_average_wql": None,
        "came_true_seasonal_naive_average_wql": None,
    }
    assert [each["series"] for each in rows_below(kept[1])] == [2]


def test_a_run_that_is_overtaken_has_no_row(run_document: dict[str, Any], publish: Publish, calls: Calls) -> None:
    put_run(boto3.client("s3"), run_document)
    later = copy.deepcopy(run_document)
    later["Run"] |= {"Id": "later", "StartedAt": "2026-01-05T02:00:08+00:00"}
    publish(later)
    publish(run_document)
    assert [key for key in snapshot() if key.startswith("dashboard/forecast_runs/")] == [
        "dashboard/forecast_runs/later.parquet"
    ]


def test_a_forecast_of_other_types_stands_in_the_same_columns(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    client = boto3.client("s3")
    put_run(client, run_document, items=ITEMS[:1])
    rename = {b"p10,p50,p90": b"p5,p50,p95"}
    for key in [key for key in snapshot() if key.startswith(("tmp/9f3c1a2b7d/forecast/", "tmp/9f3c1a2b7d/backtest/"))]:
        content = body(key)
        for before, after in rename.items():
            content = content.replace(before, after)
        client.put_object(Bucket=BUCKET, Key=key, Body=content)
    publish(run_document)
    (row,) = rows_below(RUN_ROW)
    assert (row["low_type"], row["middle_type"], row["high_type"]) == ("p5", "p50", "p95")
    future = actual(0, DAYS * 24)
    first = next(row for row in table_rows(FAN) if row["p50"] is not None)
    assert (first["p10"], first["p50"], first["p90"]) == (future - 8, future, future + 8)


def test_a_forecast_of_the_mean_alone_leaves_the_quantiles_empty(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    client = boto3.client("s3")
    put_run(client, run_document, items=ITEMS[:1])
    folder = "tmp/9f3c1a2b7d/forecast/"
    for key in [key for key in snapshot() if key.startswith(folder) and key.endswith(".csv")]:
        client.delete_object(Bucket=BUCKET, Key=key)
    name = run_document["Exports"]["Forecast"]["Name"]
    line = f"item_id,date,mean\nclient_12,{hour(DAYS * 24):%Y-%m-%dT%H:%M:%SZ},12.5\n"
    client.put_object(Bucket=BUCKET, Key=f"{folder}{name}_{STAMP}_part0.csv", Body=line.encode())
    publish(run_document)
    last = table_rows(FAN)[-1]
    assert (last["p10"], last["p50"], last["p90"], last["mean"]) == (None, None, None, 12.5)
    (row,) = rows_below(RUN_ROW)
    assert (row["low_type"], row["middle_type"], row["high_type"]) == (None, None, None)


def test_a_table_of_somebody_else_is_refused_by_name_and_nothing_changes(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    glue = boto3.client("glue")
    theirs: Any = {
        "Name": "forecast",
        "StorageDescriptor": {
            "Columns": [{"Name": "passenger", "Type": "string"}],
            "Location": "s3://somebody-elses-bucket/trains/",
        },
    }
    put_run(boto3.client("s3"), run_document)
    glue.create_table(DatabaseName=DATABASE, TableInput=theirs)
    calls.writes.clear()
    with pytest.raises(ValueError, match=r"Glue table almanac-db.forecast: found one over s3://somebody-elses-bucket/"):
        publish(run_document)
    assert not [write for write in calls.writes if "Table" in write]
    assert not [key for key in snapshot() if key.startswith(("latest/", "dashboard/", "quicksight/"))]
    kept = glue.get_table(DatabaseName=DATABASE, Name="forecast")["Table"]["StorageDescriptor"]
    assert kept["Location"] == "s3://somebody-elses-bucket/trains/"


@pytest.mark.parametrize(
    ("location", "parameters"),
    [(f"s3://{BUCKET}/train/", {}), ("s3://bucket-of-a-deleted-stack/train/", {"almanac_stack": "almanac"})],
    ids=["without a mark, in the stack's bucket", "with the stack's mark, of an earlier life"],
)
def test_a_table_that_the_stack_made_before_is_brought_up_to_date(
    run_document: dict[str, Any], publish: Publish, calls: Calls, location: str, parameters: dict[str, str]
) -> None:
    glue = boto3.client("glue")
    earlier: Any = {"Name": "train", "Parameters": parameters, "StorageDescriptor": {"Location": location}}
    glue.create_table(DatabaseName=DATABASE, TableInput=earlier)
    put_run(boto3.client("s3"), run_document, items=ITEMS[:2])
    publish(run_document)
    table = glue.get_table(DatabaseName=DATABASE, Name="train")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/train/"
    assert table["Parameters"]["almanac_stack"] == "almanac"


def test_names_with_quotes_backslashes_and_line_breaks_stand_in_the_tables_as_they_went_in(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    items = (HOSTILE, 'back\\slash "quoted"', "two\nlines")
    put_run(boto3.client("s3"), run_document, items=items)
    publish(run_document)
    for table in (FAN, "forecast", "train"):
        assert {row["item_id"] for row in table_rows(table)} == set(items)
