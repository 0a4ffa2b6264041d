"""The last days of a series of hours, a day at a time."""

from pathlib import Path

import numpy as np
import pytest
from data_files import Series
from peers import Forecasts
from rolling_windows import HOURS, accuracy, windows

HOURS_OF = np.arange(24.0 * 10)


def test_each_window_sees_all_hours_before_it_and_none_behind() -> None:
    found = windows(HOURS["bikes"], Series(["a"], [HOURS_OF], np.empty((1, 0))), 3)
    assert [one.history.shape[1] for one in found] == [24 * 7, 24 * 8, 24 * 9]
    assert [one.actual[0, 0] for one in found] == [24 * 7, 24 * 8, 24 * 9]
    assert [one.history[0, -1] + 1 for one in found] == [one.actual[0, 0] for one in found]
    assert found[-1].actual[0, -1] == HOURS_OF[-1]


def test_the_error_is_the_mean_over_windows_of_theirs() -> None:
    values = np.concatenate([np.full(24, 1.0), np.full(24, 10.0), np.full(24, 100.0)])
    found = windows(HOURS["electricity"], Series(["a"], [values], np.empty((1, 0))), 2)
    five = Forecasts("", np.full((1, 24), 5.0), np.full((1, 24, 9), 5.0), 0.0)
    measures = accuracy(found, lambda _: five)
    assert measures["wape"] == pytest.approx((0.5 + 0.95) / 2)
    assert measures["weighted_quantile_loss"] == pytest.approx((0.5 + 0.95) / 2)  # of a point that is too low


def test_gaps_are_unknown_or_zero_as_an_import_has_them(tmp_path: Path) -> None:
    row = "2011-01-01 {:02}:00:00,,,,,,,,,,,{},bike\n"
    (tmp_path / "bike_hourly.csv").write_text(row.format(0, 5) + row.format(2, 7))
    np.testing.assert_array_equal(HOURS["bikes"].load(tmp_path).histories, [[5, np.nan, 7]])
    np.testing.assert_array_equal(HOURS["bikes_imported"].load(tmp_path).histories, [[5, 0, 7]])


def test_no_window_of_the_last_days_is_left_out() -> None:
    found = windows(HOURS["electricity"], Series(["a"], [HOURS_OF], np.empty((1, 0))))
    assert len(found) == 7
