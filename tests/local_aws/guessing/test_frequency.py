"""How often a series is observed, how long its history is, and what is missing in it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from local_aws.guessing.frequency import Gaps, find_gaps, guess_frequency, history_length, name_of_step, usual_horizon
from local_aws.guessing.roles import guess_roles
from local_aws.guessing.table import Table
from tests.local_aws.small_files import lines

DAY = 86400


@pytest.mark.parametrize(
    ("seconds", "name"),
    [
        (60, "1min"), (300, "5min"), (1800, "30min"), (3600, "H"), (7200, "2H"), (DAY, "D"), (2 * DAY, "2D"),
        (7 * DAY, "W"), (14 * DAY, "2W"), (28 * DAY, "M"), (31 * DAY, "M"), (90 * DAY, "3M"), (92 * DAY, "3M"),
        (365 * DAY, "Y"), (366 * DAY, "Y"), (37, None), (8 * DAY, None), (400 * DAY, None),
    ],
)  # fmt: skip
def test_a_step_has_amazons_name_or_none(seconds: int, name: str | None) -> None:
    assert name_of_step(seconds) == name


def test_gaps_and_repeated_rows_do_not_hide_the_frequency(table: Callable[[str], Table]) -> None:
    days = [date(2020, 1, 1) + timedelta(days=day) for day in range(60) if day % 7 < 5]  # no weekends
    rows = [f"{day},a,1" for day in days for _ in range(2)]
    opened = table(lines("date,item,y", *rows))
    assert guess_frequency(opened, guess_roles(opened)) == "D"


@pytest.mark.parametrize(
    ("frequency", "history", "horizon"), [("M", 441, 12), ("M", 20, 5), ("H", 1000, 24), ("D", 2, 1)]
)
def test_the_horizon_is_usual_for_the_frequency_and_at_most_a_quarter_of_the_history(
    frequency: str, history: int, horizon: int
) -> None:
    assert usual_horizon(frequency, history) == horizon


@pytest.mark.parametrize(
    ("rows", "frequency", "gaps"),
    [
        (["2020-01-01,a,1", "2020-01-03,a,1", "2020-01-04,a,1"], "D", Gaps(1, 0, 4)),
        (["2020-01-01,a,1", "2020-01-02,a,1", "2020-01-02,b,1", "2020-01-04,b,1"], "D", Gaps(1, 2, 7)),  # a has ended
        (["2020-01-31,a,1", "2020-02-29,a,1", "2020-04-30,a,1"], "M", Gaps(1, 0, 4)),
        (["2020-01-01,a,1", "2020-01-01,a,1", "2020-01-09,a,1"], "W", Gaps(0, 0, 2)),
    ],
)
def test_steps_without_a_row_are_counted_up_to_the_last_row_of_all(
    table: Callable[[str], Table], rows: list[str], frequency: str, gaps: Gaps
) -> None:
    opened = table(lines("timestamp,item_id,target_value", *rows))
    assert find_gaps(opened, guess_roles(opened), frequency) == gaps


@pytest.mark.parametrize(
    ("first", "last", "frequency", "steps"),
    [
        ("1982-04-01", "2018-12-01", "M", 441),
        ("2018-01-01", "2019-12-01", "Y", 2),
        ("1998-01-01", "2017-10-01", "3M", 80),
        ("2020-01-03", "2020-01-31", "W", 5),
        ("2020-01-01 00:00:00", "2020-01-02 23:00:00", "H", 48),
        ("2020-01-01 00:00:00", "2020-01-01 23:30:00", "30min", 48),
    ],
)
def test_the_history_is_counted_from_the_first_step_to_the_last(
    table: Callable[[str], Table], first: str, last: str, frequency: str, steps: int
) -> None:
    opened = table(lines("timestamp,item_id,target_value", f"{first},a,1", f"{last},a,1"))
    assert history_length(opened, guess_roles(opened), frequency) == steps
