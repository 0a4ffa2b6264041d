"""The dashboard over what publish_forecast has written: each visual's SQL is asked of the published Parquet files."""

import csv
import io
from typing import Any

import boto3
import pytest

from forecast_pipeline.publishing.outputs.report_page import data_of
from local_aws.dashboard.page import dashboard_page
from local_aws.dashboard.page_data import page_data
from local_aws.dashboard.visual_sql import statement
from tests.forecast_pipeline.publishing.exported_run import DAYS, HORIZON, HOSTILE, ITEMS, put_run
from tests.functions.published_bucket import Calls, Publish, body, snapshot
from tests.local_aws.dashboard.published_tables import Tables, dashboard

DASHBOARD = dashboard()


def published_tables(folder: Any) -> Tables:
    """The tables over the published files, as Athena has them."""
    tables = Tables()
    for key in (key for key in snapshot() if key.endswith(".parquet")):
        path = folder / key.replace("/", "-")
        path.write_bytes(body(key))
        table = key.split("/")[-2]
        if not table.startswith("forecast_"):
            continue
        tables.connection.execute(f"INSERT INTO {table} BY NAME FROM read_parquet('{path}')")
    return tables


def test_every_visual_yields_rows_of_the_published_files(
    run_document: dict[str, Any], publish: Publish, calls: Calls, tmp_path: Any
) -> None:
    items = (*ITEMS[:2], HOSTILE)
    put_run(boto3.client("s3"), run_document, items=items)
    published = publish(run_document)
    tables = published_tables(tmp_path)
    for visual in DASHBOARD.visuals:
        rows = tables.ask(statement(DASHBOARD, visual))
        assert rows, visual.id
        assert all(any(row[field.id] for row in rows) for field in (*visual.groups, *visual.values)), visual.id
    data = data_of(dashboard_page(page_data(DASHBOARD, tables.ask, "almanac-db")))
    figures = {visual["id"]: visual for visual in data["visuals"]}
    assert figures["average-wql"]["value"] == pytest.approx(
        published["Accuracy"]["AverageWeightedQuantileLoss"], rel=1e-4
    )
    total = data["lines"][0]
    assert len(total["history"]) == DAYS * 24
    assert sum(total["forecast"]["line"]) == pytest.approx(
        sum(float(row["p50"]) for row in csv.DictReader(io.StringIO(body("latest/forecast.csv").decode()))), rel=1e-4
    )
    assert len(total["forecast"]["line"]) == HORIZON
    assert {item["item"] for item in data["items"]} == {None, *items}
    assert total["wape"] == pytest.approx(published["Accuracy"]["WAPE"], rel=1e-4)
