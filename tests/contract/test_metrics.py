"""5: what GetAccuracyMetrics answers, and how the item-level files differ from it."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.conftest import Amazon

NPTS, ARIMA = (f"arn:aws:forecast:::algorithm/{name}" for name in ("NPTS", "ARIMA"))
HOURS = [f"2018-01-{day:02} {hour:02}:00:00" for day in range(1, 6) for hour in range(24)]
ONE_SALE = "2018-01-05 07:00:00"
METRICS = {"WAPE", "RMSE", "MASE", "MAPE"}


@pytest.fixture(scope="module")
def sold_once(amazon: Amazon) -> tuple[dict[str, Any], dict[str, str]]:
    """An item that sold once, in the last day, and is forecast as nothing: metrics of the API, and row of the file."""
    lines = "".join(f"a,{hour},{int(hour == ONE_SALE)}\n" for hour in HOURS)
    group = amazon.group("sold_once", lines, "H", "yyyy-MM-dd HH:mm:ss")
    predictor = amazon.legacy_predictor(
        "sold_once",
        group,
        AlgorithmArn=ARIMA,
        ForecastHorizon=24,
        ForecastTypes=["0.1", "0.5", "0.9", "mean"],
        FeaturizationConfig={"ForecastFrequency": "H"},
    )
    amazon.backtest_export("sold_once", predictor)
    computed, _ = amazon.rows("sold_once/accuracy-metrics-values/")
    (result,) = amazon.forecast.get_accuracy_metrics(PredictorArn=predictor)["PredictorEvaluationResults"]
    return result["TestWindows"][1]["Metrics"], computed


def test_5_one_sale_forecast_as_nothing_costs_twice_the_level(
    sold_once: tuple[dict[str, Any], dict[str, str]],
) -> None:
    metrics, row = sold_once
    losses = {loss["Quantile"]: loss["LossValue"] for loss in metrics["WeightedQuantileLosses"]}
    assert losses == pytest.approx({0.9: 1.8, 0.5: 1.0, 0.1: 0.2})
    assert {level: float(row[f"wQL[{level}]"]) for level in losses} == pytest.approx(losses)
    assert metrics["AverageWeightedQuantileLoss"] == float(row["Average wQL"]) == pytest.approx(1.0)


def test_5_zeros_count_in_n_and_add_nothing(sold_once: tuple[dict[str, Any], dict[str, str]]) -> None:
    metrics, row = sold_once
    (errors,) = metrics["ErrorMetrics"]
    assert errors["ForecastType"] == "mean"
    assert errors["MAPE"] == float(row["MAPE"]) == pytest.approx(1 / 24)
    assert metrics["RMSE"] == errors["RMSE"] == float(row["RMSE"]) == pytest.approx(math.sqrt(1 / 24))


def test_5_the_files_mase_is_measured_in_steps_of_its_own_window(
    sold_once: tuple[dict[str, Any], dict[str, str]],
) -> None:
    # One sale is a step up and a step down: the scale is 2/23, as in the published row of item 32050.
    assert float(sold_once[1]["MASE"]) == pytest.approx(1 / 24 / (2 / 23))


@pytest.fixture(scope="module")
def sales(amazon: Amazon) -> str:
    """Two whole items, one that begins within the first of three windows, and one that did not sell in the last."""
    days = range(1, 32)
    lines = [f"{item},2020-01-{day:02},{day**2 % 11 + size}" for item, size in (("a", 5), ("b", 9)) for day in days]
    lines += [f"late,2020-01-{day:02},{day}" for day in range(19, 32)]
    lines += [f"idle,2020-01-{day:02},{3 * int(day < 27)}" for day in days]
    group = amazon.group("sales", "\n".join(lines))
    return amazon.legacy_predictor(
        "sales",
        group,
        AlgorithmArn=NPTS,
        ForecastHorizon=5,
        ForecastTypes=["0.65", "0.9", "mean"],
        EvaluationParameters={"NumberOfBacktestWindows": 3},
    )


@pytest.fixture(scope="module")
def windows(amazon: Amazon, sales: str) -> list[dict[str, Any]]:
    (result,) = amazon.forecast.get_accuracy_metrics(PredictorArn=sales)["PredictorEvaluationResults"]
    assert result["AlgorithmArn"] == NPTS
    return list(result["TestWindows"])


@pytest.fixture(scope="module")
def exported(amazon: Amazon, sales: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The rows of forecasted-values, and of accuracy-metrics-values."""
    amazon.backtest_export("sales", sales)
    return amazon.rows("sales/forecasted-values/"), amazon.rows("sales/accuracy-metrics-values/")


def test_5_the_answer_has_the_form_of_amazons(amazon: Amazon, sales: str, windows: list[dict[str, Any]]) -> None:
    answer = amazon.forecast.get_accuracy_metrics(PredictorArn=sales)
    assert set(answer) - {"ResponseMetadata"} == {
        "PredictorEvaluationResults",
        "IsAutoPredictor",
        "OptimizationMetric",
    }
    assert answer["IsAutoPredictor"] is False
    summary, *computed = windows
    assert set(summary) == {"EvaluationType", "Metrics"}
    assert summary["EvaluationType"] == "SUMMARY"
    for window in computed:
        members = {"TestWindowStart", "TestWindowEnd", "ItemCount", "EvaluationType", "Metrics"}
        assert (set(window), window["EvaluationType"]) == (members, "COMPUTED")
    for window in windows:
        names = {"RMSE", "WeightedQuantileLosses", "ErrorMetrics", "AverageWeightedQuantileLoss"}
        assert set(window["Metrics"]) == names
        assert [loss["Quantile"] for loss in window["Metrics"]["WeightedQuantileLosses"]] == [0.9, 0.65]
        assert [set(errors) for errors in window["Metrics"]["ErrorMetrics"]] == [METRICS | {"ForecastType"}]


def test_5_a_window_ends_before_the_step_behind_it(windows: list[dict[str, Any]]) -> None:
    limits = [(window["TestWindowStart"], window["TestWindowEnd"]) for window in windows[1:]]
    days = [(17, 22), (22, 27), (27, 32)]
    start = datetime(2020, 1, 1, tzinfo=UTC).timestamp() - 86_400
    assert [(a.timestamp(), b.timestamp()) for a, b in limits] == [
        (start + a * 86_400, start + b * 86_400) for a, b in days
    ]
    assert [window["ItemCount"] for window in windows[1:]] == [3, 4, 4]


def test_5_the_summary_is_the_mean_of_the_windows(windows: list[dict[str, Any]]) -> None:
    summary, *computed = (numbers(window["Metrics"]) for window in windows)
    for name, value in summary.items():
        assert value == pytest.approx(sum(window[name] for window in computed) / 3, rel=1e-15)


def numbers(metrics: dict[str, Any]) -> dict[str, float]:
    """All metrics of a window by one name each."""
    (errors,) = metrics["ErrorMetrics"]
    losses = {f"wQL[{loss['Quantile']}]": loss["LossValue"] for loss in metrics["WeightedQuantileLosses"]}
    named = {name: value for name, value in errors.items() if name != "ForecastType"}
    return losses | named | {"Average wQL": metrics["AverageWeightedQuantileLoss"], "RMSE of all": metrics["RMSE"]}


def test_5_the_api_divides_the_wape_by_the_demand_and_the_file_does_not(
    windows: list[dict[str, Any]], exported: tuple[list[dict[str, str]], list[dict[str, str]]]
) -> None:
    values, accuracies = exported
    steps = [row for row in values if row["backtestwindow_start_time"] == "2020-01-27T00:00:00"]
    rows = [row for row in accuracies if row["backtestwindow_start_time"] == "2020-01-27T00:00:00"]
    demand = sum(float(row["target_value"]) for row in steps)
    errors = sum(abs(float(row["target_value"]) - float(row["mean"])) for row in steps)
    assert sum(float(row["WAPE"]) for row in rows if row["backtest_window"] == "Computed") == pytest.approx(errors)
    assert windows[3]["Metrics"]["ErrorMetrics"][0]["WAPE"] == pytest.approx(errors / demand)
    for row in rows:  # the bounds that proved it of Amazon's files
        assert math.sqrt(5) * float(row["RMSE"]) <= float(row["WAPE"]) * (1 + 1e-12) <= 5 * float(row["RMSE"]) + 1e-9


def test_5_an_item_that_a_window_did_not_see_whole_is_not_defined_in_any_metric(
    exported: tuple[list[dict[str, str]], list[dict[str, str]]],
) -> None:
    values, accuracies = exported
    first, *others = [row for row in accuracies if row["item_id"] == "late"]
    names = ("wQL[0.65]", "wQL[0.9]", "Average wQL", "RMSE", "WAPE", "MAPE", "MASE")
    assert {first[name] for name in names} == {"not defined"}
    assert [row["backtest_window"] for row in others] == ["Computed", "Computed", "Summary"]
    *seen, summary = ([float(row[name]) for name in names] for row in others)
    assert summary == pytest.approx([sum(pair) / 2 for pair in zip(*seen, strict=True)])
    assert {row["backtestwindow_start_time"][:10] for row in values if row["item_id"] == "late"} == {
        "2020-01-22",
        "2020-01-27",
    }


def test_5_without_demand_a_loss_is_its_numerator(
    exported: tuple[list[dict[str, str]], list[dict[str, str]]],
) -> None:
    values, accuracies = exported
    steps = [row for row in values if row["item_id"] == "idle" and row["timestamp"] >= "2020-01-27"]
    row = next(r for r in accuracies if r["item_id"] == "idle" and r["backtestwindow_start_time"] >= "2020-01-27")
    assert {float(step["target_value"]) for step in steps} == {0.0}
    assert float(row["wQL[0.65]"]) == pytest.approx(2 * 0.35 * sum(float(step["p65"]) for step in steps))
    assert float(row["wQL[0.65]"]) > 0
    assert (float(row["MAPE"]), row["MASE"]) == (0.0, "not defined")
