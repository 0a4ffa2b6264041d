"""An unfinished last period is left out of an import that carries the tag, and counted."""

import numpy as np
import pytest

from forecast_contract.partial_period import partial_period_tag
from forecast_files.left_out import LeftOut
from forecast_service.storage.bucket import Storage, resource_prefix
from forecast_service.storage.imported_dataset import ImportedDataset
from tests.forecast_service.jobs.sample_data import TARGET
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service

MONDAY = np.datetime64("2024-01-01")


def days(count: int) -> str:
    """Two items by the day, from a Monday on; the second begins a week late."""
    rows = [f"a,{MONDAY + day},1" for day in range(count)] + [f"b,{MONDAY + day},2" for day in range(7, count)]
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("count", "tag", "kept", "left_out"),
    [
        (37, partial_period_tag("W", {}), 35, 4),  # two days of the sixth week, of two items
        (35, partial_period_tag("W", {}), 35, 0),
        (37, partial_period_tag("W", {"DayOfWeek": "WEDNESDAY"}), 37, 0),  # the last day is a Tuesday
        (100, partial_period_tag("M", {}), 91, 18),  # nine days of April
    ],
)
def test_the_rows_of_an_unfinished_last_period_are_left_out(
    service: Service, count: int, tag: dict[str, str], kept: int, left_out: int
) -> None:
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", days(count)), tags=[tag])
    rows = count + count - 7
    assert record.message is None
    assert record.facts["row_count"] == rows - left_out
    assert record.facts["length"] == kept
    assert record.facts["last_timestamp"] == f"{MONDAY + kept - 1}T00:00:00"
    imported = ImportedDataset.of(Storage(SERVICE_BUCKET, resource_prefix(record)))
    assert imported.last == f"{MONDAY + kept - 1}T00:00:00"
    told = LeftOut.of_sentence(record.outcome.get("Message", ""))
    assert told == ((LeftOut({"period": left_out}), rows) if left_out else None)


def test_without_the_tag_the_last_period_counts_as_a_whole_one(service: Service) -> None:
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", days(37)))
    assert (record.facts["length"], record.facts["left_out_row_count"]) == (37, 0)


def test_a_tag_that_names_no_frequency_fails_the_import(service: Service) -> None:
    tag = partial_period_tag("fortnight", {})
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", days(37)), tags=[tag])
    assert record.status == "CREATE_FAILED"
    assert "Unknown frequency 'fortnight'" in str(record.message)
