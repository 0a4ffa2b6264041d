"""Parquet files of callers: columns by name or by position, and what does not fit."""

from pathlib import Path

import pytest

from tests.forecast_service.jobs.sample_data import ROWS, TARGET, parquet, rows_of
from tests.forecast_service.jobs.service import Service


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1.5::DECIMAL(9, 2) AS target_value, DATE '2020-01-01' AS timestamp, 'a' AS ITEM_ID",
        "SELECT 'a' AS sku, TIMESTAMP '2020-01-01' AS day, 1.5 AS sales",
        "SELECT 'a' AS item_id, '2020-01-01' AS timestamp, '1.5' AS target_value",
        "SELECT 7 AS file_row_number, 'a' AS item_id, '2020-01-01' AS timestamp, 1.5 AS target_value",
    ],
    ids=["by name", "by position", "as text", "with a column of duckdb's"],
)
def test_parquet_columns_are_taken_by_name_or_by_position(service: Service, tmp_path: Path, query: str) -> None:
    service.put("train/a.parquet", parquet(query, tmp_path))
    service.put("train/readme.txt", "not read")
    record = service.import_data(service.dataset(*TARGET), "s3://caller-data/train/", Format="PARQUET")
    assert record.message is None
    assert rows_of(service, record, tmp_path) == [("a", "2020-01-01", 1.5)]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            "SELECT 'a' AS item_id, '2020' AS timestamp, 1.5 AS target_value",
            "row 1, column timestamp: found '2020', wanted a timestamp of the form yyyy-MM-dd.",
        ),
        (
            "SELECT 'a' AS item_id, DATE '2020-01-01' AS timestamp, unnest(['1', 'two']) AS target_value",
            "row 2, column target_value: found 'two', wanted a number.",
        ),
        (
            "SELECT 7 AS File_Row_Number, 'a' AS item_id, DATE '2020-01-01' AS timestamp,"
            " unnest(['1', 'two']) AS target_value",
            "row 2, column target_value: found 'two', wanted a number.",
        ),
        ("SELECT 'a' AS item_id, 1.5 AS target_value", "found the columns item_id, target_value, wanted item_id, time"),
    ],
)
def test_parquet_that_does_not_fit_fails_with_one_sentence(
    service: Service, tmp_path: Path, query: str, sentence: str
) -> None:
    path = service.put("a.parquet", parquet(query, tmp_path))
    record = service.import_data(service.dataset(*TARGET), path, Format="PARQUET")
    assert record.status == "CREATE_FAILED"
    assert record.message is not None
    assert sentence in record.message


def test_a_csv_file_is_not_taken_for_parquet(service: Service) -> None:
    record = service.import_data(service.dataset(*TARGET), service.put("rows", ROWS), Format="PARQUET")
    assert record.message == "s3://caller-data/rows: found a file that is not Parquet, wanted Format PARQUET."
