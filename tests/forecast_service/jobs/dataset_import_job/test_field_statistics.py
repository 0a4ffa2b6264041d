"""Statistics of fields that come from sums and sketches of parts."""

import duckdb
import numpy as np
import pytest

from forecast_files.schema import Schema
from forecast_service.jobs.dataset_import_job.field_statistics import column_sums, field_statistics

SCHEMA = Schema.of_dataset(
    {
        "DatasetType": "TARGET_TIME_SERIES",
        "Domain": "CUSTOM",
        "Schema": {
            "Attributes": [
                {"AttributeName": "item_id", "AttributeType": "string"},
                {"AttributeName": "timestamp", "AttributeType": "timestamp"},
                {"AttributeName": "target_value", "AttributeType": "float"},
            ]
        },
    }
)


def table(connection: duckdb.DuckDBPyConnection, name: str, values: np.ndarray) -> None:
    connection.register("given", {"target": values})
    rows = connection.table("given").project("'a' AS item_id, TIMESTAMP '2020-01-01' AS timestamp, target")
    rows.create(name)


def test_parts_add_up_to_the_statistics_of_the_whole() -> None:
    values = np.random.default_rng(2).normal(1e6, 3, 1000)
    connection = duckdb.connect()
    for name, part in (("first", values[:10]), ("second", values[10:400]), ("third", values[400:])):
        table(connection, name, part)
    sums = [column_sums(connection, name, SCHEMA) for name in ("first", "second", "third")]
    found = field_statistics(SCHEMA, sums, {"item_id": 1, "timestamp": 1, "target_value": 1000})["target_value"]
    assert found["Avg"] == pytest.approx(values.mean(), rel=1e-12)
    assert found["Stddev"] == pytest.approx(values.std(ddof=1), rel=1e-9)
    assert (found["Min"], found["Max"]) == (repr(float(values.min())), repr(float(values.max())))


def test_counts_too_large_for_an_integer_are_in_their_long_twin_only() -> None:
    connection = duckdb.connect()
    table(connection, "rows", np.array([1.0]))
    sums = column_sums(connection, "rows", SCHEMA)
    sums["item_id"]["count"] = 3_000_000_000
    found = field_statistics(SCHEMA, [sums], {"item_id": 1, "timestamp": 1, "target_value": 1})["item_id"]
    assert (found["Count"], found["CountLong"]) == (-1, 3_000_000_000)
    assert (found["CountDistinct"], found["CountDistinctLong"]) == (1, 1)


def test_a_column_without_any_value_has_counts_only() -> None:
    connection = duckdb.connect()
    table(connection, "rows", np.array([np.nan]))
    found = field_statistics(
        SCHEMA, [column_sums(connection, "rows", SCHEMA)], {"item_id": 1, "timestamp": 1, "target_value": 0}
    )
    assert "Avg" not in found["target_value"]
    assert "Min" not in found["target_value"]
