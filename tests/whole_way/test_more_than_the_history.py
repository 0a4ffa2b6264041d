"""A params.json with related time series, item metadata and holidays, through the very template to the report."""

import csv
import io
import json
from typing import Any

import pytest

from tests.whole_way.conftest import Stack
from tests.whole_way.small_data import (
    NEW_IN_SHOP,
    SHOP,
    SHOP_DAYS,
    SHOP_HORIZON,
    is_promoted,
    shop_date,
    shop_items,
    shop_parameters,
    shop_prices,
    shop_sales,
)

FILES = {"related/prices.csv": shop_prices(), "metadata/items.csv": shop_items()}


@pytest.fixture(scope="module")
def shop_run(stack: Stack) -> dict[str, Any]:
    """The run over sales, prices and items, with what it published and the mail about it."""
    execution = stack.drop(shop_parameters("shop"), FILES | {"train/sales.csv": shop_sales()})
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    return execution | {
        "document": json.loads(execution["output"]),
        "forecast": [*csv.DictReader(io.StringIO(stack.text("latest/forecast.csv")))],
        "accuracy": json.loads(stack.text("latest/accuracy.json")),
        "mail": stack.mail(),
    }


def medians(run: dict[str, Any], fruit: str) -> dict[int, float]:
    """Day -> p50 of the fruit."""
    days = {f"{shop_date(day)}T00:00:00Z": day for day in range(SHOP_DAYS, SHOP_DAYS + SHOP_HORIZON)}
    return {days[row["date"]]: float(row["p50"]) for row in run["forecast"] if row["item_id"] == fruit}


def test_a_day_that_will_be_promoted_is_forecast_higher(shop_run: dict[str, Any]) -> None:
    for number, fruit in enumerate(SHOP):
        values = medians(shop_run, fruit)
        promoted = [value for day, value in values.items() if is_promoted(number, day)]
        usual = [value for day, value in values.items() if not is_promoted(number, day)]
        # A promoted day sells twice as much as another one of its week: 1.8 to 2.6 times the mean of usual days.
        assert 1.4 < (sum(promoted) / len(promoted)) / (sum(usual) / len(usual)) < 3, (fruit, values)
    assert shop_run["accuracy"]["Accuracy"]["WAPE"] < 0.6 * shop_run["accuracy"]["SeasonalNaive"]["WAPE"]


def test_an_item_that_is_only_described_is_forecast_like_those_it_resembles(shop_run: dict[str, Any]) -> None:
    fruit, colour = NEW_IN_SHOP
    rows = [row for row in shop_run["forecast"] if row["item_id"] == fruit]
    assert len(rows) == SHOP_HORIZON
    for row in rows:
        assert 0 <= float(row["p10"]) <= float(row["p50"]) <= float(row["p90"])
    others = [usual for each, usual in SHOP.values() if each == colour]
    total = sum(medians(shop_run, fruit).values()) / SHOP_HORIZON
    assert 0.3 * min(others) < total < 3 * max(others)
    assert shop_run["accuracy"]["NewItemCount"] == 1
    assert "1 of the items have no history" in shop_run["mail"]["Message"]


def test_item_metadata_stand_in_the_forecast_as_the_service_exports_them(
    stack: Stack, shop_run: dict[str, Any]
) -> None:
    assert [*shop_run["forecast"][0]] == ["item_id", "colour", "date", "p10", "p50", "p90"]
    assert {(row["item_id"], row["colour"]) for row in shop_run["forecast"]} == {
        *((fruit, colour) for fruit, (colour, _) in SHOP.items()),
        NEW_IN_SHOP,
    }
    exported = [key for key in stack.keys(f"tmp/{shop_run['name']}/forecast/") if key.endswith(".csv")]
    assert stack.text(exported[0]).startswith("item_id,colour,date,p10,p50,p90\n")


def test_the_long_file_has_no_last_actual_value_for_a_new_item(stack: Stack, shop_run: dict[str, Any]) -> None:
    rows = [*csv.DictReader(io.StringIO(stack.text("quicksight/forecast.csv")))]
    first = {fruit: min(row["timestamp"] for row in rows if row["item_id"] == fruit) for fruit in (*SHOP, "cherries")}
    assert first == dict.fromkeys(SHOP, shop_date(SHOP_DAYS - 1)) | {"cherries": shop_date(SHOP_DAYS)}


def test_what_moved_the_forecast_is_exported_published_and_mailed(stack: Stack, shop_run: dict[str, Any]) -> None:
    impact = shop_run["accuracy"]["AttributeImpact"]
    assert {*impact} == {"promotion", "price", "Holiday_KR", "colour"}
    assert next(iter(impact)) == "promotion"  # the one thing that doubles sales
    assert abs(impact["promotion"]) == 1
    assert "promotion: " in shop_run["mail"]["Message"]
    assert stack.keys(f"history/raw/{shop_run['name']}/explainability/")
    page = stack.text("latest/report.html").partition('id="data">')[2].partition("</script>")[0]
    assert [each["name"] for each in json.loads(page)["impact"]] == [*impact]


def test_the_predictor_was_trained_on_all_three_imports_and_has_a_monitor(
    stack: Stack, shop_run: dict[str, Any]
) -> None:
    predictor = stack.forecast.describe_auto_predictor(PredictorArn=shop_run["document"]["PredictorArn"])
    assert set(predictor["DatasetImportJobArns"]) == set(shop_run["document"]["ImportJobArns"])
    assert len(predictor["DatasetImportJobArns"]) == 3
    assert f"monitor/shop_watch_{shop_run['name']}" in predictor["MonitorInfo"]["MonitorArn"]
    assert predictor["ExplainabilityInfo"]["Status"] == "ACTIVE"


def test_a_run_that_is_no_longer_kept_goes_with_its_monitor_and_its_explanation(
    stack: Stack, shop_run: dict[str, Any]
) -> None:
    execution = stack.drop(
        shop_parameters("shop", Pipeline={"QuietSeconds": 0, "KeepRuns": 1}),
        FILES | {"train/sales.csv": shop_sales(scale=2)},
    )
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    assert "Not deleted" not in stack.mail()["Message"]
    listed = [
        *stack.forecast.list_monitors()["Monitors"],
        *stack.forecast.list_explainabilities()["Explainabilities"],
        *stack.forecast.list_explainability_exports()["ExplainabilityExports"],
        *stack.forecast.list_predictors()["Predictors"],
    ]
    mine = [text for text in (json.dumps(each, default=str) for each in listed) if "shop_" in text]
    assert len(mine) == 4
    assert all(execution["name"] in text and shop_run["name"] not in text for text in mine)


def test_a_related_series_with_a_gap_fails_with_item_day_and_what_is_wanted(
    stack: Stack, shop_run: dict[str, Any]
) -> None:
    parameters = shop_parameters("shop")
    del parameters["AutoPredictor"]["DataConfig"]["AttributeConfigs"]
    before = stack.latest()
    execution = stack.drop(parameters, FILES | {"train/sales.csv": shop_sales()})
    assert execution["status"] == "FAILED"
    message = stack.mail()["Message"]
    for part in ("plums", shop_date(50), "price", "middlefill"):
        assert part in execution["cause"]
        assert part in message
    assert stack.latest() == before
