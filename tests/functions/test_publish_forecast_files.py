"""The files that publish_forecast writes, and the tables that Glue gets over them."""

from typing import Any

import boto3
import pytest

from tests.forecast_pipeline.publishing.exported_run import DAYS, HORIZON, HOSTILE, ITEMS, actual, hour, put_run
from tests.functions.published_bucket import BUCKET, Calls, Publish, body, rows, snapshot, table_rows


def test_the_wide_file_holds_every_part_of_the_export_in_order(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    written = rows("latest/forecast.csv")
    assert written[0] == ["item_id", "date", "p10", "p50", "p90"]
    assert len(written) == 1 + 3 * HORIZON
    assert [row[0] for row in written[1::HORIZON]] == sorted(ITEMS)
    first = next(row for row in written if row[0] == "client_7")
    future = actual(1, DAYS * 24)
    assert first[1] == "2014-01-07T00:00:00Z"
    assert [float(value) for value in first[2:]] == [future - 8, future, future + 8]


def test_the_long_file_follows_the_schema_and_begins_with_the_last_actual_value(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    written = rows("quicksight/forecast.csv")
    assert written[0] == ["timestamp", "target_value", "item_id", "type"]
    assert len(written) == 1 + 3 * 3 * (HORIZON + 1)
    mine = [row for row in written if row[2] == "client_12" and row[3] == "p90"]
    assert mine[0][0] == "2014-01-06 23:00:00"
    assert float(mine[0][1]) == actual(0, DAYS * 24 - 1)
    assert mine[1][0] == "2014-01-07 00:00:00"
    assert float(mine[1][1]) == actual(0, DAYS * 24) + 8


def test_item_accuracy_keeps_the_services_figures_and_adds_the_comparison(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    header, *items = rows("latest/item_accuracy.csv")
    assert [row[0] for row in items] == sorted(ITEMS)
    row = dict(zip(header, items[[row[0] for row in items].index("client_7")], strict=True))
    assert row["Average wQL"] == "0.02"
    assert row["MASE"] == "not defined"
    total = sum(actual(1, index) for index in range((DAYS - 1) * 24, DAYS * 24))
    assert float(row["forecast_wape"]) == pytest.approx(4 * 24 / total)
    assert float(row["seasonal_naive_wape"]) == pytest.approx(10 * 24 / total)
    assert float(row["forecast_coverage"]) == 1  # the band is 8 wide on each side of a line 4 too high


def test_glue_tables_are_typed_and_skip_only_headers_that_are_there(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    glue = boto3.client("glue")
    put_run(boto3.client("s3"), run_document, items=ITEMS[:2])
    publish(run_document)
    train = glue.get_table(DatabaseName="almanac-db", Name="train")["Table"]
    assert "skip.header.line.count" not in train["Parameters"]
    assert train["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/train/"
    assert [(each["Name"], each["Type"]) for each in train["StorageDescriptor"]["Columns"]] == [
        ("timestamp", "timestamp"),
        ("target_value", "double"),
        ("item_id", "string"),
    ]
    forecast = glue.get_table(DatabaseName="almanac-db", Name="forecast")["Table"]
    assert forecast["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/history/clean/9f3c1a2b7d/forecast/"
    assert forecast["StorageDescriptor"]["Columns"] == [
        *train["StorageDescriptor"]["Columns"],
        {"Name": "type", "Type": "string"},
    ]
    put_run(boto3.client("s3"), run_document, items=ITEMS[:2], header=True)
    publish(run_document)
    assert (
        glue.get_table(DatabaseName="almanac-db", Name="train")["Table"]["Parameters"]["skip.header.line.count"] == "1"
    )


def test_a_header_in_some_files_only_costs_no_row(run_document: dict[str, Any], publish: Publish, calls: Calls) -> None:
    client = boto3.client("s3")
    put_run(client, run_document, items=ITEMS[:2])
    client.put_object(Bucket=BUCKET, Key="train/part-9.csv", Body=b"timestamp,target_value,item_id\n")
    publish(run_document)
    train = boto3.client("glue").get_table(DatabaseName="almanac-db", Name="train")["Table"]
    assert "skip.header.line.count" not in train["Parameters"]


def test_quoted_train_files_are_copied_for_athena_which_cannot_read_them(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    table = boto3.client("glue").get_table(DatabaseName="almanac-db", Name="train")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/history/clean/9f3c1a2b7d/train/"
    assert table["Parameters"]["classification"] == "parquet"
    assert [column["Type"] for column in table["StorageDescriptor"]["Columns"]] == ["timestamp", "double", "string"]
    copied = table_rows("train")
    assert len(copied) == 3 * DAYS * 24
    assert {row["item_id"] for row in copied} == set(ITEMS)
    first = {"timestamp": hour(0), "target_value": actual(2, 0), "item_id": HOSTILE}
    assert first in copied


def test_exports_are_kept_as_they_are(run_document: dict[str, Any], publish: Publish, calls: Calls) -> None:
    put_run(boto3.client("s3"), run_document)
    publish(run_document)
    raw = {key: content for key, content in snapshot().items() if key.startswith("history/raw/9f3c1a2b7d/")}
    assert len(raw) == 9
    part = "history/raw/9f3c1a2b7d/backtest/forecasted-values/electricity_9f3c1a2b7d_2014-01-07T01-02-03Z_part0.csv"
    assert raw[part] == body(part.replace("history/raw/9f3c1a2b7d", "tmp/9f3c1a2b7d"))


def test_files_for_people_hold_no_id_that_a_spreadsheet_takes_for_a_formula_and_all_others_the_id_itself(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document, items=("-5", "=1+1", "@shop"))
    publish(run_document)
    for key in ("latest/forecast.csv", "latest/item_accuracy.csv"):
        assert {row[0] for row in rows(key)[1:]} == {"-5", "'=1+1", "'@shop"}
    assert {row[2] for row in rows("quicksight/forecast.csv")[1:]} == {"-5", "=1+1", "@shop"}
    assert {row["item_id"] for row in table_rows("forecast")} == {"-5", "=1+1", "@shop"}
