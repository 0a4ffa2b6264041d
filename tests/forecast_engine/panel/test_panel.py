"""Panels: aggregation, filling and order of rows, by hand-worked cases."""

import numpy as np
import pytest

from forecast_engine import Fillings, Frequency, Grid, Panel, build_panel

NAN = float("nan")


def panel_of(
    rows: list[tuple[int, str, float]], frequency: str = "D", aggregation: str = "sum", fillings: Fillings | None = None
) -> Panel:
    series = np.array([row[0] for row in rows])
    timestamps = np.array([row[1] for row in rows], dtype="datetime64[s]")
    values = np.array([row[2] for row in rows])
    grid = Grid.covering(Frequency.parse(frequency), timestamps.min(), timestamps.max())
    item_ids = [f"item-{number}" for number in range(series.max() + 1)]
    return build_panel(series, timestamps, values, item_ids, grid, aggregation=aggregation, fillings=fillings)


def test_amazons_worked_example_of_hourly_alignment() -> None:
    rows = [(0, "2018-01-01T01:00", 100.0), (0, "2018-01-01T02:20", 50.0)]
    rows += [(0, "2018-01-01T02:45", 20.0), (0, "2018-01-01T04:00", 120.0)]
    panel = panel_of(rows, "H", fillings=Fillings(middlefill="nan"))
    np.testing.assert_array_equal(panel.target, [[100, 70, NAN, 120]])
    assert panel.merged_row_count == 1


@pytest.mark.parametrize(
    ("aggregation", "value"), [("sum", 9.0), ("avg", 3.0), ("first", 4.0), ("min", 2.0), ("max", 4.0)]
)
def test_rows_of_one_period_are_aggregated(aggregation: str, value: float) -> None:
    rows = [(0, "2020-01-01T12:00", 3.0), (0, "2020-01-01T01:00", 4.0), (0, "2020-01-01T23:00", 2.0)]
    assert panel_of(rows, aggregation=aggregation).target.tolist() == [[value]]


def test_a_missing_value_is_no_observation_and_adds_nothing() -> None:
    panel = panel_of([(0, "2020-01-01", 1.0), (0, "2020-01-01", NAN), (0, "2020-01-02", NAN), (0, "2020-01-03", 2.0)])
    assert panel.target.tolist() == [[1, 0, 2]]
    assert panel.observed.tolist() == [[True, False, True]]


def test_gaps_are_filled_behind_the_first_observation_only() -> None:
    rows = [(0, "2020-01-02", 5.0), (0, "2020-01-04", 7.0), (1, "2020-01-01", 1.0), (1, "2020-01-06", 1.0)]
    fillings = Fillings(middlefill="zero", backfill="value", backfill_value=2.5)
    panel = panel_of(rows, fillings=fillings)
    np.testing.assert_array_equal(panel.target, [[NAN, 5, 0, 7, 2.5, 2.5], [1, 0, 0, 0, 0, 1]])


def test_the_order_of_rows_changes_no_bit() -> None:
    random = np.random.default_rng(7)
    rows = [
        (int(item), f"2020-01-{day:02d}", value)
        for item, day, value in zip(
            random.integers(0, 3, 500), random.integers(1, 20, 500), random.normal(size=500) * 1e6, strict=True
        )
    ]
    rows += [(0, "2020-01-01", 1.0), (0, "2020-01-31", 1.0), (2, "2020-01-03", 0.1)]
    for aggregation in ("sum", "avg", "first"):
        straight = panel_of(rows, aggregation=aggregation).target
        shuffled = panel_of([rows[index] for index in random.permutation(len(rows))], aggregation=aggregation).target
        assert straight.tobytes() == shuffled.tobytes()


def test_a_row_outside_the_grid_is_refused_with_its_item() -> None:
    grid = Grid.covering(Frequency.parse("D"), np.datetime64("2020-01-01"), np.datetime64("2020-01-02"))
    late = np.array(["2020-01-05"], dtype="datetime64[s]")
    with pytest.raises(ValueError, match="Item 'sku-7' has a row at 2020-01-05"):
        build_panel(np.array([0]), late, np.array([1.0]), ["sku-7"], grid)


@pytest.mark.parametrize("value", [float("inf"), -1e150])
def test_a_value_that_would_overflow_is_refused_with_its_item(value: float) -> None:
    with pytest.raises(ValueError, match=r"Item 'item-0' has the value .* at 2020-01-02"):
        panel_of([(0, "2020-01-01", 1.0), (0, "2020-01-02", value)])


def test_a_negligible_value_is_zero() -> None:
    assert panel_of([(0, "2020-01-01", 1e-300), (0, "2020-01-02", 1e-9)]).target.tolist() == [[0.0, 1e-9]]


def test_an_unknown_aggregation_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown aggregation 'median'"):
        panel_of([(0, "2020-01-01", 1.0)], aggregation="median")
