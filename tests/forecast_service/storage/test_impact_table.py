"""Impacts become rows: raw, normalised, and averaged over time points and series. The numbers are worked by hand."""

import boto3
import numpy as np
import pytest
from moto import mock_aws

from forecast_service.storage.bucket import Storage
from forecast_service.storage.impact_table import ImpactTable

# [series, time point, attribute]: price and brand, of two items at two points
IMPACTS = np.array([[[-8.0, 1.0], [-4.0, 1.0]], [[2.0, 0.0], [0.0, 0.0]]])
KEYS = [("coat", "north"), ("hat", "")]
NAN = float("nan")


def rows(table: ImpactTable, values: np.ndarray) -> dict[tuple[str, ...], list[float]]:
    return dict(zip(table.labels, values.tolist(), strict=True))


def test_over_the_whole_horizon_a_series_has_its_average() -> None:
    table = ImpactTable.of_forecast(["item_id", "store"], KEYS, None, ["price", "brand"], IMPACTS)
    assert table.label_names == ["item_id", "store", "timestamp"]
    assert table.attributes == ["price", "brand"]
    raw, normalized = rows(table, table.raw), rows(table, table.normalized)
    coat, hat, everything = ("coat", "north", "Aggregate"), ("hat", "", "Aggregate"), ("Aggregate",) * 3
    assert list(raw) == [coat, hat, everything]
    assert (raw[coat], raw[hat]) == ([-6, 1], [1, 0])
    assert raw[everything] == pytest.approx([NAN, NAN], nan_ok=True)
    # The largest average is 6: the coat's price.
    assert normalized[coat] == pytest.approx([-1, 1 / 6])
    assert normalized[hat] == pytest.approx([1 / 6, 0])
    assert normalized[everything] == pytest.approx([-5 / 12, 1 / 12])


def test_chosen_time_points_have_rows_of_their_own() -> None:
    days = ["2024-04-10T00:00:00Z", "2024-04-11T00:00:00Z"]
    table = ImpactTable.of_forecast(["item_id"], [("coat",), ("hat",)], days, ["price", "brand"], IMPACTS)
    raw, normalized = rows(table, table.raw), rows(table, table.normalized)
    assert list(raw) == [
        *(("coat", label) for label in (*days, "Aggregate")),
        *(("hat", label) for label in (*days, "Aggregate")),
        ("Aggregate", "Aggregate"),
    ]
    assert raw["coat", days[0]] == [-8, 1]
    assert raw["coat", "Aggregate"] == [-6, 1]
    # The largest impact at one point is 8.
    assert normalized["coat", days[0]] == [-1, 1 / 8]
    assert normalized["coat", "Aggregate"] == [-3 / 4, 1 / 8]
    assert normalized["hat", days[1]] == [0, 0]
    assert normalized["Aggregate", "Aggregate"] == [(-3 / 4 + 1 / 8) / 2, 1 / 16]


def test_a_predictor_has_one_row_whose_sign_is_the_direction() -> None:
    # Up and down by the same much is an impact all the same; the little more decides the sign.
    table = ImpactTable.of_predictor(
        ["price", "brand", "shelf"], np.array([-1.0, 5.0, 0.0]), np.array([20.0, 5.0, 0.0])
    )
    assert (table.label_names, table.labels) == ([], [()])
    assert table.normalized.tolist() == [[-1, 1 / 4, 0]]
    assert np.isnan(table.raw).all()


@pytest.mark.parametrize("shape", [(2, 3, 2), (1, 1, 1)])
def test_where_nothing_moves_the_forecast_all_scores_are_zero(shape: tuple[int, int, int]) -> None:
    keys = [(f"item_{number}",) for number in range(shape[0])]
    attributes = [f"attribute_{number}" for number in range(shape[2])]
    table = ImpactTable.of_forecast(["item_id"], keys, None, attributes, -np.zeros(shape))
    assert table.normalized.tolist() == np.zeros_like(table.normalized).tolist()
    assert not np.signbit(table.normalized).any()  # "-0.0" would puzzle whoever reads the file


def test_a_table_that_is_read_again_is_the_same(aws_environment: None) -> None:
    table = ImpactTable.of_forecast(["item_id", "store"], KEYS, ["2024-04-10"] * 2, ["price", "brand"], IMPACTS)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="service")
        storage = Storage("service", "explainability/why/1/")
        table.save(storage)
        again = ImpactTable.load(storage)
    assert (again.label_names, again.labels, again.attributes) == (table.label_names, table.labels, table.attributes)
    np.testing.assert_array_equal(again.raw, table.raw)
    np.testing.assert_array_equal(again.normalized, table.normalized)
