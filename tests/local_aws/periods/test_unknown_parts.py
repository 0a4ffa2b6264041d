"""A week with an unknown day is no week in which that day sold nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from local_aws.guessing.options import Options
from local_aws.guessing.table import open_table
from local_aws.periods.plan import make_plan, sentences_of
from tests.local_aws.small_files import lines

MONDAY = date(2024, 1, 1)
Write = Callable[..., Path]
Week = Callable[[int], float | None]


def sales(*, empty: tuple[int, ...] = (), missing: tuple[int, ...] = (), zeros: tuple[int, ...] = ()) -> list[str]:
    """20 whole weeks of 70 a day, but for days that are empty, have no row, or sold nothing."""
    days = ((MONDAY + timedelta(days=n), "" if n in empty else 0 if n in zeros else 70) for n in range(140))
    return [f"{day},{value}" for n, (day, value) in enumerate(days) if n not in missing]


def weeks_of(path: Path, **said: str) -> tuple[dict[int, float | None], list[str]]:
    """What the service will add up for each week, None if it is unknown; and what is said of missing values."""
    options = Options(frequency="W", **said)  # type: ignore[arg-type]
    plan = make_plan(open_table(path), options)
    sums = plan.rows.query(
        "SELECT date_diff('day', TIMESTAMP '2024-01-01', moment) // 7, sum(number) FROM observations GROUP BY 1"
    )
    return dict(sums), [each for each in sentences_of(plan, options) if each.startswith("missing")]


@pytest.mark.parametrize("lacking", ["empty", "missing"])
def test_the_sum_is_raised_by_the_days_that_are_unknown(write: Write, lacking: str) -> None:
    weeks, said = weeks_of(write(lines("date,sold", *sales(**{lacking: (8, 30)}))))
    assert weeks[1] == weeks[4] == pytest.approx(6 * 70 * 7 / 6)
    assert [*weeks.values()] == pytest.approx([490] * 20)
    assert said[0] == (
        "missing     2 steps are unknown in periods that hold others: 2 sums are raised to the whole period"
        "  (guessed; --missing overrides)"
    )


def test_a_week_of_which_less_than_half_is_known_is_unknown(write: Write) -> None:
    weeks, said = weeks_of(write(lines("date,sold", *sales(empty=(7, 8, 9, 10, 21)))))
    assert weeks[1] is None
    assert weeks[3] == pytest.approx(490)
    assert said[0] == (
        "missing     5 steps are unknown in periods that hold others: 1 sum is raised to the whole period,"
        " 1 sum is unknown  (guessed; --missing overrides)"
    )


def test_a_series_with_zeros_of_its_own_sold_nothing_where_a_day_lacks(write: Write) -> None:
    weeks, said = weeks_of(write(lines("date,sold", *sales(missing=(8, 30), zeros=(50,)))))
    assert (weeks[1], weeks[4], weeks[7]) == (420, 420, 420)
    assert said == []


def test_closed_sundays_are_not_unknown(write: Write) -> None:
    closed = tuple(n for n in range(140) if n % 7 == 6)
    assert set(weeks_of(write(lines("date,sold", *sales(missing=closed))))[0].values()) == {420.0}


@pytest.mark.parametrize(("wanted", "second"), [("zero", 420), ("unknown", None)])
def test_who_says_what_is_missing_is_heard(write: Write, wanted: str, second: float | None) -> None:
    weeks, _ = weeks_of(write(lines("date,sold", *sales(empty=(8,)))), missing=wanted)
    assert weeks[1] == second
    assert weeks[2] == 490


def test_a_mean_is_that_of_the_days_that_are_known(write: Write) -> None:
    weeks, said = weeks_of(write(lines("date,sold", *sales(empty=(8,)))), aggregate="mean")
    assert weeks[1] == 420  # six rows of 70, which the service averages
    assert not [each for each in said if "periods that hold others" in each]
