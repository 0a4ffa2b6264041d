"""The last period is a part where the data end within it, and earlier than in the periods before it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from forecast_engine import Frequency, Grid
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.partial_period import first_partial_period, partial_period
from forecast_pipeline.runs.account import partial_period_sentence

Find = Callable[..., tuple[int, int, str] | None]


@pytest.fixture
def find() -> Find:
    """What is found of a history with these timestamps: steps held, steps, and the sentence about them."""

    def found(
        timestamps: Any, frequency: str, declared: str | None = None, which: str = "last"
    ) -> tuple[int, int, str] | None:
        times = np.unique(np.asarray(timestamps, "datetime64[s]"))
        aligned = SimpleNamespace(boundary={})
        run = SimpleNamespace(
            frequency=frequency, data_frequency=declared, alignment=aligned, drops_partial_period=False
        )
        tables = SimpleNamespace(run=run, timestamps_between=lambda first, end: times[(times >= first) & (times < end)])
        history = SimpleNamespace(grid=Grid.covering(Frequency.parse(frequency), times[0], times[-1]))
        search = partial_period if which == "last" else first_partial_period
        part = search(cast("RunTables", tables), cast("AlignedHistory", history))
        if part is None:
            return None
        return part.Held, part.Steps, partial_period_sentence(part, is_first=which == "first")

    return found


def days(first: str, last: str) -> Any:
    """All days from the first to the last."""
    return np.arange(first, np.datetime64(last) + 1, dtype="datetime64[D]")


def test_a_week_that_ends_on_a_tuesday_holds_two_of_seven_days(find: Find) -> None:
    assert find(days("2024-01-01", "2024-02-27"), "W") == (
        2,
        7,
        "The last week, from 2024-02-26 on, holds 2 of 7 days and counts as a whole one.",
    )


def test_a_whole_last_period_is_none(find: Find) -> None:
    assert find(days("2024-01-01", "2024-02-25"), "W") is None
    assert find(days("2023-01-01", "2024-02-29"), "M") is None


def test_a_month_has_as_many_days_as_the_calendar_says(find: Find) -> None:
    found = find(days("2023-01-01", "2024-02-09"), "M")
    assert found == (9, 29, "The last month, from 2024-02-01 on, holds 9 of 29 days and counts as a whole one.")


def test_a_shop_closed_on_sundays_has_whole_weeks_of_six_days(find: Find) -> None:
    every_day = days("2024-01-01", "2024-02-24")  # a Saturday
    open_days = every_day[np.is_busday(every_day, weekmask="1111110")]
    assert find(open_days, "W") is None
    assert find(open_days[:-3], "W") == (
        3,
        7,
        "The last week, from 2024-02-19 on, holds 3 of 7 days and counts as a whole one.",
    )


def test_months_of_a_year_and_hours_of_a_day_are_steps_too(find: Find) -> None:
    months = np.arange("2015-01", "2024-04", dtype="datetime64[M]")
    assert find(months, "Y") == (
        3,
        12,
        "The last year, from 2024-01-01 on, holds 3 of 12 months and counts as a whole one.",
    )
    quarters = np.arange("2024-01-01T00:00", "2024-01-09T06:00", 15, dtype="datetime64[m]")
    held, steps, sentence = find(quarters, "D") or (0, 0, "")
    assert (held, steps) == (24, 96)
    assert "holds 24 of 96 steps of 15 minutes" in sentence


def test_data_coarser_than_they_are_declared_count_by_what_they_are(find: Find) -> None:
    assert (find(days("2024-01-01", "2024-02-27"), "W", declared="H") or (0,))[:2] == (2, 7)


@pytest.mark.parametrize("frequency", ["D", "H"])
def test_data_as_coarse_as_the_forecast_have_no_part(find: Find, frequency: str) -> None:
    assert find(days("2024-01-01", "2024-02-27"), frequency) is None


def test_one_period_alone_tells_nothing(find: Find) -> None:
    assert find(days("2024-01-01", "2024-01-03"), "W") is None


def test_a_first_week_that_begins_on_a_wednesday_holds_five_of_seven_days(find: Find) -> None:
    assert find(days("2024-01-03", "2024-02-25"), "W", which="first") == (
        5,
        7,
        "The first week, from 2024-01-01 on, holds 5 of 7 days and counts as a whole one.",
    )
    assert find(days("2024-01-01", "2024-02-27"), "W", which="first") is None


def test_a_first_month_of_a_long_history_is_held_against_the_year_behind_it(find: Find) -> None:
    found = find(days("2020-02-20", "2024-02-29"), "M", which="first")
    assert found == (10, 29, "The first month, from 2020-02-01 on, holds 10 of 29 days and counts as a whole one.")


def test_a_shop_closed_on_mondays_begins_its_weeks_on_tuesdays(find: Find) -> None:
    every_day = days("2024-01-02", "2024-02-25")
    open_days = every_day[np.is_busday(every_day, weekmask="0111111")]
    assert find(open_days, "W", which="first") is None
    assert find(open_days[1:], "W", which="first") is not None
