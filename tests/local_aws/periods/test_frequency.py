"""How often a series is observed, and how long its history is."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from local_aws.periods.frequency import guess_frequency, history_length, name_of_step, usual_horizon
from local_aws.periods.observations import Observations

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


def test_gaps_and_repeated_rows_do_not_hide_the_frequency(rows_of: Callable[..., Observations]) -> None:
    days = [date(2020, 1, 1) + timedelta(days=day) for day in range(60) if day % 7 < 5]  # no weekends
    rows = [f"{day},a,1" for day in days for _ in range(2)]
    assert guess_frequency(rows_of("date,item,y", *rows)) == "D"


@pytest.mark.parametrize(
    ("frequency", "history", "horizon"), [("M", 441, 12), ("M", 20, 5), ("H", 1000, 24), ("D", 2, 1)]
)
def test_the_horizon_is_usual_for_the_frequency_and_at_most_a_quarter_of_the_history(
    frequency: str, history: int, horizon: int
) -> None:
    assert usual_horizon(frequency, history) == horizon


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
    rows_of: Callable[..., Observations], first: str, last: str, frequency: str, steps: int
) -> None:
    rows = rows_of("timestamp,item_id,target_value", f"{first},a,1", f"{last},a,1")
    assert history_length(rows, frequency) == steps
