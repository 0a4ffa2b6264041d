"""Batches of shards: how many there are, and what a worker does whose time is over."""

from typing import Any

import pytest

from forecast_service.jobs.base.batches import ShardsLeft, batches
from tests.forecast_service.jobs.sample_data import TARGET
from tests.forecast_service.jobs.service import ROLE_ARN, SERVICE_BUCKET, Service
from tests.forecast_service.jobs.state_machine import CONTEXT, HURRIED


@pytest.mark.parametrize(
    ("shards", "workers", "count"), [(64, 5, 10), (2048, 5, 10), (3, 5, 3), (2048, 300, 600), (0, 5, 0)]
)
def test_a_worker_gets_two_batches_whose_sizes_differ_by_one_at_most(shards: int, workers: int, count: int) -> None:
    made = batches(list(range(shards)), workers)
    assert len(made) == count
    assert sorted(shard for batch in made for shard in batch) == list(range(shards))
    assert max(map(len, made), default=0) - min(map(len, made), default=0) <= 1


def test_a_batch_whose_time_is_over_goes_on_where_it_was(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecast_service.jobs.dataset_import_job.read_files.MOST_RANGES", 1)  # a shard for each file
    for number in range(5):
        service.put(f"train/{number}.csv", f"item_{number},2020-01-01,1\n")
    dataset = service.dataset(*TARGET)
    service.records.update(dataset.arn, status="UPDATE_PENDING")
    source = {"S3Config": {"Path": "s3://caller-data/train/", "RoleArn": ROLE_ARN}}
    request = {"DataSource": source, "TimestampFormat": "yyyy-MM-dd"}
    record = service.create(
        "dataset_import_job", "dataset-import-job/sales/a", request=request, parents={"dataset": dataset.arn}
    )
    handler = service.machine._handler
    planned = handler({"Step": "plan", "Arn": record.arn, "Action": "create"}, HURRIED)
    assert planned["Batches"] == [[0, 2, 4], [1, 3]]
    first = planned["Batches"][0]
    event = {"Step": "run", "Arn": record.arn, "Action": "create", "Round": 0, "Shards": first}

    def results() -> list[str]:
        return [key for key in service.keys(bucket=SERVICE_BUCKET) if "/work/results/0/" in key]

    for number in range(1, len(first)):
        with pytest.raises(ShardsLeft, match=f"{len(first) - number} of {len(first)} shards of the batch are left"):
            handler(event, HURRIED)
        assert len(results()) == number
    handler(event, HURRIED)
    assert len(results()) == len(first)
    written: list[Any] = []
    monkeypatch.setattr("forecast_service.jobs.dataset_import_job.read_files.Reading.run", written.append)
    handler(event, CONTEXT)
    assert written == []
