"""The table of features: what is known at an origin, and nothing else."""

from dataclasses import replace

import numpy as np

from forecast_engine import Covariates, Panel
from forecast_engine.global_model.covariate_columns import FeatureColumns, Layout
from forecast_engine.global_model.features import FeatureTable, phases
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
