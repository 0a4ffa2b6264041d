"""The table of features: what is known at an origin, and nothing else."""

from dataclasses import replace

import numpy as np

from forecast_engine import Covariates, Frequency, Grid, Panel
from forecast_engine.global_model.covariate_columns import FeatureColumns, Layout
from forecast_engine.global_model.features import FeatureTable, phases
from forecast_engine.global_model.year import has_year, waves_of_year
from tests.forecast_engine.panels import panel_of, seasonal_walks, with_covariates

HORIZON = 4
LAYOUT = Layout({"price": True, "stock": False}, ("Holiday_KR",), {"brand": ("a", "b"), "size": None})


def columns_at(panel: Panel, origin: int) -> FeatureColumns:
    """The features of all steps of item 1."""
    steps = np.arange(HORIZON)
    return FeatureTable(panel, LAYOUT, HORIZON).series_columns(np.full(HORIZON, 1), np.full(HORIZON, origin), steps)


def rows_at(panel: Panel, origin: int) -> np.ndarray:
    return columns_at(panel, origin).values


def test_phases_are_those_of_the_calendar() -> None:
    day_of_week, day_of_month, month = phases(panel_of(seasonal_walks(1, 70), "D").grid, 75)  # from 2015-01-01 on
    assert day_of_week[0] == day_of_week[70] != day_of_week[69]
    assert (day_of_month[0], day_of_month[30], day_of_month[31], day_of_month[74]) == (0, 30, 0, 15)
    assert (month[30], month[31], month[74]) == (0, 1, 2)
    of_day, of_week = phases(panel_of(seasonal_walks(1, 70), "H").grid, 75)
    assert of_day[26] == 2 * 3600
    assert of_week[0] == day_of_week[0]
    assert of_week[24] == day_of_week[1]


def test_the_future_of_the_target_and_of_what_is_not_known_ahead_is_not_looked_at() -> None:
    panel = with_covariates(panel_of(seasonal_walks(3, 60)), HORIZON)
    before = rows_at(panel, 50)
    panel.target[:, 50:] = -1.0
    panel.covariates.related["stock"][:, 50:] = -1.0
    np.testing.assert_array_equal(rows_at(panel, 50), before)
    panel.covariates.related["price"][:, 52] += 1.0  # this one is known ahead: its columns of that step change
    changed = (rows_at(panel, 50) != before) & ~np.isnan(before)
    groups = np.array(columns_at(panel, 50).groups)
    assert set(groups[changed[2]]) == {"related/price"}
    assert not changed[[0, 1, 3]].any()


def test_columns_stay_where_they_are_if_a_panel_lacks_what_the_layout_names() -> None:
    panel = with_covariates(panel_of(seasonal_walks(3, 60)), HORIZON)
    bare = rows_at(replace(panel, covariates=Covariates()), 50)
    own = np.array([not group for group in columns_at(panel, 50).groups])
    assert bare.shape == rows_at(panel, 50).shape
    assert np.isnan(bare[:, ~own]).all()
    np.testing.assert_array_equal(bare[:, own], rows_at(panel, 50)[:, own])


def test_categories_are_numbered_and_unknown_ones_missing() -> None:
    panel = with_covariates(panel_of(seasonal_walks(3, 60)), HORIZON)
    panel.covariates.attributes["brand"][:] = ["b", "z", ""]
    table = FeatureTable(panel, LAYOUT, HORIZON)
    brands = table.attribute_columns(np.arange(3)).values[:, 0]
    np.testing.assert_array_equal(brands, [1.0, np.nan, np.nan])
    columns = columns_at(panel, 50)
    assert [columns.groups[column] for column in columns.categorical] == ["attribute/brand"]
    assert table.described().tolist() == [True, True, True]  # items 1 and 2 have a size


def test_the_waves_of_the_year_fit_leap_years_as_well() -> None:
    waves = np.array(waves_of_year(panel_of(seasonal_walks(1, 10), "D").grid, 1097))  # from 2015-01-01 to 2018-01-01
    new_year, second_of_july, second_of_july_of_a_leap_year = [0, 365, 365 + 366], 365 + 366 + 182, 365 + 183
    np.testing.assert_allclose(waves[:, new_year].T, [[0, 1] * 3] * 3, atol=1e-12)
    quarter = waves[:, 365 + 91]  # 91 of 366 days
    sines = [np.sin(2 * np.pi * number * 91 / 366) for number in (1, 2, 3)]
    np.testing.assert_allclose(quarter[::2], sines, rtol=1e-12)
    half_of_leap_year, half = waves[:, second_of_july_of_a_leap_year], waves[:, second_of_july]
    np.testing.assert_allclose(half_of_leap_year, [0, -1, 0, 1, 0, -1], atol=1e-12)  # the middle of 366 days
    np.testing.assert_allclose(half[0], np.sin(2 * np.pi * 182 / 365), rtol=1e-9)


def test_only_days_of_more_than_a_year_have_columns_of_the_year() -> None:
    assert [has_year(panel_of(np.ones((1, length)), "D").grid) for length in (364, 365)] == [False, True]
    others = [Grid(Frequency.parse(frequency), 0, 2000, 0) for frequency in ("2D", "W", "M", "H", "Y")]
    assert not any(map(has_year, others))


def test_a_day_is_compared_with_the_same_weekday_and_week_of_a_year_ago() -> None:
    """500 days that rise by 1 each, with 1000 on day 140: 364 days before day 504, which is step 4 of origin 500."""
    target = np.arange(500.0)[None]
    target[0, 140] = 1000.0
    table = FeatureTable(panel_of(target, "D"), Layout({}, (), {}, has_year=True), 7)
    steps, items, origins = np.arange(7), np.zeros(7, dtype=int), np.full(7, 500)
    with_year = table.series_columns(items, origins, steps).values
    plain = FeatureTable(panel_of(target, "D"), Layout({}, (), {}), 7).series_columns(items, origins, steps).values
    own = with_year[:, 6 : 6 + 8]  # behind step, level, age and three phases
    np.testing.assert_array_equal(np.delete(with_year, np.s_[6 : 6 + 8], axis=1), plain)
    unit = np.abs(target[0, 7:] - target[0, :-7]).mean()
    level_now, level_then = 496.0, np.arange(129, 136).mean()  # of the seven days before 500, and before 136
    values = np.array([136, 137, 138, 139, 1000, 141, 142])
    np.testing.assert_allclose(own[:, 6], (values - level_now) / unit, rtol=1e-6)
    np.testing.assert_allclose(own[:, 7], (values - level_then) / unit, rtol=1e-6)
    early = table.series_columns(items, np.full(7, 364), steps).values[:, 6 : 6 + 8]  # a year ago there was no week yet
    assert np.isfinite(early[:, 6]).all()
    assert np.isnan(early[:, 7]).all()


def test_a_day_is_compared_with_the_mean_of_its_weekday() -> None:
    """Item 0 has 40 weeks, of which 26 count; item 1 began 10 days before the origin."""
    weeks = np.arange(40.0)[:, None] * 10 + np.array([0, 1, 2, 3, 4, 5, 60])
    target = np.tile(weeks.ravel(), (2, 1))
    target[1, :270] = np.nan
    table = FeatureTable(panel_of(target, "D"), Layout({}, (), {}), 7)
    items, steps = np.repeat([0, 1], 2), np.tile([0, 6], 2)
    columns = table.series_columns(items, np.full(4, 280), steps).values
    unit = np.array([10, 10, 10, 10])  # every value is that of a week before and 10
    phase_means = np.array([265.0, 325.0, 390.0, (380 + 60 + 390 + 60) / 2])
    level = 390 + 75 / 7
    widest_means = np.array([265 + 75 / 7] * 2 + [target[1, 270:].mean()] * 2)
    np.testing.assert_allclose(columns[:, -2], (phase_means - level) / unit, rtol=1e-6)
    np.testing.assert_allclose(columns[:, -1], (phase_means - widest_means) / unit, rtol=1e-5, atol=1e-6)
