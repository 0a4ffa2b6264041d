"""The table sets Almanac beside seasonal naive; sentences below it say what the forecast is made of."""

from typing import Any

import pytest

from forecast_language import columns, speaking
from forecast_pipeline.runs.published import Published
from local_aws.command.results import summary, table


def published(**members: Any) -> Published:
    """A forecast of a year by month, with what else is said of it."""
    document = {
        "Accuracy": {"WindowCount": 1, "AverageWeightedQuantileLoss": 0.03},
        "SeasonalNaive": {"AverageWeightedQuantileLoss": 0.04},
        "ItemCount": 148,
        "Horizon": 12,
        "FirstTimestamp": "2019-01-01T00:00:00",
        "LastTimestamp": "2019-12-01T00:00:00",
    }
    return Published.model_validate(document | members)


def test_the_table_has_a_row_per_measure_and_a_dash_where_there_is_none() -> None:
    ours = {
        "AverageWeightedQuantileLoss": 0.0633,
        "WAPE": 0.0812,
        "RMSE": 22.24,
        "MASE": None,
        "Coverage80": 0.793,
        "WindowCount": 1,
    }
    naive = {"AverageWeightedQuantileLoss": 0.0911, "WAPE": 0.1, "RMSE": 30.02, "MASE": None, "Coverage80": None}
    rows = {line[:24].strip(): line[24:].split() for line in table(published(Accuracy=ours, SeasonalNaive=naive))}
    assert rows["average wQL"] == ["0.0633", "0.0911"]
    assert rows["MASE"] == ["-", "-"]
    assert rows["inside p10 to p90"] == ["79.3%", "-"]


def test_the_columns_of_the_table_are_columns_in_korean_too() -> None:
    with speaking("ko"):
        rows = [*table(published())]
    assert rows[:2] == [f"{' ' * 33}Almanac     계절 나이브", f"평균 wQL{' ' * 28}0.03{' ' * 12}0.04"]
    assert {columns(row) for row in rows} == {24 + 16 + 16}


def test_the_summary_counts_series_steps_windows_and_rows_of_one_period() -> None:
    assert list(summary(published(AggregatedRowCount=7))) == [
        "148 series, 12 steps from 2019-01-01 to 2019-12-01; accuracy over 1 backtest window",
        "average wQL is 25% below that of seasonal naive",
        "7 rows shared a period with another row of their series and were summed.",
    ]


@pytest.mark.parametrize(
    ("forecast", "naive", "line"),
    [
        (0.332, 0.04, "warning: the forecast is not better than seasonal naive: average wQL is 730% above its"),
        (0.04, 0.04, "warning: the forecast is not better than seasonal naive: average wQL is the same"),
        (0.04, 0.0, "warning: the forecast is not better than seasonal naive: average wQL is above its"),
        (0.03, 0.04, "average wQL is 25% below that of seasonal naive"),
    ],
)
def test_a_forecast_that_is_not_better_than_seasonal_naive_is_a_warning(
    forecast: float, naive: float, line: str
) -> None:
    ours, theirs = ({"AverageWeightedQuantileLoss": loss} for loss in (forecast, naive))
    assert list(summary(published(Accuracy=ours | {"WindowCount": 1}, SeasonalNaive=theirs)))[1] == line


def test_the_summary_says_which_rows_were_left_out_and_that_the_last_period_is_a_part() -> None:
    rows = {"Read": 40, "Used": 37, "LeftOut": {"timestamp": 3}, "FirstLeftOut": {"timestamp": "train/a.csv, line 7"}}
    part = {"Start": "2018-12-01T00:00:00", "Period": "M", "Held": 9, "Steps": 31, "Step": "D"}
    assert list(summary(published(Rows={"TARGET_TIME_SERIES": rows}, PartialPeriod=part)))[2:] == [
        "The last month, from 2018-12-01 on, holds 9 of 31 days and counts as a whole one.",
        "train/: 40 rows read = 37 used + 3 left out: 3 without a timestamp (the first: train/a.csv, line 7).",
    ]


def test_forecasts_without_quantiles_are_compared_by_wape() -> None:
    means_alone = published(Accuracy={"WAPE": 0.2, "WindowCount": 1}, SeasonalNaive={"WAPE": 0.1})
    warning = "warning: the forecast is not better than seasonal naive: WAPE is 100% above its"
    assert list(summary(means_alone))[1] == warning


def test_the_summary_says_what_has_no_history_and_what_moves_the_forecast() -> None:
    of_new_items = published(NewItemCount=3, AttributeImpact={"price": -1.0, "promo": 0.5})
    assert list(summary(of_new_items))[2:] == [
        "3 of the series have no history: forecast like those they resemble",
        "moved by price 1.00, promo 0.50  (besides the history; 1 is what moves it most)",
    ]
    assert list(summary(published(AttributeImpact={"price": 1.0}))) == list(summary(published()))
    without_effect = summary(published(AttributeImpact={"price": 0.0, "rain": 0.0}))
    assert "moved by the history alone, not by price, rain" in without_effect


def test_the_summary_names_the_models_that_count() -> None:
    mixed = summary(published(ModelShares={"theta": 0.7, "ets": 0.297, "npts": 0.003}))
    assert "made of theta 70%, ets 30%  (mean over the series)" in mixed
