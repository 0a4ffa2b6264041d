"""Scenarios by hand: the replacement examples are those of Amazon's guide (two items, three days, price and stock)."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from forecast_engine import Covariates, Frequency, Grid, Panel
from forecast_files.schema import Column, Schema
from forecast_service.records.errors import InvalidInputException
from forecast_service.what_if.scenario import Baseline, Replacement
from forecast_service.what_if.scenario_columns import ScenarioColumns
from forecast_service.what_if.transformation import transformations_of

DAYS = np.array(["2022-08-01", "2022-08-02", "2022-08-03"], dtype="datetime64[s]")
ITEM, TIME = Column("item_id", "string", "item_id"), Column("timestamp", "timestamp", "timestamp")
TARGET = Schema("TARGET_TIME_SERIES", (ITEM, TIME, Column("demand", "float", "target")))
RELATED = Schema(
    "RELATED_TIME_SERIES",
    (ITEM, TIME, Column("price", "float", "feature"), Column("stock_count", "integer", "feature")),
)
METADATA = Schema(
    "ITEM_METADATA", (ITEM, Column("color", "string", "feature"), Column("shelf_life", "integer", "feature"))
)
COLUMNS = ScenarioColumns.of_schemas(TARGET, [], RELATED, METADATA)


def panel(keys: list[tuple[str, ...]], related: dict[str, Any], **attributes: list[Any]) -> Panel:
    """Two days of history, 2022-07-30 and 31, then the horizon; a related value of the history is 1."""
    grid = Grid.covering(Frequency.parse("D"), np.datetime64("2022-07-30"), np.datetime64("2022-07-31"))
    shape = (len(keys), grid.length)
    series = {name: np.hstack([np.ones(shape), np.array(values, dtype=float)]) for name, values in related.items()}
    covariates = Covariates(related=series, attributes={name: np.array(values) for name, values in attributes.items()})
    item_ids = [" ".join(key) for key in keys]
    return Panel(item_ids, grid, np.ones(shape), np.ones(shape, dtype=bool), 0, covariates)


@pytest.fixture
def baseline() -> Baseline:
    keys: list[tuple[str, ...]] = [("item_1",), ("item_2",)]
    related = {"price": [[100, 100, 100], [75, 75, 75]], "stock_count": [[50, 50, 50], [500, 500, 500]]}
    return Baseline(panel(keys, related, color=["blue", ""], shelf_life=[30.0, np.nan]), keys, ["item_id"])


def transformation(attribute: str, operation: str, value: float, *conditions: tuple[str, str, str]) -> dict[str, Any]:
    action = {"AttributeName": attribute, "Operation": operation, "Value": value}
    named = [dict(zip(("AttributeName", "Condition", "AttributeValue"), c, strict=True)) for c in conditions]
    return {"Action": action, "TimeSeriesConditions": named}


def transformed(baseline: Baseline, *request: dict[str, Any], columns: ScenarioColumns = COLUMNS) -> dict[str, Any]:
    """The horizon of each related series after the transformations."""
    changed = baseline.transformed(transformations_of(request, columns))
    return future(changed)


def future(changed: Panel) -> dict[str, Any]:
    return {name: values[:, changed.grid.length :].tolist() for name, values in changed.covariates.related.items()}


@pytest.mark.parametrize(
    ("operation", "value", "prices"),
    [
        ("ADD", 2.5, [[102.5] * 3, [77.5] * 3]),
        ("SUBTRACT", 80, [[20.0] * 3, [-5.0] * 3]),
        ("MULTIPLY", 0.5, [[50.0] * 3, [37.5] * 3]),
        ("DIVIDE", 4, [[25.0] * 3, [18.75] * 3]),
    ],
)
def test_an_action_without_conditions_changes_all_rows_of_its_attribute(
    baseline: Baseline, operation: str, value: float, prices: list[list[float]]
) -> None:
    assert transformed(baseline, transformation("price", operation, value)) == {
        "price": prices,
        "stock_count": [[50.0] * 3, [500.0] * 3],
    }


@pytest.mark.parametrize(
    ("condition", "halved"),
    [
        (("item_id", "EQUALS", "item_2"), [[0, 0, 0], [1, 1, 1]]),
        (("item_id", "NOT_EQUALS", "item_2"), [[1, 1, 1], [0, 0, 0]]),
        (("ITEM_ID", "EQUALS", "ITEM_2"), [[0, 0, 0], [0, 0, 0]]),  # names are of any case, values are not
        (("timestamp", "EQUALS", "2022-08-02 00:00:00"), [[0, 1, 0], [0, 1, 0]]),
        (("timestamp", "EQUALS", "2022-08-02 13:00:00"), [[0, 1, 0], [0, 1, 0]]),  # the day that holds it
        (("timestamp", "NOT_EQUALS", "2022-08-02"), [[1, 0, 1], [1, 0, 1]]),
        (("timestamp", "LESS_THAN", "2022-08-02 13:00:00"), [[1, 0, 0], [1, 0, 0]]),
        (("Timestamp", "GREATER_THAN", "2022-08-02"), [[0, 0, 1], [0, 0, 1]]),
        (("timestamp", "GREATER_THAN", "2019-09-01 00:00:00"), [[1, 1, 1], [1, 1, 1]]),
        (("color", "EQUALS", "blue"), [[1, 1, 1], [0, 0, 0]]),
        (("color", "NOT_EQUALS", "red"), [[1, 1, 1], [0, 0, 0]]),  # of what is unknown nothing holds
        (("shelf_life", "LESS_THAN", "30.5"), [[1, 1, 1], [0, 0, 0]]),
        (("shelf_life", "NOT_EQUALS", "31"), [[1, 1, 1], [0, 0, 0]]),
        (("stock_count", "GREATER_THAN", "50"), [[0, 0, 0], [1, 1, 1]]),
        (("stock_count", "EQUALS", "50"), [[1, 1, 1], [0, 0, 0]]),
    ],
)
def test_a_condition_chooses_the_rows(
    baseline: Baseline, condition: tuple[str, str, str], halved: list[list[int]]
) -> None:
    prices = np.array([[100.0] * 3, [75.0] * 3])
    expected = np.where(np.array(halved) == 1, prices / 2, prices)
    found = transformed(baseline, transformation("price", "MULTIPLY", 0.5, condition))["price"]
    assert found == expected.tolist()


def test_all_conditions_have_to_hold(baseline: Baseline) -> None:
    conditions = [("item_id", "EQUALS", "item_1"), ("timestamp", "GREATER_THAN", "2022-08-01")]
    found = transformed(baseline, transformation("price", "MULTIPLY", 0.9, *conditions))
    assert found["price"] == [[100, 90, 90], [75, 75, 75]]


def test_transformations_are_applied_in_their_order_each_to_what_the_one_before_left(baseline: Baseline) -> None:
    add, double = transformation("price", "ADD", 10), transformation("PRICE", "MULTIPLY", 2)
    assert transformed(baseline, add, double)["price"] == [[220.0] * 3, [170.0] * 3]
    assert transformed(baseline, double, add)["price"] == [[210.0] * 3, [160.0] * 3]
    only_dear = transformation("price", "SUBTRACT", 1, ("price", "GREATER_THAN", "180"))
    assert transformed(baseline, double, only_dear)["price"] == [[199.0] * 3, [150.0] * 3]


def test_only_the_horizon_changes_and_the_baseline_stays_as_it_is(baseline: Baseline) -> None:
    before = copy.deepcopy(baseline.panel)
    changed = baseline.transformed(transformations_of([transformation("price", "ADD", 1)], COLUMNS))
    for name, values in changed.covariates.related.items():
        assert (values[:, :2] == 1).all()
        np.testing.assert_array_equal(baseline.related[name], before.covariates.related[name])
    assert changed.target is baseline.panel.target
    assert changed.covariates.attributes is baseline.panel.covariates.attributes
    assert baseline.changed_value_count(changed) == 6
    assert baseline.changed_value_count(baseline.panel) == 0


def test_what_is_unknown_stays_unknown_and_meets_no_condition() -> None:
    keys: list[tuple[str, ...]] = [("a",)]
    unknown = Baseline(panel(keys, {"price": [[np.nan, 5, 5]], "stock_count": [[1, np.nan, 1]]}), keys, ["item_id"])
    double = transformation("price", "MULTIPLY", 2, ("stock_count", "NOT_EQUALS", "7"))
    found = transformed(unknown, double)
    np.testing.assert_array_equal(found["price"], [[np.nan, 5, 10]])


@pytest.mark.parametrize("value", [1e99, 1e300])
def test_a_value_that_nothing_could_be_computed_with_is_refused_by_its_place(baseline: Baseline, value: float) -> None:
    with pytest.raises(ValueError, match=r"gives price of item_1 the value .* at 2022-08-03T00:00:00: wanted a number"):
        transformed(baseline, transformation("price", "MULTIPLY", value, ("timestamp", "GREATER_THAN", "2022-08-02")))


Row = tuple[str, str, float | None, float | None]  # item, day, price, stock


def replacement(rows: Sequence[Row]) -> Replacement:
    keys: list[tuple[str, ...]] = sorted({(row[0],) for row in rows})
    return Replacement(
        key_names=["item_id"],
        keys=keys,
        index=np.array([keys.index((row[0],)) for row in rows]),
        timestamps=np.array([row[1] for row in rows], dtype="datetime64[s]"),
        values={
            "price": np.array([row[2] for row in rows], dtype=float),
            "stock_count": np.array([row[3] for row in rows], dtype=float),
        },
    )


DISCOUNT = [("item_1", "2022-08-02", 90.0, None), ("item_1", "2022-08-03", 90.0, None)]


@pytest.mark.parametrize(
    "rows",
    [
        DISCOUNT,
        [("item_1", "2022-08-02", 90.0, 50.0), ("item_1", "2022-08-03", 90.0, 50.0)],  # an unchanged column
        [*DISCOUNT, ("item_1", "2022-08-01", 100.0, None), ("item_2", "2022-08-01", 75.0, None)],  # unchanged rows
        [*DISCOUNT, ("item_1", "2022-07-31", 7.0, None), ("item_1", "2022-08-04", 7.0, 7.0)],  # beyond the horizon
        [*DISCOUNT, ("item_3", "2022-08-02", 7.0, 7.0)],  # no series of the baseline
    ],
)
def test_a_replacement_says_only_what_it_changes(baseline: Baseline, rows: Sequence[Row]) -> None:
    assert future(baseline.replaced(replacement(rows))) == {
        "price": [[100, 90, 90], [75, 75, 75]],
        "stock_count": [[50, 50, 50], [500, 500, 500]],
    }


def test_missing_values_of_a_replacement_are_those_of_the_baseline(baseline: Baseline) -> None:
    rows = [*DISCOUNT, ("item_2", "2022-08-01", None, 600.0)]
    assert future(baseline.replaced(replacement(rows))) == {
        "price": [[100, 90, 90], [75, 75, 75]],
        "stock_count": [[50, 50, 50], [600, 500, 500]],
    }


def test_a_replacement_without_a_dimension_goes_to_all_series_that_have_it() -> None:
    keys: list[tuple[str, ...]] = [("item_1", "store_1"), ("item_1", "store_2"), ("item_2", "store_1")]
    series = {"price": [[100.0] * 3, [75.0] * 3, [50.0] * 3], "stock_count": [[1.0] * 3] * 3}
    stores = Baseline(panel(keys, series), keys, ["item_id", "store_id"])
    assert future(stores.replaced(replacement(DISCOUNT)))["price"] == [[100, 90, 90], [75, 90, 90], [50, 50, 50]]
    of_store = Replacement(["store_id"], [("store_1",)], np.zeros(1, dtype=int), DAYS[1:2], {"price": np.array([1.0])})
    assert future(stores.replaced(of_store))["price"] == [[100, 1, 100], [75, 75, 75], [50, 1, 50]]


def test_conditions_name_dimensions() -> None:
    keys: list[tuple[str, ...]] = [("item_1", "seattle"), ("item_1", "")]
    cities = Baseline(panel(keys, {"price": [[10.0] * 3] * 2}), keys, ["item_id", "city"])
    city = Column("city", "string", "dimension")
    related = Schema("RELATED_TIME_SERIES", (ITEM, city, TIME, Column("price", "float", "feature")))
    columns = ScenarioColumns.of_schemas(Schema("TARGET_TIME_SERIES", (*TARGET.columns, city)), ["city"], related, None)
    equal = transformation("price", "MULTIPLY", 0.9, ("city", "EQUALS", "seattle"))
    assert transformed(cities, equal, columns=columns)["price"] == [[9.0] * 3, [10.0] * 3]
    other = transformation("price", "MULTIPLY", 0.9, ("city", "NOT_EQUALS", "seattle"))
    assert transformed(cities, other, columns=columns)["price"] == [[10.0] * 3, [9.0] * 3]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            transformation("demand", "ADD", 1),
            "TimeSeriesTransformations, number 2: demand is no related attribute; a scenario may change price, stock_c",
        ),
        (transformation("color", "ADD", 1), "color is no related attribute"),
        (transformation("price", "DIVIDE", 0.0), "number 2: nothing can be divided by 0"),
        (transformation("price", "ADD", float("nan")), "number 2: Value is not a finite number"),
        (transformation("price", "ADD", float("-inf")), "Value is not a finite number"),
        (transformation("price", "ADD", 10**400), "Value is not a finite number"),
        ({"TimeSeriesConditions": []}, "number 2: Action is required"),
        (
            transformation("price", "ADD", 1, ("size", "EQUALS", "1")),
            "size is no attribute that a condition may name; there are item_id, timestamp, color, shelf_life, price, s",
        ),
        (
            transformation("price", "ADD", 1, ("color", "LESS_THAN", "blue")),
            "color is text, which is compared by EQUALS and NOT_EQUALS; found LESS_THAN",
        ),
        (transformation("price", "ADD", 1, ("item_id", "GREATER_THAN", "a")), "item_id is text"),
        (
            transformation("price", "ADD", 1, ("shelf_life", "EQUALS", "long")),
            "shelf_life is a number; found the AttributeValue 'long'",
        ),
        (transformation("price", "ADD", 1, ("price", "EQUALS", "inf")), "price is a number; found"),
        (
            transformation("price", "ADD", 1, ("timestamp", "LESS_THAN", "01/02/2022")),
            "timestamp has the form 2019-09-01 00:00:00 or 2019-09-01; found the AttributeValue '01/02/2022'",
        ),
    ],
)
def test_what_means_nothing_is_refused_with_one_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInputException) as refusal:
        transformations_of([transformation("price", "ADD", 1), wrong], COLUMNS)
    assert sentence in refusal.value.message
