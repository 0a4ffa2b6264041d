"""Signs that the input of a run drifts from that of the run before, in numbers worked out by hand."""

from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

from forecast_engine import Boundary, Frequency, Grid
from forecast_pipeline.parameters.publishing_rules import DriftLimits
from forecast_pipeline.publishing.measures.input_drift import LevelSums, input_signs, level_sums
from forecast_pipeline.runs.published import Published

SAME = LevelSums(now=100, before=100, now_rows=12, before_rows=12)


def published(**changed: Any) -> Published:
    """A run that used as many rows as the run before, 1000, over the same items."""
    head = {"Accuracy": {}, "SeasonalNaive": {}, "ItemCount": 100, "Horizon": 1}
    span = {"FirstTimestamp": "2024-01-01T00:00:00", "LastTimestamp": "2024-01-01T00:00:00"}
    rows = {"Rows": {"TARGET_TIME_SERIES": {"Read": 1000, "Used": 1000}}, "RowsBefore": 1000}
    return Published.model_validate(head | span | rows | changed)


def signs(run: Published, levels: LevelSums = SAME, **limits: float) -> list[str]:
    return [*input_signs(run, levels, "12 months", DriftLimits(**limits))]


def vanished(count: int) -> dict[str, Any]:
    return {"Since": "8c01", "Earlier": 100, "New": 0, "Vanished": count}


def test_the_same_input_is_no_sign() -> None:
    assert signs(published(ItemChanges=vanished(0))) == []


def test_fewer_rows_are_a_sign_beyond_a_fifth() -> None:
    fewer = {"TARGET_TIME_SERIES": {"Read": 600, "Used": 600}}
    assert signs(published(Rows=fewer)) == [
        "600 rows of the target were used, 40 % fewer than the 1000 of the run before"
    ]
    assert signs(published(Rows=fewer), RowLoss=0.5) == []
    assert signs(published(Rows={"TARGET_TIME_SERIES": {"Read": 801, "Used": 801}})) == []


def test_items_that_vanished_are_a_sign_beyond_a_tenth() -> None:
    assert signs(published(ItemChanges=vanished(11))) == ["11 of 100 items have vanished"]
    assert signs(published(ItemChanges=vanished(10))) == []
    assert signs(published(ItemChanges=vanished(11)), ItemLoss=0.2) == []


@pytest.mark.parametrize(
    ("now", "sign"),
    [
        (160, ["the total of the last 12 months lies 60 % above that of the 12 months before"]),
        (40, ["the total of the last 12 months lies 60 % below that of the 12 months before"]),
        (149, []),
    ],
)
def test_another_level_is_a_sign_beyond_a_half(now: float, sign: list[str]) -> None:
    assert signs(published(), LevelSums(now, 100, 12, 12)) == sign
    assert signs(published(), LevelSums(now, 100, 12, 12), LevelChange=1) == []


def test_of_values_that_are_no_sums_the_means_are_compared() -> None:
    half_the_rows = LevelSums(now=50, before=100, now_rows=10, before_rows=20)
    assert signs(published(Aggregation="avg"), half_the_rows) == []  # 5 and 5
    assert signs(published(Aggregation="avg"), LevelSums(100, 100, 10, 20)) == [
        "the mean of the last 12 months lies 100 % above that of the 12 months before"
    ]


def test_few_values_or_none_are_no_level() -> None:
    assert signs(published(), LevelSums(9, 1, 9, 9)) == []
    assert signs(published(), LevelSums()) == []
    assert signs(published(), LevelSums(5, 0, 12, 12)) == []


def test_the_first_run_has_no_sign() -> None:
    assert signs(published(RowsBefore=None), LevelSums(900, 100, 12, 12)) == []


def test_levels_of_shards_add_up() -> None:
    assert SAME + LevelSums(1, 2, 3, 4) == LevelSums(101, 102, 15, 16)


@pytest.mark.parametrize(
    ("whole", "sums"), [(15, LevelSums(77, 26, 7, 6)), (14, LevelSums(70, 19, 7, 6)), (13, LevelSums())]
)
def test_the_levels_are_those_of_the_last_two_weeks_of_days(whole: int, sums: LevelSums) -> None:
    """Day d, from 0 on, has the value d, and day 2 has none: 8 + ... + 14 = 77 against 1 + 3 + ... + 7 = 26."""
    connection = duckdb.connect()
    days = np.datetime64("2024-01-01", "s") + np.arange(15) * np.timedelta64(1, "D")
    connection.execute("CREATE TABLE history (series INTEGER, timestamp TIMESTAMP, target DOUBLE)")
    for number, day in enumerate(days):
        connection.execute("INSERT INTO history VALUES (0, ?, ?)", [str(day), None if number == 2 else number])
    grid = Grid.covering(Frequency.parse("D"), days[0], days[-1], Boundary())
    tables: Any = SimpleNamespace(connection=connection)
    history: Any = SimpleNamespace(grid=grid)
    assert level_sums(tables, history, whole) == sums
