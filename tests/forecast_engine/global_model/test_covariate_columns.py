"""Columns of covariates by hand."""

from dataclasses import replace

import numpy as np

from forecast_engine import Covariates
from forecast_engine.global_model.covariate_columns import CovariateColumns, FeatureColumns, Layout
from tests.forecast_engine.panels import panel_of

NAN = float("nan")
LAYOUT = Layout({"price": True, "stock": False}, ("holiday",), {"brand": ("a", "b"), "size": None})
PANEL = replace(
    panel_of(np.array([[5.0, 6.0, 7.0, 8.0]])),
    covariates=Covariates(
        related={"price": np.array([[2.0, 4.0, 2.0, 4.0, 9.0]]), "stock": np.array([[7.0, 5.0, 3.0, 1.0, NAN]])},
        calendar={"holiday": np.array([0.0, 0.0, 0.0, 1.0, 0.0])},
        attributes={"brand": np.array(["b"]), "size": np.array([1.5])},
    ),
)
COLUMNS = CovariateColumns(PANEL, LAYOUT, 5)
ITEM, PERIOD = np.array([0]), np.array([4])


def test_a_related_series_is_compared_with_its_mean_its_phase_and_its_last_value() -> None:
    columns = FeatureColumns.of(COLUMNS.of_related(ITEM, PERIOD, PERIOD, np.array([2])), 1, LAYOUT)
    price = [9.0, (9 - 3) / 3, 9 - 2, 9 - 4]  # known ahead; its mean before the origin is 3
    stock = [1.0, (1 - 4) / 4, 1 - 3]  # not known ahead: its last value
    np.testing.assert_allclose(columns.values, [[*price, *stock]])
    assert columns.groups == ["related/price"] * 4 + ["related/stock"] * 3


def test_a_calendar_series_is_unknown_outside_of_its_periods() -> None:
    columns = FeatureColumns.of(COLUMNS.of_calendar(PERIOD, PERIOD - 1, PERIOD + 1), 1, LAYOUT)
    np.testing.assert_array_equal(columns.values, [[0.0, 1.0, NAN]])


def test_attributes_are_numbers_of_categories_or_their_own() -> None:
    columns = FeatureColumns.of(COLUMNS.of_attributes(ITEM), 1, LAYOUT)
    np.testing.assert_array_equal(columns.values, [[1.0, 1.5]])
    assert columns.categorical == [0]
    assert COLUMNS.described().tolist() == [True]


def test_what_is_known_ahead_counts_in_shares_of_its_mean_alone() -> None:
    columns = FeatureColumns.of(COLUMNS.of_known_ahead(ITEM, PERIOD), 1, LAYOUT)
    mean = (2 + 4 + 2 + 4 + 9) / 5
    np.testing.assert_allclose(columns.values, [[(9 - mean) / mean]], rtol=1e-6)


def test_without_columns_there_are_rows_all_the_same() -> None:
    assert FeatureColumns.of([], 3, LAYOUT).values.shape == (3, 0)


def test_features_are_bounded() -> None:
    columns = FeatureColumns.of([("", np.array([1e90, -1e90]))], 2, LAYOUT)
    np.testing.assert_array_equal(columns.values, [[1e6], [-1e6]])
