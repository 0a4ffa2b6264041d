"""Prices that are there from Monday to Friday are forecast for these days."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from local_aws.guessing.options import Options
from local_aws.guessing.table import DataError, open_table
from local_aws.periods.plan import Plan, make_plan, sentences_of
from local_aws.upload.upload import upload_from_guesses
from tests.local_aws.small_files import lines

MONDAY = date(2024, 1, 1)
Write = Callable[..., Path]


def weekdays(count: int, *, item: str = "", first: date = MONDAY) -> list[str]:
    """A price for each day from Monday to Friday."""
    days = [first + timedelta(days=number) for number in range(count)]
    return [f"{day},{item}{10 + day.day % 3 / 10}" for day in days if day.weekday() < 5]


def plan_of(path: Path, **said: object) -> tuple[Plan, list[str]]:
    options = Options(**said)  # type: ignore[arg-type]
    plan = make_plan(open_table(path), options)
    return plan, [*sentences_of(plan, options)]


def test_business_days_are_guessed_of_a_price_and_said_with_the_option_for_all_days(write: Write) -> None:
    plan, sentences = plan_of(write(lines("date,price", *weekdays(87))))  # to Wednesday, 2024-03-27
    assert (plan.horizon, plan.calendar_horizon, plan.history) == (10, 14, 63)
    assert "frequency   B: the days that occur  (guessed; --frequency overrides)" in sentences
    assert "horizon     10, after 63 steps of history  (guessed; --horizon overrides)" in sentences
    assert plan.transformations == {"aggregation": "avg", "middlefill": "nan", "backfill": "nan"}


@pytest.mark.parametrize(("horizon", "in_calendar"), [(1, 1), (2, 2), (3, 5), (5, 7), (7, 9), (8, 12)])
def test_the_horizon_counts_business_days(write: Write, horizon: int, in_calendar: int) -> None:
    plan, _ = plan_of(write(lines("date,price", *weekdays(87))), horizon=horizon)  # the next two: Thursday, Friday
    assert (plan.horizon, plan.calendar_horizon) == (horizon, in_calendar)


def test_rows_that_wait_for_their_price_are_the_horizon(write: Write) -> None:
    waiting = [f"{day}," for day in ("2024-03-28", "2024-03-29", "2024-04-01")]
    plan, _ = plan_of(write(lines("date,price", *weekdays(87), *waiting)))
    assert (plan.horizon, plan.calendar_horizon) == (3, 5)


@pytest.mark.parametrize("said", [{"frequency": "D"}, {"missing": "unknown"}, {"aggregate": "sum"}])
def test_who_says_otherwise_gets_every_day(write: Write, said: dict[str, str]) -> None:
    plan, sentences = plan_of(write(lines("date,price", *weekdays(87))), **said)
    assert (plan.horizon, plan.calendar_horizon) == (14, 14)
    assert not [sentence for sentence in sentences if "no periods" in sentence]


def test_business_days_of_counts_are_forecast_if_asked_for(write: Write) -> None:
    sold = [row.replace(".", "") for row in weekdays(87)]
    assert plan_of(write(lines("date,sold", *sold)))[0].horizon == 14
    plan, sentences = plan_of(write(lines("date,sold", *sold)), frequency="B")
    assert (plan.frequency, plan.horizon, plan.calendar_horizon) == ("D", 10, 14)
    assert "frequency   B: the days that occur" in sentences


def test_params_json_asks_amazons_days_and_the_pipelines_periods(write: Write, tmp_path: Path) -> None:
    upload = upload_from_guesses(write(lines("date,price", *weekdays(87))), Options(horizon=5), tmp_path)
    tree = json.loads(dict(upload.objects)["params.json"])  # type: ignore[arg-type]
    predictor = tree["AutoPredictor"]
    assert (predictor["ForecastFrequency"], predictor["ForecastHorizon"]) == ("D", 7)
    assert tree["Pipeline"] == {"QuietSeconds": 0, "Periods": "observed"}


def test_a_series_that_is_too_short_to_tell_has_no_weekends_where_no_other_has(write: Write) -> None:
    rows = [*weekdays(87, item="a,"), *weekdays(15, item="b,", first=date(2024, 3, 13))]
    plan, _ = plan_of(write(lines("date,item,price", *rows)))
    assert (plan.missing.regular, plan.missing.unknown) == (24 + 4, 0)


def test_a_row_on_a_weekend_is_no_business_day(write: Write) -> None:
    path = write(lines("date,price", *weekdays(87)[:5], "2024-01-06,10.5", *weekdays(87)[5:]))
    with pytest.raises(DataError, match=r"line 7: found Saturday, 2024-01-06, wanted Monday to Friday"):
        plan_of(path, frequency="B")
    assert plan_of(path)[0].calendar_horizon > plan_of(path)[0].horizon  # Sundays still never occur


def test_three_weeks_are_too_few_for_business_days(write: Write) -> None:
    with pytest.raises(DataError, match="found 15 days with rows, wanted four weeks of them with --frequency B"):
        plan_of(write(lines("date,price", *weekdays(20))), frequency="B")


def test_a_horizon_of_business_days_that_is_too_long_is_told_in_both(write: Write) -> None:
    with pytest.raises(DataError, match=r"--horizon 20, 28 with those that never occur, after 87 steps"):
        plan_of(write(lines("date,price", *weekdays(87))), horizon=20)


def test_hours_of_trading_are_those_that_occur(write: Write) -> None:
    first = datetime(2024, 1, 1)
    hours = [first + timedelta(hours=number) for number in range(24 * 68)]
    rows = [f"{hour},{10 + hour.hour / 10}" for hour in hours if hour.weekday() < 5 and 9 <= hour.hour < 17]
    path = write(lines("time,price", *rows))  # the last one: Friday, 2024-03-08, 16:00
    assert plan_of(path)[0].horizon == 8  # a day of trading
    plan, sentences = plan_of(path, horizon=9)
    assert (plan.frequency, plan.calendar_horizon) == ("H", 24 * 3 + 17)  # eight on Monday, 9:00 on Tuesday
    assert "frequency   H, those that occur  (guessed; --frequency overrides)" in sentences
