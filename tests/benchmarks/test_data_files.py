"""Series as the files hold them: the days and hours of a grid, what is unknown, and what is held back."""

from pathlib import Path

import numpy as np
import pytest
from data_files import hourly, made_up, pedestrians, victorian_electricity
from data_sets import filled


def test_a_day_whose_hours_are_not_all_there_is_unknown() -> None:
    series = pedestrians(28)(None)
    assert series.names[1] == "Bourke Street Mall (North)"
    days = np.concatenate([series.histories[1], series.actual[1]])
    assert len(days) == 731  # 2015 and 2016
    assert np.isnan(days[:47]).all()  # it was set up on 17 February 2015
    assert not np.isnan(days[47:]).any()


def test_electricity_is_summed_by_the_day() -> None:
    series = victorian_electricity(28)(None)
    assert (len(series.names), len(series.histories[0]) + 28) == (1, 366 + 365 + 365)
    assert series.histories[0][0] == pytest.approx(222_437.9115)  # the 48 half hours of the file


def test_the_made_up_panel_is_the_first_of_the_large_one() -> None:
    few, more = made_up(2, 40, 8)(None), made_up(3, 40, 8)(None)
    assert few.names == more.names[:2] == ["item_000000", "item_000001"]
    np.testing.assert_array_equal(few.histories, more.histories[:2])
    assert few.actual.shape == (2, 8)


def test_hours_without_a_row_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "hours.csv").write_text(
        "2024-01-01 00:00:00,x,1.5,a\n2024-01-01 03:00:00,x,2.5,a\n2024-01-01 01:00:00,x,7,b\n"
    )
    series = hourly(tmp_path, "hours.csv", 2)
    assert series.names == ["a", "b"]
    np.testing.assert_array_equal(series.histories, [[1.5, np.nan, np.nan, 2.5], [np.nan, 7, np.nan, np.nan]])


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(SystemExit, match=r"hours\.csv is needed"):
        hourly(None, "hours.csv", 1)


def test_peers_see_the_season_before_where_nothing_is_known_and_skip_whole_seasons() -> None:
    nothing = np.nan
    assert filled(np.array([1.0, nothing, 3, 4, nothing, 6]), 2).tolist() == [1.0, 1.0, 3.0, 4.0, 3.0, 6.0]
    stretch = filled(np.array([1.0, 2, nothing, nothing, nothing, 6]), 2)
    assert stretch.tolist() == [1.0, 2.0, 1.0, 6.0]
