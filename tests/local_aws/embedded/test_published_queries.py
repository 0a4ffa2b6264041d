"""What publish_forecast leaves, asked through Athena: every query of dashboards/, against the published files."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from botocore.client import BaseClient

from forecast_pipeline.publishing.outputs.dashboard_tables import DASHBOARD_TABLES
from forecast_pipeline.publishing.outputs.glue_tables import parquet_table
from forecast_pipeline.publishing.publish import CatalogNames, Publishing
from forecast_pipeline.runs.run_document import WithPredictor
from local_aws.embedded.athena.queries import text_of
from local_aws.embedded.deployment import Deployment
from local_aws.embedded.launcher import ACCESS_KEY, SECRET_KEY
from tests.conftest import PROJECT, set_aws_environment
from tests.forecast_pipeline.publishing.exported_run import (
    ACCURACY_ANSWER,
    DAYS,
    HORIZON,
    HOSTILE,
    ITEMS,
    TYPES,
    Item,
    actual,
    hour,
    put_run,
)
from tests.local_aws.athena_queries import rows

QUERIES = sorted(path.name for path in (PROJECT / "dashboards").glob("*.sql"))
SHOPS = [("tea", "Seoul", "north"), ("tea", "Busan", 'so"uth'), ("back\\slash", "Seoul", "two\nlines")]


@dataclass(frozen=True)
class PublishedStack:
    """A database over a bucket with published forecasts."""

    deployment: Deployment
    database: str
    bucket: str

    def rows(self, sql: str) -> list[dict[str, str]]:
        place = {"OutputLocation": f"s3://{self.bucket}/results/"}
        return rows(self.deployment, sql, database=self.database, ResultConfiguration=place)

    def query(self, name: str) -> list[dict[str, str]]:
        return self.rows((PROJECT / "dashboards" / name).read_text(encoding="utf-8"))

    def file(self, key: str) -> list[dict[str, str]]:
        body = self.deployment.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()
        return list(csv.DictReader(io.StringIO(body, newline="")))


def document(bucket: str, run_id: str = "9f3c1a2b7d", started: str = "2026-01-05T02:00:07+00:00") -> dict[str, Any]:
    text = (PROJECT / "events" / "publish_forecast.json").read_text()
    event: dict[str, Any] = json.loads(text.replace("9f3c1a2b7d", run_id).replace("almanac-data", bucket))
    event["Run"]["StartedAt"] = started
    return event


def retail(bucket: str) -> dict[str, Any]:
    event = document(bucket)
    attributes = [("timestamp", "timestamp"), ("demand", "float")]
    attributes += [(name, "string") for name in ("item_id", "city", "region")]
    event["DatasetGroup"]["Domain"] = event["Datasets"][0]["Domain"] = "RETAIL"
    event["Datasets"][0]["Schema"]["Attributes"] = [
        {"AttributeName": name, "AttributeType": each} for name, each in attributes
    ]
    event["AutoPredictor"]["ForecastDimensions"] = ["city", "region"]
    return event


def published(deployment: Deployment, database: str, bucket: str) -> PublishedStack:
    """The bucket and the database with its tables, as the template makes them."""
    deployment.client("s3").create_bucket(Bucket=bucket)
    glue = deployment.client("glue")
    glue.create_database(DatabaseInput={"Name": database})
    for table in DASHBOARD_TABLES:
        definition = parquet_table(table.name, table.columns, f"s3://{bucket}/dashboard/{table.name}/")
        glue.create_table(DatabaseName=database, TableInput=definition)
    return PublishedStack(deployment, database, bucket)


def publish_run(stack: PublishedStack, event: dict[str, Any], items: list[Item], **written: Any) -> None:
    put_run(stack.deployment.client("s3"), event, items=items, **written)
    names = CatalogNames("almanac", stack.database, "train", "forecast", "item_models", "Almanac")
    Publishing(WithPredictor.model_validate(event), names).publish()


@pytest.fixture(scope="module")
def in_place_of_lambda(small_stack: Deployment) -> Iterator[None]:
    """The environment of a function on the embedded AWS; the forecast service alone is not there, and its answer is."""
    genuine = BaseClient._make_api_call

    def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        return ACCURACY_ANSWER if operation == "GetAccuracyMetrics" else genuine(client, operation, parameters)

    with pytest.MonkeyPatch.context() as patch:
        set_aws_environment(patch)
        patch.setenv("AWS_ENDPOINT_URL", small_stack.endpoint)
        patch.setattr(boto3, "DEFAULT_SESSION", boto3.Session(ACCESS_KEY, SECRET_KEY, region_name="us-east-1"))
        patch.setattr(BaseClient, "_make_api_call", call)
        yield


@pytest.fixture(scope="module")
def electricity(small_stack: Deployment, in_place_of_lambda: None) -> PublishedStack:
    """Two runs of the CUSTOM domain, the first of them published twice."""
    stack = published(small_stack, "electricity-db", "electricity-data")
    first = document(stack.bucket)
    for _ in range(2):
        publish_run(stack, first, list(ITEMS[:1]))
    publish_run(stack, document(stack.bucket, "second", "2026-01-06T02:00:07+00:00"), list(ITEMS))
    return stack


@pytest.fixture(scope="module")
def shops(small_stack: Deployment, in_place_of_lambda: None) -> PublishedStack:
    """One run of the RETAIL domain, with two dimensions and other quantiles."""
    stack = published(small_stack, "shops-db", "shops-data")
    keys, types = ("item_id", "city", "region"), ("p5", "p50", "p95")
    publish_run(stack, retail(stack.bucket), list(SHOPS), keys=keys, types=types)
    return stack


@pytest.fixture(params=["electricity", "shops"])
def either(request: pytest.FixtureRequest) -> PublishedStack:
    """Each of the two."""
    stack: PublishedStack = request.getfixturevalue(request.param)
    return stack


def test_the_medians_sum_to_those_of_the_published_file(either: PublishedStack) -> None:
    (answer,) = either.rows("SELECT sum(p50) AS p50, sum(p10) AS low, sum(p90) AS high FROM forecast_fan")
    published_rows = either.file("latest/forecast.csv")
    low, middle, high = (name for name in published_rows[0] if name in {*TYPES, "p5", "p95"})
    for column, name in (("low", low), ("p50", middle), ("high", high)):
        assert float(answer[column]) == pytest.approx(sum(float(row[name]) for row in published_rows), rel=1e-9)


def test_two_runs_are_two_rows_and_say_what_the_columns_are(electricity: PublishedStack, shops: PublishedStack) -> None:
    runs = electricity.query("accuracy_over_runs.sql")
    assert Counter(row["run_id"] for row in runs) == {"9f3c1a2b7d": 1, "second": 1}
    assert [row["series"] for row in sorted(runs, key=lambda row: row["run_id"])] == ["1", "3"]
    accuracy = json.loads(
        electricity.deployment.client("s3")
        .get_object(Bucket=electricity.bucket, Key="latest/accuracy.json")["Body"]
        .read()
    )
    latest = next(row for row in runs if row["run_id"] == "second")
    assert float(latest["average_wql"]) == accuracy["Accuracy"]["AverageWeightedQuantileLoss"]
    assert float(latest["seasonal_naive_average_wql"]) == accuracy["SeasonalNaive"]["AverageWeightedQuantileLoss"]
    (run,) = shops.query("accuracy_over_runs.sql")
    assert (run["low_type"], run["middle_type"], run["high_type"]) == ("p5", "p50", "p95")


def test_the_fan_chart_keeps_series_apart_and_its_lines_join(shops: PublishedStack) -> None:
    fan = shops.query("fan_chart.sql")
    assert len(fan) == len(SHOPS) * (DAYS * 24 + HORIZON)
    for number, (item, city, region) in enumerate(SHOPS):
        mine = {
            datetime.fromisoformat(row["timestamp"]): row
            for row in fan
            if (row["item_id"], row["dimension"]) == (item, f"{city} · {region}")
        }
        assert len(mine) == DAYS * 24 + HORIZON
        last, first = actual(number, DAYS * 24 - 1), actual(number, DAYS * 24)
        joint, ahead = mine[hour(DAYS * 24 - 1)], mine[hour(DAYS * 24)]
        assert [float(joint[name]) for name in ("history", *TYPES)] == [last] * 4
        assert [ahead["history"], *(float(ahead[name]) for name in TYPES)] == ["", first - 8, first, first + 8]
        assert mine[hour(0)] | {"p10": "", "p50": "", "p90": ""} == mine[hour(0)]


def test_the_worst_series_come_first_and_are_those_of_the_file(shops: PublishedStack) -> None:
    asked = shops.query("item_accuracy.sql")
    found = {(row["item_id"], row["dimension"]): float(row["wape"]) for row in asked}
    file = shops.file("latest/item_accuracy.csv")
    assert found == pytest.approx(
        {(row["item_id"], f"{row['city']} · {row['region']}"): float(row["forecast_wape"]) for row in file}
    )
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_history_and_forecast_are_the_rows_of_both_files(electricity: PublishedStack) -> None:
    asked = electricity.query("history_and_forecast.sql")
    long = electricity.file("quicksight/forecast.csv")
    counted = Counter(row["type"] for row in asked)
    assert counted == Counter(row["type"] for row in long) | {"history": len(ITEMS) * DAYS * 24}
    key = ("item_id", "timestamp", "type")
    values = {tuple(row[name].removesuffix(".000") for name in key): float(row["target_value"]) for row in asked}
    for row in long:
        assert values[tuple(row[name] for name in key)] == float(row["target_value"])
    assert values[(HOSTILE, f"{hour(0)}", "history")] == actual(2, 0)


@pytest.mark.parametrize("table", ["forecast_fan", "forecast", "train"])
def test_ids_come_out_of_athena_as_they_went_in(shops: PublishedStack, table: str) -> None:
    keys = "item_id, dimension" if table == "forecast_fan" else "item_id, city, region"
    found = {tuple(row.values()) for row in shops.rows(f"SELECT DISTINCT {keys} FROM {table}")}
    wanted = {(shop[0], " · ".join(shop[1:])) for shop in SHOPS} if table == "forecast_fan" else set(SHOPS)
    assert found == wanted


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_gives_what_duckdb_gives_over_the_files(electricity: PublishedStack, name: str, tmp_path: Path) -> None:
    """The same SQL over the Parquet files themselves, without catalog and Athena."""
    client, glue = (electricity.deployment.client(service) for service in ("s3", "glue"))
    with duckdb.connect() as connection:
        for table in ("forecast_fan", "forecast_accuracy", "forecast_runs", "forecast", "train"):
            (tmp_path / table).mkdir()
            found = glue.get_table(DatabaseName=electricity.database, Name=table)["Table"]["StorageDescriptor"]
            folder = found["Location"].removeprefix(f"s3://{electricity.bucket}/")
            for each in client.list_objects_v2(Bucket=electricity.bucket, Prefix=folder)["Contents"]:
                client.download_file(electricity.bucket, each["Key"], str(tmp_path / table / Path(each["Key"]).name))
            connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{tmp_path / table}/*.parquet')")
        sql = (PROJECT / "dashboards" / name).read_text(encoding="utf-8")
        wanted = connection.execute(sql).fetchall()
    asked = [tuple(row.values()) for row in electricity.query(name)]
    assert sorted(asked) == sorted(tuple("" if each is None else text_of(each) for each in row) for row in wanted)
    assert asked
