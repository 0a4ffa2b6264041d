"""3.6 and 3.7: which period a row counts in, where a forecast begins, and what stands in gaps.

What training has read is seen in the backtest export: its ``target_value`` is the history as the windows met it.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.contract.conftest import Amazon

NPTS = "arn:aws:forecast:::algorithm/NPTS"


def history(
    amazon: Amazon, name: str, group_arn: str, frequency: str, windows: int, **filling: str
) -> dict[tuple[str, str], str]:
    """(item, time) -> value of the last ``windows`` periods: windows of one period each, exported."""
    configuration: dict[str, Any] = {"ForecastFrequency": frequency}
    if filling:
        method = {"FeaturizationMethodName": "filling", "FeaturizationMethodParameters": filling}
        configuration["Featurizations"] = [{"AttributeName": "target_value", "FeaturizationPipeline": [method]}]
    predictor_arn = amazon.legacy_predictor(
        name,
        group_arn,
        AlgorithmArn=NPTS,
        ForecastHorizon=1,
        FeaturizationConfig=configuration,
        EvaluationParameters={"NumberOfBacktestWindows": windows},
    )
    amazon.backtest_export(name, predictor_arn)
    rows = amazon.rows(f"{name}/forecasted-values/")
    return {(row["item_id"], row["timestamp"]): f"{float(row['target_value']):g}" for row in rows}


def hours(found: dict[tuple[str, str], str]) -> dict[str, str]:
    """Hour -> value of item ``a`` on 2018-01-01."""
    return {time[11:13]: value for (_, time), value in sorted(found.items())}


@pytest.fixture(scope="module")
def hourly(amazon: Amazon) -> str:
    """The example of Amazon's guide: 01:00 = 100, 02:20 = 50, 02:45 = 20, 04:00 = 120."""
    times = {"01:00": 100, "02:20": 50, "02:45": 20, "04:00": 120}
    content = "".join(f"a,2018-01-01 {time}:00,{value}\n" for time, value in times.items())
    return amazon.group("hourly", content, frequency="1min", timestamp_format="yyyy-MM-dd HH:mm:ss")


def test_3_6_rows_of_one_hour_are_added_up(amazon: Amazon, hourly: str) -> None:
    found = hours(history(amazon, "added", hourly, "H", 3))
    assert found == {"02": "70", "03": "0", "04": "120"}  # 3.7: a gap is filled with zero unless told otherwise


def test_3_6_an_hour_without_a_row_is_missing(amazon: Amazon, hourly: str) -> None:
    assert hours(history(amazon, "missing", hourly, "H", 3, middlefill="nan")) == {"02": "70", "04": "120"}


@pytest.mark.parametrize(
    ("aggregation", "value"), [("sum", "70"), ("avg", "35"), ("first", "50"), ("min", "20"), ("max", "50")]
)
def test_3_6_the_target_may_be_aggregated_otherwise(amazon: Amazon, hourly: str, aggregation: str, value: str) -> None:
    found = history(amazon, f"by_{aggregation}", hourly, "H", 3, aggregation=aggregation)
    assert hours(found)["02"] == value


@pytest.fixture(scope="module")
def published(amazon: Amazon) -> str:
    """Days as long as those of the published examples: 2017-12-01 to Thursday 2019-01-31; ``short`` ends before."""
    days = [date(2017, 12, 1) + timedelta(number) for number in range(427)]
    whole = "".join(f"whole,{day},{10 + day.weekday()}\n" for day in days)
    return amazon.group("published", whole + "".join(f"short,{day},5\n" for day in days[:300]))


@pytest.mark.parametrize(
    ("frequency", "boundary", "first_steps"),
    [
        ("W", {"DayOfWeek": "SUNDAY"}, ["2019-02-03", "2019-02-10", "2019-02-17"]),
        ("W", {"DayOfWeek": "FRIDAY"}, ["2019-02-01", "2019-02-08", "2019-02-15"]),
        ("3D", None, ["2019-02-03", "2019-02-06"]),
        ("3M", None, ["2019-03-01"]),
    ],
)
def test_3_6_the_last_period_counts_though_it_is_partial_and_the_first_of_the_data_is_the_anchor(
    amazon: Amazon, published: str, frequency: str, boundary: dict[str, str] | None, first_steps: list[str]
) -> None:
    name = f"from_{frequency}_{'_'.join((boundary or {'first': 'row'}).values())}"
    request = {"TimeAlignmentBoundary": boundary} if boundary else {}
    predictor_arn = amazon.auto_predictor(
        name, published, ForecastFrequency=frequency, ForecastHorizon=len(first_steps), **request
    )
    forecast_arn = amazon.forecast_of(name, predictor_arn, ForecastTypes=["0.5"])
    steps = [point["Timestamp"] for point in amazon.predictions(forecast_arn, item_id="whole")["p50"]]
    assert steps == [f"{step}T00:00:00" for step in first_steps]


def test_3_6_now_is_the_last_timestamp_of_the_whole_import_for_every_item(amazon: Amazon, published: str) -> None:
    forecast_arn = amazon.forecast_of("one_now", amazon.auto_predictor("one_now", published, ForecastHorizon=2))
    for item in ("whole", "short"):
        steps = [point["Timestamp"] for point in amazon.predictions(forecast_arn, item_id=item)["p50"]]
        assert steps == ["2019-02-01T00:00:00", "2019-02-02T00:00:00"]


@pytest.fixture(scope="module")
def gaps(amazon: Amazon) -> str:
    """``gap`` misses 2020-01-04 and ends two days before ``other``."""
    gap = {1: 2, 2: 7, 3: 3, 5: 100, 6: 100}
    content = "".join(f"gap,2020-01-{day:02},{value}\n" for day, value in gap.items())
    return amazon.group("gaps", content + "".join(f"other,2020-01-{day:02},1\n" for day in range(1, 9)))


@pytest.mark.parametrize(
    ("filling", "middle", "end"),
    [
        ({}, "0", "0"),
        ({"middlefill": "zero", "backfill": "nan"}, "0", None),
        ({"middlefill": "nan", "backfill": "zero"}, None, "0"),
        ({"middlefill": "value", "middlefill_value": "2", "backfill": "value", "backfill_value": "2.5"}, "2", "2.5"),
        ({"middlefill": "mean", "backfill": "mean"}, "4", "42.4"),
        ({"middlefill": "median", "backfill": "median"}, "3", "7"),
        ({"middlefill": "min", "backfill": "min"}, "2", "2"),
        ({"middlefill": "max", "backfill": "max"}, "7", "100"),
    ],
    ids=lambda value: "_".join(value.values()) if isinstance(value, dict) else None,
)
def test_3_7_middlefill_stands_between_rows_and_backfill_behind_them(
    amazon: Amazon, gaps: str, filling: dict[str, str], middle: str | None, end: str | None
) -> None:
    name = "filled_" + "_".join(filling.values()).replace(".", "_")
    found = history(amazon, name, gaps, "D", 5, **filling)
    days = {time[8:10]: value for (item, time), value in found.items() if item == "gap"}
    expected = {"04": middle, "05": "100", "06": "100", "07": end, "08": end}
    assert days == {day: value for day, value in expected.items() if value is not None}


def test_3_7_the_fillings_are_described_in_full_though_none_was_given(amazon: Amazon, gaps: str) -> None:
    arn = amazon.legacy_predictor("described", gaps, AlgorithmArn=NPTS, ForecastHorizon=1)
    (featurization,) = amazon.forecast.describe_predictor(PredictorArn=arn)["FeaturizationConfig"]["Featurizations"]
    (method,) = featurization["FeaturizationPipeline"]
    assert method == {
        "FeaturizationMethodName": "filling",
        "FeaturizationMethodParameters": {
            "aggregation": "sum",
            "frontfill": "none",
            "middlefill": "zero",
            "backfill": "zero",
        },
    }
