"""Grids, against the periods that Amazon Forecast was observed to use."""

import numpy as np
import pytest

from forecast_engine import Boundary, Frequency, Grid


def grid_of(frequency: str, first: str, last: str, boundary: Boundary | None = None) -> Grid:
    return Grid.covering(Frequency.parse(frequency), np.datetime64(first), np.datetime64(last), boundary)


@pytest.mark.parametrize(
    ("frequency", "boundary", "future"),
    [
        ("W", Boundary(day_of_week="SUNDAY"), ["2019-02-03", "2019-02-10"]),
        ("W", Boundary(day_of_week="FRIDAY"), ["2019-02-01", "2019-02-08"]),
        ("W", None, ["2019-02-04", "2019-02-11"]),
        ("3D", None, ["2019-02-03", "2019-02-06"]),
        ("3M", None, ["2019-03-01", "2019-06-01"]),
        ("M", Boundary(day_of_month=15), ["2019-02-15", "2019-03-15"]),
        ("D", Boundary(hour=6), ["2019-01-31T06", "2019-02-01T06"]),
        ("Y", Boundary(month="JULY"), ["2019-07-01", "2020-07-01"]),
    ],
)
def test_the_forecast_starts_at_the_next_boundary(frequency: str, boundary: Boundary | None, future: list[str]) -> None:
    # the data of Amazon's published examples: 2017-12-01 to Thursday 2019-01-31
    grid = grid_of(frequency, "2017-12-01", "2019-01-31", boundary)
    assert grid.timestamps(grid.length, 2).tolist() == np.array(future, dtype="datetime64[s]").tolist()


def test_hours_begin_at_the_top_of_the_hour() -> None:
    grid = grid_of("H", "2020-01-01T01:00", "2020-01-01T04:00")
    times = np.array(["2020-01-01T01:00", "2020-01-01T02:20", "2020-01-01T02:45", "2020-01-01T04:00"])
    assert grid.index_of(times.astype("datetime64[s]")).tolist() == [0, 1, 1, 3]


def test_a_month_boundary_keeps_days_before_it_in_the_previous_month() -> None:
    grid = grid_of("M", "2020-01-20", "2020-06-01", Boundary(day_of_month=15))
    times = np.array(["2020-02-14", "2020-02-15", "2020-03-14", "2020-03-31"], dtype="datetime64[s]")
    assert grid.index_of(times).tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize("frequency", ["Y", "5M", "M", "2W", "W", "3D", "D", "7H", "H", "30min", "1min"])
def test_every_period_holds_its_own_start_and_the_second_before_its_end(frequency: str) -> None:
    grid = grid_of(frequency, "1969-11-30T22:10", "1969-11-30T22:10")  # across the epoch, where flooring shows
    starts = grid.timestamps(0, 40)
    assert grid.index_of(starts).tolist() == list(range(40))
    assert grid.index_of(starts[1:] - np.timedelta64(1, "s")).tolist() == list(range(39))


def test_the_grid_covers_the_first_and_the_last_timestamp() -> None:
    grid = grid_of("M", "2020-01-31", "2021-02-01")
    assert grid.length == 14
    assert grid.index_of(np.array(["2019-12-31", "2021-03-01"], dtype="datetime64[s]")).tolist() == [-1, 14]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"month": "JUILLET"}, "Unknown month 'JUILLET'"),
        ({"day_of_week": "Sun"}, "Unknown day of week 'Sun'"),
        ({"day_of_month": 29}, "Day of month 29: expected 1 to 28"),
        ({"hour": 24}, "Hour 24: expected 0 to 23"),
    ],
)
def test_an_impossible_boundary_is_refused(members: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Boundary(**members)  # type: ignore[arg-type]


def test_a_grid_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="not later than the last"):
        grid_of("D", "2020-01-02", "2020-01-01")
