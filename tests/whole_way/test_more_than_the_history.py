"""The fruit shop of samples/: related time series, item metadata and holidays, from params.json to the report."""

import copy
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from forecast_pipeline.runs.run_names import content_of, run_name
from tests.whole_way.stack import Stack, eventually

SHOP = Path(__file__).parent.parent.parent / "samples" / "fruit_shop"
FILES = {
    "related/prices.csv": (SHOP / "prices.csv").read_bytes(),
    "metadata/items.csv": (SHOP / "items.csv").read_bytes(),
    "train/sales.csv": (SHOP / "sales.csv").read_bytes(),
}
PARAMETERS: dict[str, Any] = json.loads((SHOP / "params.json").read_text()) | {"Pipeline": {"QuietSeconds": 0}}
NEW = "cherries"  # in items.csv and prices.csv alone


def rows(content: str | bytes) -> list[dict[str, str]]:
    """A CSV file with a header."""
    text = content.decode() if isinstance(content, bytes) else content
    return list(csv.DictReader(io.StringIO(text)))


SALES, PRICES = rows(FILES["train/sales.csv"]), rows(FILES["related/prices.csv"])
DAYS = sorted({row["timestamp"] for row in SALES})
ITEMS = {row["item_id"]: row for row in rows(FILES["metadata/items.csv"])}
SOLD = sorted(set(ITEMS) - {NEW})
HORIZON = PARAMETERS["AutoPredictor"]["ForecastHorizon"]
LAST_DAY = DAYS[-1 - HORIZON]  # of the first run, so that the sample's last fortnight tells how good its forecast was
FIRST_FILES = FILES | {
    "train/sales.csv": b"".join(
        line
        for line in FILES["train/sales.csv"].splitlines(keepends=True)
        if line.startswith(b"timestamp") or line[:10].decode() <= LAST_DAY
    )
}


@pytest.fixture(scope="module")
def shop_run(stack: Stack) -> dict[str, Any]:
    """The run over all but the last fortnight of the sample, with what it published and the mail about it."""
    execution = stack.drop(PARAMETERS, FIRST_FILES)
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    return execution | {
        "document": json.loads(execution["output"]),
        "forecast": rows(stack.text("latest/forecast.csv")),
        "accuracy": json.loads(stack.text("latest/accuracy.json")),
        "mail": stack.mail()["Message"],
    }


def medians(run: dict[str, Any], item: str) -> dict[str, float]:
    """Day -> p50 of the item."""
    return {row["date"][:10]: float(row["p50"]) for row in run["forecast"] if row["item_id"] == item}


def ratio(values: dict[str, float], days: set[str]) -> float:
    """The mean of these days over that of the others."""
    inside = [value for day, value in values.items() if day in days]
    outside = [value for day, value in values.items() if day not in days]
    return (sum(inside) / len(inside)) / (sum(outside) / len(outside))


def test_a_day_that_will_be_promoted_is_forecast_higher(shop_run: dict[str, Any]) -> None:
    for item in SOLD:
        promoted = {row["timestamp"] for row in PRICES if row["item_id"] == item and row["promotion"] == "1"}
        # 1.8 times as much, times what the days of a week (0.85 to 1.35) and holidays (1.5) happen to add.
        assert ratio(medians(shop_run, item), promoted) > 1.15, item
    assert shop_run["accuracy"]["Accuracy"]["WAPE"] < 0.6 * shop_run["accuracy"]["SeasonalNaive"]["WAPE"]


def test_an_item_that_is_only_described_is_forecast_like_those_it_resembles(shop_run: dict[str, Any]) -> None:
    new = [row for row in shop_run["forecast"] if row["item_id"] == NEW]
    assert len(new) == HORIZON
    assert all(0 <= float(row["p10"]) <= float(row["p50"]) <= float(row["p90"]) for row in new)
    usual = [sum(medians(shop_run, item).values()) for item in SOLD]
    assert 0.5 * min(usual) < sum(medians(shop_run, NEW).values()) < 2 * max(usual)
    assert shop_run["accuracy"]["NewItemCount"] == 1
    assert "1 of the items has no history and is forecast like those they resemble." in shop_run["mail"]


def test_item_metadata_stand_in_the_forecast_as_the_service_exports_them(
    stack: Stack, shop_run: dict[str, Any]
) -> None:
    header = ["item_id", "category", "origin", "date", "p10", "p50", "p90"]
    assert [*shop_run["forecast"][0]] == header
    known = ("item_id", "category", "origin")
    assert {tuple(row[name] for name in known) for row in shop_run["forecast"]} == {
        tuple(row[name] for name in known) for row in ITEMS.values()
    }
    exported = [key for key in stack.keys(f"tmp/{shop_run['name']}/forecast/") if key.endswith(".csv")]
    assert stack.text(exported[0]).splitlines()[0].split(",") == header


def test_the_long_file_begins_with_the_last_actual_value_where_there_is_one(
    stack: Stack, shop_run: dict[str, Any]
) -> None:
    long = rows(stack.text("quicksight/forecast.csv"))
    first = {item: min(row["timestamp"] for row in long if row["item_id"] == item) for item in ITEMS}
    assert first == dict.fromkeys(SOLD, LAST_DAY) | {NEW: min(medians(shop_run, NEW))}


def test_what_moved_the_forecast_is_exported_published_and_mailed(stack: Stack, shop_run: dict[str, Any]) -> None:
    impact = shop_run["accuracy"]["AttributeImpact"]
    assert {*impact} == {"price", "promotion", "Holiday_KR", "category", "origin"}
    strongest = next(iter(impact))
    assert strongest in ("promotion", "price")  # both fall on the same days, and nothing else moves sales as much
    assert abs(impact[strongest]) == 1
    assert f"  {strongest}: " in shop_run["mail"]
    assert stack.keys(f"history/raw/{shop_run['name']}/explainability/")
    page = stack.text("latest/report.html").partition('id="data">')[2].partition("</script>")[0]
    assert [each["name"] for each in json.loads(page)["impact"]] == [*impact]


def test_the_predictor_was_trained_on_all_three_imports_and_has_a_monitor(
    stack: Stack, shop_run: dict[str, Any]
) -> None:
    predictor = stack.forecast.describe_auto_predictor(PredictorArn=shop_run["document"]["PredictorArn"])
    assert len(predictor["DatasetImportJobArns"]) == 3
    assert set(predictor["DatasetImportJobArns"]) == {each["ImportJobArn"] for each in shop_run["document"]["Imported"]}
    assert f"monitor/{run_name('fruit_shop_watch', shop_run['name'])}" in predictor["MonitorInfo"]["MonitorArn"]
    assert predictor["ExplainabilityInfo"]["Status"] == "ACTIVE"


def test_the_monitor_tells_how_good_the_forecast_was_once_newer_sales_are_there(
    stack: Stack, shop_run: dict[str, Any]
) -> None:
    predictor = stack.forecast.describe_auto_predictor(PredictorArn=shop_run["document"]["PredictorArn"])
    monitor = predictor["MonitorInfo"]["MonitorArn"]
    assert stack.drop(PARAMETERS, FILES)["status"] == "SUCCEEDED"
    stack.mail()

    def evaluation() -> dict[str, Any] | None:
        found = stack.forecast.list_monitor_evaluations(MonitorArn=monitor)["PredictorMonitorEvaluations"]
        return dict(found[0]) if found else None

    result = eventually(evaluation)
    assert result["EvaluationState"] == "SUCCESS"
    assert f"{result['WindowStartDatetime']:%Y-%m-%d}" == min(medians(shop_run, NEW))
    assert result["NumItemsEvaluated"] == len(SOLD)
    measured = {each["MetricName"]: each["MetricValue"] for each in result["MetricResults"]}
    actual = {(row["item_id"], row["timestamp"]): float(row["demand"]) for row in SALES}
    errors = [abs(actual[item, day] - value) for item in SOLD for day, value in medians(shop_run, item).items()]
    volume = sum(actual[item, day] for item in SOLD for day in medians(shop_run, item))
    assert measured["WAPE"] == pytest.approx(sum(errors) / volume, abs=0.02)  # of the mean, which is near the median


def test_a_run_that_is_no_longer_kept_goes_with_its_monitor_and_its_explanation(
    stack: Stack, shop_run: dict[str, Any]
) -> None:
    execution = stack.drop(PARAMETERS | {"Pipeline": {"QuietSeconds": 0, "KeepRuns": 1}}, FILES)
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    assert "Not deleted" not in stack.mail()["Message"]
    listed = {
        "monitor": stack.forecast.list_monitors()["Monitors"],
        "explainability": stack.forecast.list_explainabilities()["Explainabilities"],
        "explainability export": stack.forecast.list_explainability_exports()["ExplainabilityExports"],
        "predictor": stack.forecast.list_predictors()["Predictors"],
    }
    texts = [(kind, json.dumps(each, default=str)) for kind, found in listed.items() for each in found]
    now, before = content_of(execution["name"]), content_of(shop_run["name"])
    assert [kind for kind, text in texts if now in text] == list(listed)
    # A monitor that is still measuring its forecast by the values that have just come stays with its predictor.
    assert [kind for kind, text in texts if before in text] in ([], ["monitor", "predictor"])


def test_a_gap_in_a_related_series_fails_with_item_day_and_what_is_wanted(
    stack: Stack, shop_run: dict[str, Any]
) -> None:
    parameters = copy.deepcopy(PARAMETERS)
    del parameters["AutoPredictor"]["DataConfig"]["AttributeConfigs"]
    with_gap = b"".join(
        line
        for line in FILES["related/prices.csv"].splitlines(keepends=True)
        if not line.startswith(b"2024-02-29,plums,")
    )
    before = stack.latest()
    execution = stack.drop(parameters, FILES | {"related/prices.csv": with_gap})
    assert execution["status"] == "FAILED"
    message = stack.mail()["Message"]
    for part in ("plums", "2024-02-29", "price", "middlefill"):
        assert part in execution["cause"]
        assert part in message
    assert stack.latest() == before
