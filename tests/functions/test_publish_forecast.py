"""publish_forecast on the document as it reaches it, with S3 and Glue played by moto."""

import copy
import csv
import io
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.forecast_pipeline.publishing.exported_run import (
    ACCURACY_ANSWER,
    DAYS,
    HORIZON,
    HOSTILE,
    ITEMS,
    STAMP,
    actual,
    csv_text,
    put_run,
)

BUCKET = "almanac-data"
LATEST = (
    "latest/forecast.csv",
    "quicksight/forecast.csv",
    "latest/item_accuracy.csv",
    "latest/item_models/item_models.csv",
    "latest/report.html",
    "latest/accuracy.json",
)
S3_WRITES = ("PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "DeleteObject")
GLUE_WRITES = ("CreateDatabase", "CreateTable", "UpdateTable")
CONTEXT = SimpleNamespace(
    function_name="publish_forecast",
    memory_limit_in_mb=3008,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:publish_forecast",
    aws_request_id="00000000-0000-0000-0000-000000000000",
)


class Calls:
    """Counts the writes to S3 and Glue, fails the one it is told to, and answers what moto does not know."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes: list[str] = []
        self.failing_write: int | None = None
        genuine = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if operation == "GetAccuracyMetrics":
                return ACCURACY_ANSWER
            if operation in S3_WRITES + GLUE_WRITES:
                self.writes.append(operation)
                if len(self.writes) == self.failing_write:
                    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, operation)
            return genuine(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)


@pytest.fixture
def calls(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Calls]:
    monkeypatch.setenv("DATABASE_NAME", "default")
    monkeypatch.setenv("TRAIN_TABLE_NAME", "train")
    monkeypatch.setenv("FORECAST_TABLE_NAME", "forecast")
    monkeypatch.setenv("ITEM_MODELS_TABLE_NAME", "item_models")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield Calls(monkeypatch)


@pytest.fixture
def event(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return load_event("publish_forecast")


@pytest.fixture
def publish(load_function: Callable[[str], ModuleType], calls: Calls) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def run(event: dict[str, Any]) -> dict[str, Any]:
        published: dict[str, Any] = load_function("publish_forecast").lambda_handler(event, CONTEXT)
        return published

    return run


def body(key: str) -> bytes:
    return boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()


def rows(key: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body(key).decode())))


def snapshot() -> dict[str, bytes]:
    client = boto3.client("s3")
    return {each["Key"]: body(each["Key"]) for each in client.list_objects_v2(Bucket=BUCKET)["Contents"]}


def test_the_answer_compares_the_forecast_with_seasonal_naive(event, publish, calls):
    put_run(boto3.client("s3"), event)
    published = publish(event)
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
    assert published["MergedRowCount"] == 0
    assert published["Files"]["Report"] == f"s3://{BUCKET}/latest/report.html"
    assert json.loads(body("latest/accuracy.json")) == {
        **published,
        "RunId": "9f3c1a2b7d",
        "StartedAt": "2026-01-05T02:00:07+00:00",
    }


def test_a_run_that_is_overtaken_by_a_later_one_leaves_the_latest_forecast_alone(event, publish, calls):
    put_run(boto3.client("s3"), event)
    later = copy.deepcopy(event)
    later["Run"] |= {"Id": "later", "StartedAt": "2026-01-05T02:00:08+00:00"}
    assert publish(later)["SupersededBy"] is None
    before = snapshot()
    assert publish(event)["SupersededBy"] == "later"
    assert {key: content for key, content in snapshot().items() if key in before} == before
    assert json.loads(body("history/clean/9f3c1a2b7d/accuracy.json"))["RunId"] == "9f3c1a2b7d"


def test_rows_of_one_period_are_counted_as_merged(event, publish, calls):
    put_run(boto3.client("s3"), event)
    boto3.client("s3").put_object(
        Bucket=BUCKET, Key="train/more.csv", Body=b"2014-01-02 00:10:00,1,client_7\n2014-01-02 00:20:00,1,client_7\n"
    )
    assert publish(event)["MergedRowCount"] == 2


def test_the_wide_file_holds_every_part_of_the_export_in_order(event, publish, calls):
    put_run(boto3.client("s3"), event)
    publish(event)
    written = rows("latest/forecast.csv")
    assert written[0] == ["item_id", "date", "p10", "p50", "p90"]
    assert len(written) == 1 + 3 * HORIZON
    assert [row[0] for row in written[1::HORIZON]] == sorted(ITEMS)
    first = next(row for row in written if row[0] == "client_7")
    future = actual(1, DAYS * 24)
    assert first[1] == "2014-01-07T00:00:00Z"
    assert [float(value) for value in first[2:]] == [future - 8, future, future + 8]


def test_the_long_file_follows_the_schema_and_begins_with_the_last_actual_value(event, publish, calls):
    put_run(boto3.client("s3"), event)
    publish(event)
    written = rows("quicksight/forecast.csv")
    assert written[0] == ["timestamp", "target_value", "item_id", "type"]
    assert len(written) == 1 + 3 * 3 * (HORIZON + 1)
    mine = [row for row in written if row[2] == "client_12" and row[3] == "p90"]
    assert mine[0][0] == "2014-01-06 23:00:00"
    assert float(mine[0][1]) == actual(0, DAYS * 24 - 1)
    assert mine[1][0] == "2014-01-07 00:00:00"
    assert float(mine[1][1]) == actual(0, DAYS * 24) + 8


def test_item_accuracy_keeps_the_services_figures_and_adds_the_comparison(event, publish, calls):
    put_run(boto3.client("s3"), event)
    publish(event)
    header, *items = rows("latest/item_accuracy.csv")
    assert [row[0] for row in items] == sorted(ITEMS)
    row = dict(zip(header, items[[row[0] for row in items].index("client_7")], strict=True))
    assert row["Average wQL"] == "0.02"
    assert row["MASE"] == "not defined"
    total = sum(actual(1, index) for index in range((DAYS - 1) * 24, DAYS * 24))
    assert float(row["forecast_wape"]) == pytest.approx(4 * 24 / total)
    assert float(row["seasonal_naive_wape"]) == pytest.approx(10 * 24 / total)
    assert float(row["forecast_coverage"]) == 1  # the band is 8 wide on each side of a line 4 too high


MADE = [
    ["item_id", "model", "season", "form", "weight", "note"],
    ["client_12", "autoregression", 24, "values", 0.5, ""],
    ["client_12", "autoregression", 24, "differences", 0.26, ""],
    ["client_12", "lightgbm", 1, "values", 0.24, ""],
    ["client_7", "lightgbm", 1, "values", 0.996, "2 outliers (the latest in its last period)"],
    ["client_7", "drift", 168, "values", 0.004, "2 outliers (the latest in its last period)"],
]


def put_models(event: dict[str, Any], rows_of_models: list[list[object]]) -> None:
    """What made the forecast, in the folder of its export where the service puts it."""
    place = f"{event['Exports']['Forecast']['Path']}item-models/electricity_{STAMP}_part0.csv"
    key = place.removeprefix(f"s3://{BUCKET}/")
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=csv_text(rows_of_models))


def report() -> dict[str, Any]:
    document = body("latest/report.html").decode().partition('id="data">')[2].partition("</script>")[0]
    data: dict[str, Any] = json.loads(document)
    return data


def test_what_made_each_forecast_is_published_as_a_table_and_in_the_report(event, publish, calls):
    put_run(boto3.client("s3"), event, items=ITEMS[:2])
    put_models(event, MADE)
    published = publish(event)
    assert rows("latest/item_models/item_models.csv") == [[str(value) for value in row] for row in MADE]
    assert published["Files"]["ItemModels"] == f"s3://{BUCKET}/latest/item_models/item_models.csv"
    # By hand: (.5 + .26) / 2, (.24 + .996) / 2, .004 / 2
    assert published["ModelShares"] == pytest.approx({"lightgbm": 0.618, "autoregression": 0.38, "drift": 0.002})
    assert list(published["ModelShares"]) == ["lightgbm", "autoregression", "drift"]
    data = report()
    assert data["models"] == [
        {"name": "lightgbm", "share": 0.618},
        {"name": "autoregression", "share": 0.38},
        {"name": "drift", "share": 0.002},
    ]
    assert data["notedCount"] == 1
    items = {item["name"]: item for item in data["items"]}
    assert items["client_12"]["models"] == [["autoregression", 76], ["lightgbm", 24]]
    assert items["client_12"]["note"] == ""
    assert items["client_7"]["models"] == [["lightgbm", 100]]  # less than half a percent is not said
    assert items["client_7"]["note"] == "2 outliers (the latest in its last period)"
    kept = f"history/raw/9f3c1a2b7d/forecast/item-models/electricity_{STAMP}_part0.csv"
    assert body(kept) == csv_text(MADE)


def test_the_table_of_models_is_alone_in_its_folder_and_typed(event, publish, calls):
    put_run(boto3.client("s3"), event, items=ITEMS[:2])
    put_models(event, MADE)
    publish(event)
    table = boto3.client("glue").get_table(DatabaseName="default", Name="item_models")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/latest/item_models/"
    assert [key for key in snapshot() if key.startswith("latest/item_models/")] == [
        "latest/item_models/item_models.csv"
    ]
    assert table["Parameters"]["skip.header.line.count"] == "1"
    assert [(each["Name"], each["Type"]) for each in table["StorageDescriptor"]["Columns"]] == [
        ("item_id", "string"),
        ("model", "string"),
        ("season", "bigint"),
        ("form", "string"),
        ("weight", "double"),
        ("note", "string"),
    ]


def test_a_service_that_does_not_say_what_made_its_forecast_leaves_an_empty_table(event, publish, calls):
    put_run(boto3.client("s3"), event)
    published = publish(event)
    assert published["ModelShares"] == {}
    assert rows("latest/item_models/item_models.csv") == [["item_id", "model", "season", "form", "weight", "note"]]
    assert (report()["models"], report()["notedCount"]) == ([], 0)
    assert all("models" not in item for item in report()["items"])


def test_models_without_a_weight_are_an_error(event, publish, calls):
    put_run(boto3.client("s3"), event)
    put_models(event, [row[:4] for row in MADE])
    with pytest.raises(ValueError, match=r"item models export: found the columns .*, wanted weight among them"):
        publish(event)


def put_explanation(event: dict[str, Any], *lines: str) -> None:
    """The export of an explanation where the document says."""
    event["Exports"]["Explainability"] = {"Name": "electricity", "Path": f"s3://{BUCKET}/exported/explainability/"}
    key = f"exported/explainability/electricity_{STAMP}_part0.csv"
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body="".join(f"{line}\n" for line in lines).encode())


def test_an_explanation_is_published_with_the_largest_impact_first(event, publish, calls):
    put_run(boto3.client("s3"), event)
    names = [f"{name}-NormalizedImpactScore" for name in ("Holiday_KR", "price", "colour")]
    put_explanation(event, ",".join(names), "0.25,-1.0,0")
    published = publish(event)
    assert published["AttributeImpact"] == {"price": -1, "Holiday_KR": 0.25, "colour": 0}
    assert list(published["AttributeImpact"]) == ["price", "Holiday_KR", "colour"]
    assert json.loads(body("latest/accuracy.json"))["AttributeImpact"] == published["AttributeImpact"]
    document = body("latest/report.html").decode().partition('id="data">')[2].partition("</script>")[0]
    assert json.loads(document)["impact"][0] == {"name": "price", "score": -1}
    kept = f"history/raw/9f3c1a2b7d/explainability/electricity_{STAMP}_part0.csv"
    assert body(kept) == body(kept.replace("history/raw/9f3c1a2b7d", "exported"))


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["price-NormalizedImpactScore"], "explainability export: found 0 rows, wanted one"),
        (["price", "1"], "explainability export: found the columns price, wanted <attribute>-NormalizedImpactScore"),
    ],
)
def test_an_explanation_of_another_form_is_an_error(event, publish, calls, lines: list[str], sentence: str):
    put_run(boto3.client("s3"), event)
    put_explanation(event, *lines)
    with pytest.raises(ValueError, match=sentence):
        publish(event)


def test_publishing_twice_changes_nothing(event, publish, calls):
    put_run(boto3.client("s3"), event)
    first = publish(event)
    before = snapshot()
    assert publish(event) == first
    assert snapshot() == before


def test_a_failure_at_any_write_leaves_the_latest_forecast_in_place(event, publish, calls):
    client = boto3.client("s3")
    earlier = json.loads(json.dumps(event).replace("9f3c1a2b7d", "0000000000"))
    put_run(client, earlier)
    publish(earlier)
    put_run(client, event, items=ITEMS[:2])
    before = {key: body(key) for key in LATEST}
    calls.writes.clear()
    failed = list(_failing_one_after_another(calls, publish, event, before))
    assert len(failed) > len(LATEST) * 2
    assert {key: body(key) for key in LATEST} != before


def _failing_one_after_another(calls, publish, event, before):
    """Fail the first write, then the second, ... until there is none left to fail; yields each number."""
    for number in itertools.count(1):
        calls.writes.clear()
        calls.failing_write = number
        try:
            publish(event)
        except (ClientError, S3UploadFailedError):
            assert {key: body(key) for key in LATEST} == before, f"write {number} failed and the latest changed"
            yield number
        else:
            return


def test_a_failing_first_publish_leaves_no_latest_object(event, publish, calls):
    put_run(boto3.client("s3"), event)
    publish(event)  # the tables are there from now on, so both of the next two write equally often
    calls.writes.clear()
    publish(event)
    for key in LATEST:
        boto3.client("s3").delete_object(Bucket=BUCKET, Key=key)
    calls.failing_write = len(calls.writes) - len(LATEST)  # the last one: accuracy.json, the mark of completion
    calls.writes.clear()
    with pytest.raises(ClientError, match="Access Denied"):
        publish(event)
    assert not [key for key in snapshot() if key in LATEST]


def test_glue_tables_are_typed_and_skip_only_headers_that_are_there(event, publish, calls):
    glue = boto3.client("glue")
    put_run(boto3.client("s3"), event, items=ITEMS[:2])
    publish(event)
    train = glue.get_table(DatabaseName="default", Name="train")["Table"]
    assert "skip.header.line.count" not in train["Parameters"]
    assert train["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/train/"
    assert [(each["Name"], each["Type"]) for each in train["StorageDescriptor"]["Columns"]] == [
        ("timestamp", "timestamp"),
        ("target_value", "double"),
        ("item_id", "string"),
    ]
    forecast = glue.get_table(DatabaseName="default", Name="forecast")["Table"]
    assert forecast["Parameters"]["skip.header.line.count"] == "1"
    assert forecast["StorageDescriptor"]["Columns"][-1] == {"Name": "type", "Type": "string"}
    put_run(boto3.client("s3"), event, items=ITEMS[:2], header=True)
    publish(event)
    assert glue.get_table(DatabaseName="default", Name="train")["Table"]["Parameters"]["skip.header.line.count"] == "1"


def test_a_header_in_some_files_only_costs_no_row(event, publish, calls):
    client = boto3.client("s3")
    put_run(client, event, items=ITEMS[:2])
    client.put_object(Bucket=BUCKET, Key="train/part-9.csv", Body=b"timestamp,target_value,item_id\n")
    publish(event)
    train = boto3.client("glue").get_table(DatabaseName="default", Name="train")["Table"]
    assert "skip.header.line.count" not in train["Parameters"]


def test_quoted_names_get_a_table_that_understands_quotes(event, publish, calls):
    put_run(boto3.client("s3"), event)
    publish(event)
    storage = boto3.client("glue").get_table(DatabaseName="default", Name="train")["Table"]["StorageDescriptor"]
    assert storage["SerdeInfo"]["SerializationLibrary"].endswith("OpenCSVSerde")
    assert {column["Type"] for column in storage["Columns"]} == {"string"}


def test_the_services_summary_becomes_the_workshops_metrics(event, publish, calls, capsys):
    put_run(boto3.client("s3"), event)
    publish(event)
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    described = [
        (each["_aws"]["CloudWatchMetrics"][0]["Namespace"], each["_aws"]["CloudWatchMetrics"][0]["Dimensions"])
        for each in printed
    ]
    assert described == [("FORECAST", [["Algorithm", "Quantile"]])] * 3 + [("FORECAST", [["Algorithm"]])]
    values = {each["Quantile"]: each["WQL"] for each in printed[:3]}
    assert values == {"0.9": [0.02], "0.5": [0.06], "0.1": [0.03]}
    assert (printed[3]["RMSE"], printed[3]["Algorithm"]) == ([3.25], "AutoPredictor")


def test_exports_are_kept_as_they_are(event, publish, calls):
    put_run(boto3.client("s3"), event)
    publish(event)
    raw = {key: content for key, content in snapshot().items() if key.startswith("history/raw/9f3c1a2b7d/")}
    assert len(raw) == 9
    part = "history/raw/9f3c1a2b7d/backtest/forecasted-values/electricity_9f3c1a2b7d_2014-01-07T01-02-03Z_part0.csv"
    assert raw[part] == body(part.replace("history/raw/9f3c1a2b7d", "tmp/9f3c1a2b7d"))


def test_a_hostile_name_stays_text_in_the_report(event, publish, calls):
    put_run(boto3.client("s3"), event)
    publish(event)
    page = body("latest/report.html").decode()
    assert page.count("</script>") == 2
    assert "<img" not in page
    document = page.partition('id="data">')[2].partition("</script>")[0]
    assert HOSTILE in [item["name"] for item in json.loads(document)["items"]]


def test_an_export_without_parts_is_an_error_that_names_the_place(event, publish, calls):
    put_run(boto3.client("s3"), event)
    missing = json.loads(json.dumps(event).replace("9f3c1a2b7d/backtest", "9f3c1a2b7d/elsewhere"))
    with pytest.raises(ValueError, match=r"elsewhere/forecasted-values/: found no CSV part"):
        publish(missing)


def test_importing_the_handler_loads_neither_numpy_nor_duckdb():
    app = Path(__file__).parents[2] / "functions" / "publish_forecast" / "app.py"
    script = (
        "import runpy, sys; runpy.run_path(sys.argv[1]); "
        "sys.exit(bool({'numpy', 'duckdb', 'forecast_engine'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script, str(app)], check=False).returncode == 0
