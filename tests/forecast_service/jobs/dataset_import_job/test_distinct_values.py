"""Distinct values, counted from sketches of parts."""

import duckdb
import numpy as np
import pytest

from forecast_service.jobs.dataset_import_job.distinct_values import SKETCH_SIZE, distinct_count, merge_sketches, sketch


@pytest.mark.parametrize("distinct", [1, 5_000, 200_000])
def test_distinct_values_are_counted_over_parts_that_overlap(distinct: int) -> None:
    values = np.random.default_rng(3).integers(0, distinct, 3 * distinct)
    connection = duckdb.connect()
    for name, part in (("first", values[: 2 * distinct]), ("second", values[distinct:])):
        connection.register(name, {"value": part})
    counted = distinct_count(merge_sketches(sketch(connection, name, "value") for name in ("first", "second")))
    exact = len(np.unique(values))
    if exact < SKETCH_SIZE:
        assert counted == exact
    else:
        assert counted == pytest.approx(exact, rel=0.03)  # four times the standard error of the sketch


def test_null_is_no_value_and_a_condition_leaves_rows_out() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE rows AS SELECT unnest([1, 2, 2, NULL, 3]) AS value")
    assert distinct_count(sketch(connection, "rows", "value")) == 3
    assert distinct_count(sketch(connection, "rows", "value", "value < 3")) == 2
