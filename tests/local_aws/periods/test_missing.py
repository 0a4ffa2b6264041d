"""What a period without a value counts as: decided for each series by its own zeros, gaps and days of the week."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest

from local_aws.periods.missing import Missing, find_missing
from local_aws.periods.observations import Observations

MONDAY = date(2024, 1, 1)
Rows = Callable[..., Observations]


def days(item: str, values: Iterable[object], *, without: Callable[[date], bool] = lambda day: False) -> list[str]:
    """A row for each day from a Monday on, but for the days that have none."""
    dated = ((MONDAY + timedelta(days=number), value) for number, value in enumerate(values))
    return [f"{day},{item},{value}" for day, value in dated if not without(day)]


def steady(count: int) -> list[int]:
    """Values between 100 and 110, and never the same two days running."""
    return [100 + day * 3 % 11 for day in range(count)]


def decide(rows: Observations, **said: object) -> Missing:
    given = {"is_average": False, "leaves_out_phases": False, "wanted": None} | said
    return find_missing(rows, "D", 14, **given)


def missing_days(*numbers: int) -> Callable[[date], bool]:
    return lambda day: (day - MONDAY).days in numbers


def is_sunday(day: date) -> bool:
    return day.isoweekday() == 7


def is_weekend(day: date) -> bool:
    return day.isoweekday() > 5


def test_a_series_without_zeros_is_not_known_where_a_few_days_lack(rows_of: Rows) -> None:
    missing = decide(rows_of("date,item,sales", *days("a", steady(60), without=missing_days(10, 11, 30))))
    assert (missing.unknown, missing.zeros, missing.periods) == (3, 0, 60)
    assert missing.fillings == {"middlefill": "nan", "backfill": "nan"}


def test_a_series_with_zeros_of_its_own_has_a_zero_where_a_day_lacks(rows_of: Rows) -> None:
    values = [*steady(30), 0, *steady(29)]
    missing = decide(rows_of("date,item,sales", *days("a", values, without=missing_days(10, 11))))
    assert (missing.unknown, missing.zeros, missing.fillings) == (0, 2, {})


@pytest.mark.parametrize(
    ("values", "zeros"),
    [
        ([3, 1, 2, 1] * 10, 1),  # counts from 1 on: the rows of zeros were left out
        ([100, 90, 5, 110] * 10, 1),  # zero would be no surprise
        ([100, -90, 80, 110] * 10, 1),
        ([100, 90, 5, *[110] * 37], 0),  # one low value is an accident
    ],
)
def test_zero_is_believed_where_the_values_come_near_it(rows_of: Rows, values: list[int], zeros: int) -> None:
    missing = decide(rows_of("date,item,sales", *days("a", values, without=missing_days(20))))
    assert (missing.zeros, missing.unknown) == (zeros, 1 - zeros)


def test_many_gaps_are_zeros_also_of_a_series_without_any(rows_of: Rows) -> None:
    missing = decide(rows_of("date,item,sales", *days("a", steady(61), without=lambda day: day.day % 5 == 0)))
    assert (missing.zeros, missing.unknown) == (11, 0)  # six in January, five in February


def test_each_series_is_decided_on_by_itself(rows_of: Rows) -> None:
    of_a = days("a", steady(60), without=missing_days(10))
    of_b = days("b", [0, *steady(59)], without=missing_days(20, 21))
    missing = decide(rows_of("date,item,sales", *of_a, *of_b))
    assert (missing.unknown, missing.zeros, missing.periods) == (1, 2, 120)
    assert missing.has_zero_rows


def test_days_on_which_a_shop_never_sells_are_zeros_and_its_other_gaps_are_unknown(rows_of: Rows) -> None:
    rows = days("a", steady(70), without=lambda day: is_sunday(day) or missing_days(8)(day))
    missing = decide(rows_of("date,item,sales", *rows))
    assert (missing.regular, missing.unknown, missing.zeros) == (9, 1, 0)  # nine Sundays lie before the last row
    assert next(iter(missing.sentences())) == (
        "missing     9 of 69 periods have no row: Sundays never have one and count as 0  (guessed; --missing overrides)"
    )


def test_days_on_which_a_price_never_is_are_no_periods(rows_of: Rows) -> None:
    rows = rows_of("date,item,price", *days("a", steady(61), without=is_weekend))
    missing = decide(rows, is_average=True, leaves_out_phases=True)
    assert (missing.regular, missing.zeros, missing.unknown, missing.leaves_out_phases) == (16, 0, 0, True)
    assert "Saturdays and Sundays never have one and are no periods of the forecast" in next(missing.sentences())


def test_two_weeks_are_too_short_to_say_that_a_day_never_occurs(rows_of: Rows) -> None:
    missing = decide(rows_of("date,item,sales", *days("a", steady(15), without=is_sunday)))
    assert (missing.regular, missing.zeros + missing.unknown) == (0, 2)


def test_gaps_of_a_price_are_unknown_however_many_they_are(rows_of: Rows) -> None:
    rows = rows_of("date,item,price", *days("a", [0, *steady(60)], without=lambda day: day.day % 2 == 0))
    assert decide(rows, is_average=True).zeros == 0


def test_an_item_that_is_late_is_unknown_at_the_end_and_one_that_ended_is_zero(rows_of: Rows) -> None:
    rows = rows_of("date,item,sales", *days("a", steady(60)), *days("b", steady(57)), *days("c", steady(20)))
    missing = decide(rows)
    assert (missing.late, missing.zeros, missing.unknown) == (3, 40, 0)


def test_an_item_with_zeros_of_its_own_that_is_late_has_zeros_at_the_end(rows_of: Rows) -> None:
    missing = decide(rows_of("date,item,sales", *days("a", steady(60)), *days("b", [0, *steady(56)])))
    assert (missing.late, missing.zeros) == (0, 3)


def test_rows_without_a_value_are_unknown_also_beside_zeros(rows_of: Rows) -> None:
    values = [*steady(30), 0, "", "NA", *steady(30)]
    missing = decide(rows_of("date,item,sales", *days("a", values, without=missing_days(10))))
    assert (missing.empty_rows, missing.zeros, missing.has_zero_rows) == (2, 1, True)


@pytest.mark.parametrize(("wanted", "zeros", "unknown"), [("zero", 3, 0), ("unknown", 0, 3)])
def test_what_the_user_says_holds_for_every_series(rows_of: Rows, wanted: str, zeros: int, unknown: int) -> None:
    of_a, of_b = (
        days("a", steady(40), without=missing_days(10)),
        days("b", [0, *steady(39)], without=missing_days(5, 6)),
    )
    missing = decide(rows_of("date,item,sales", *of_a, *of_b), wanted=wanted)
    assert (missing.zeros, missing.unknown) == (zeros, unknown)
    assert not [sentence for sentence in missing.sentences() if "guessed" in sentence]
