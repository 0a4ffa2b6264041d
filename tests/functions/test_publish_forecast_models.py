"""What publish_forecast tells of the models that made a forecast, and of the attributes that moved it."""

import json
from typing import Any

import boto3
import pytest

from forecast_pipeline.publishing.outputs.report_page import data_of
from tests.forecast_pipeline.publishing.exported_run import ITEMS, STAMP, csv_text, put_run
from tests.forecast_pipeline.publishing.read_report import items_of
from tests.functions.published_bucket import BUCKET, Calls, Publish, body, rows, snapshot, table_rows

MADE: list[list[object]] = [
    ["item_id", "model", "season", "form", "weight", "note"],
    ["client_12", "autoregression", 24, "values", 0.5, ""],
    ["client_12", "autoregression", 24, "differences", 0.26, ""],
    ["client_12", "lightgbm", 1, "values", 0.24, ""],
    ["client_7", "lightgbm", 1, "values", 0.996, "2 outliers (the latest in its last period)"],
    ["client_7", "drift", 168, "values", 0.004, "2 outliers (the latest in its last period)"],
]


def put_models(run_document: dict[str, Any], rows_of_models: list[list[object]]) -> None:
    """What made the forecast, in the folder of its export where the service puts it."""
    place = f"{run_document['Exports']['Forecast']['Path']}item-models/electricity_{STAMP}_part0.csv"
    key = place.removeprefix(f"s3://{BUCKET}/")
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=csv_text(rows_of_models))


def report() -> dict[str, Any]:
    data = data_of(body("latest/report.html").decode())
    return data | {"items": items_of(data)}


def test_what_made_each_forecast_is_published_as_a_table_and_in_the_report(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document, items=ITEMS[:2])
    put_models(run_document, MADE)
    published = publish(run_document)
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


def test_the_table_of_models_is_alone_in_its_folder_and_typed(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document, items=ITEMS[:2])
    put_models(run_document, MADE)
    publish(run_document)
    table = boto3.client("glue").get_table(DatabaseName="almanac-db", Name="item_models")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/history/clean/9f3c1a2b7d/item_models/"
    assert len([key for key in snapshot() if key.startswith("history/clean/9f3c1a2b7d/item_models/")]) == 1
    assert [list(row.values()) for row in table_rows("item_models")] == [
        [value if value != "" else None for value in row] for row in MADE[1:]
    ]
    assert [(each["Name"], each["Type"]) for each in table["StorageDescriptor"]["Columns"]] == [
        ("item_id", "string"),
        ("model", "string"),
        ("season", "bigint"),
        ("form", "string"),
        ("weight", "double"),
        ("note", "string"),
    ]


def test_a_service_that_does_not_say_what_made_its_forecast_leaves_an_empty_table(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    published = publish(run_document)
    assert published["ModelShares"] == {}
    assert rows("latest/item_models/item_models.csv") == [["item_id", "model", "season", "form", "weight", "note"]]
    assert (report()["models"], report()["notedCount"]) == ([], 0)
    assert all("models" not in item for item in report()["items"])


def test_models_without_a_weight_are_an_error(run_document: dict[str, Any], publish: Publish, calls: Calls) -> None:
    put_run(boto3.client("s3"), run_document)
    put_models(run_document, [row[:4] for row in MADE])
    with pytest.raises(ValueError, match=r"item models export: found the columns .*, wanted weight among them"):
        publish(run_document)


def put_explanation(run_document: dict[str, Any], *lines: str) -> None:
    """The export of an explanation where the document says."""
    run_document["Exports"]["Explainability"] = {
        "Name": "electricity",
        "Path": f"s3://{BUCKET}/exported/explainability/",
    }
    key = f"exported/explainability/electricity_{STAMP}_part0.csv"
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body="".join(f"{line}\n" for line in lines).encode())


def test_an_explanation_is_published_with_the_largest_impact_first(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document)
    names = [f"{name}-NormalizedImpactScore" for name in ("Holiday_KR", "price", "colour")]
    put_explanation(run_document, ",".join(names), "0.25,-1.0,0")
    published = publish(run_document)
    assert published["AttributeImpact"] == {"price": -1, "Holiday_KR": 0.25, "colour": 0}
    assert list(published["AttributeImpact"]) == ["price", "Holiday_KR", "colour"]
    assert json.loads(body("latest/accuracy.json"))["AttributeImpact"] == published["AttributeImpact"]
    assert report()["impact"][0] == {"name": "price", "score": -1}
    kept = f"history/raw/9f3c1a2b7d/explainability/electricity_{STAMP}_part0.csv"
    assert body(kept) == body(kept.replace("history/raw/9f3c1a2b7d", "exported"))


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["price-NormalizedImpactScore"], "explainability export: found 0 rows, wanted one"),
        (["price", "1"], "explainability export: found the columns price, wanted <attribute>-NormalizedImpactScore"),
    ],
)
def test_an_explanation_of_another_form_is_an_error(
    run_document: dict[str, Any], publish: Publish, calls: Calls, lines: list[str], sentence: str
) -> None:
    put_run(boto3.client("s3"), run_document)
    put_explanation(run_document, *lines)
    with pytest.raises(ValueError, match=sentence):
        publish(run_document)


def later_run(run_document: dict[str, Any]) -> dict[str, Any]:
    """The document of a run a day later."""
    later: dict[str, Any] = json.loads(json.dumps(run_document).replace("9f3c1a2b7d", "1111111111"))
    later["Run"]["StartedAt"] = "2026-01-06T02:00:07+00:00"
    return later


def test_items_that_are_new_and_those_that_have_vanished_are_named(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document, items=ITEMS[:2])
    put_models(run_document, MADE)
    assert publish(run_document)["ItemChanges"] is None
    later = later_run(run_document)
    put_run(boto3.client("s3"), later, items=ITEMS[1:])
    put_models(later, [MADE[0], ["client_7", "drift", 1, "values", 1, ""], [ITEMS[2], "drift", 1, "values", 1, ""]])
    published = publish(later)
    assert published["ItemChanges"] == {
        "Since": "9f3c1a2b7d",
        "Earlier": 2,
        "New": 1,
        "NewNames": [ITEMS[2]],
        "Vanished": 1,
        "VanishedNames": ["client_12"],
    }
    assert published["Drift"] == ["1 of 2 items have vanished"]
    told = {"since": "9f3c1a2b7d", "new": 1, "newNames": [ITEMS[2]], "vanished": 1, "vanishedNames": ["client_12"]}
    assert report()["itemChanges"] == told
    before = snapshot()
    assert publish(later) == published
    assert snapshot() == before


def test_items_of_another_dataset_group_are_not_compared(
    run_document: dict[str, Any], publish: Publish, calls: Calls
) -> None:
    put_run(boto3.client("s3"), run_document, items=ITEMS[:2])
    put_models(run_document, MADE)
    publish(run_document)
    later = later_run(run_document)
    later["DatasetGroup"]["DatasetGroupName"] = later["Names"]["DatasetGroup"] = "another"
    put_run(boto3.client("s3"), later, items=ITEMS[1:])
    put_models(later, MADE)
    assert publish(later)["ItemChanges"] is None
