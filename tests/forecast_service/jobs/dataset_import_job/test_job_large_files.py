"""Imports of many rows: byte ranges, shards, and steps that are repeated give the same rows."""

import io
from pathlib import Path

import duckdb
import pytest

from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.storage import shards
from forecast_service.storage.bucket import resource_prefix
from tests.forecast_service.jobs.sample_data import TARGET, rows_of
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service


@pytest.fixture
def many_rows() -> str:
    """Rows of 40 items over 30 days, with values that tell them apart."""
    return "".join(
        f"item_{item},2020-01-{day + 1:02},{item * 1000 + day}.5\n" for item in range(40) for day in range(30)
    )


def test_a_large_file_is_read_in_byte_ranges_that_lose_nothing(
    service: Service, tmp_path: Path, many_rows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = service.put("train/a.csv", "item_id,timestamp,target_value\r\n" + many_rows.replace("\n", "\r\n"))
    whole = service.import_data(service.dataset(*TARGET), path, name="whole")
    monkeypatch.setattr(read_files, "BYTES_PER_RANGE", 1777)
    monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: 4)
    cut = service.import_data(service.records.get(whole.parents["dataset"]), path, name="cut")
    assert cut.facts == whole.facts | {"shard_count": 4}
    assert cut.outcome["DataSize"] == whole.outcome["DataSize"]
    assert cut.outcome["FieldStatistics"].keys() == whole.outcome["FieldStatistics"].keys()
    for name, statistics_of_field in whole.outcome["FieldStatistics"].items():
        assert cut.outcome["FieldStatistics"][name] == pytest.approx(statistics_of_field)
    assert rows_of(service, cut, tmp_path) == rows_of(service, whole, tmp_path)
    assert len(service.keys(f"{resource_prefix(cut)}rows/", SERVICE_BUCKET)) == 4


def test_an_error_in_a_later_byte_range_names_the_line_of_the_file(
    service: Service, many_rows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_files, "BYTES_PER_RANGE", 1777)
    lines = many_rows.splitlines()
    lines[700] = "item_1,2020-01-01,wrong"
    record = service.import_data(service.dataset(*TARGET), service.put("a.csv", "\n".join(lines)))
    assert record.message is not None
    assert "line 701, column target_value: found 'wrong'" in record.message


def test_few_rows_on_many_periods_make_more_shards(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "CELLS_PER_SHARD", 10_000)
    lines = "".join(f"item_{item},{year}-01-01,{item}\n" for item in range(20) for year in (2015, 2020))
    record = service.import_data(service.dataset(*TARGET), service.put("a.csv", lines))
    days = 5 * 365 + 1 + 1
    assert record.facts["length"] == days
    assert record.facts["shard_count"] == 4  # 20 items of 1,827 days are 36,540 cells
    assert len(rows_of(service, record, tmp_path)) == 40
    assert record.facts["item_count"] == 20


def test_a_mistyped_year_that_makes_the_history_endless_is_told(service: Service) -> None:
    dataset = service.dataset(*TARGET, frequency="1min")
    record = service.import_data(dataset, service.put("a.csv", "a,2020-01-01,1\na,2202-01-02,1\n"))
    assert record.status == "CREATE_FAILED"
    assert record.message is not None
    assert "from 2020-01-01T00:00:00 to 2202-01-02T00:00:00" in record.message
    assert "Is a year mistyped?" in record.message


def test_a_repeated_step_changes_nothing(service: Service, tmp_path: Path, many_rows: str) -> None:
    path = service.put("train/a.csv", many_rows)
    dataset = service.dataset(*TARGET)
    once = service.import_data(dataset, path, name="once")
    service.machine.repeats_steps = True
    twice = service.import_data(dataset, path, name="twice")
    assert (twice.status, twice.outcome, twice.facts) == ("ACTIVE", once.outcome, once.facts)
    assert rows_of(service, twice, tmp_path) == rows_of(service, once, tmp_path)


def test_a_shard_lists_its_rows_in_the_same_order_whatever_the_order_of_the_file(
    service: Service, many_rows: str
) -> None:
    dataset = service.dataset(*TARGET)
    reverse = "\n".join(reversed(many_rows.splitlines()))
    first = service.import_data(dataset, service.put("a.csv", many_rows), name="first")
    second = service.import_data(dataset, service.put("b.csv", reverse), name="second")
    tables = [
        duckdb.read_parquet(
            io.BytesIO(service.read(f"{resource_prefix(record)}rows/0000.parquet", SERVICE_BUCKET))
        ).fetchall()
        for record in (first, second)
    ]
    assert tables[0] == tables[1]
