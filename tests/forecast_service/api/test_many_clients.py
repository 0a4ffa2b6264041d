"""Fifty clients at once: those that create lose nothing, those that look never see half of anything."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from forecast_service.records.table import Records
from tests.forecast_service.shop import TARGET_SCHEMA, Shop, schema

CREATORS, POLLERS, EACH = 10, 40, 2
DESCRIBED = {"DatasetArn", "DatasetName", "Domain", "DatasetType", "DataFrequency", "Schema", "EncryptionConfig"}
DESCRIBED |= {"Status", "CreationTime", "LastModificationTime"}


@pytest.fixture
def open_quotas(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATASET_IMPORT_JOBS", "AUTO_PREDICTORS"):
        monkeypatch.setenv(f"QUOTA_PARALLEL_{name}", "1000")


def at_once(clients: list[Callable[[], Any]]) -> list[Any]:
    """What each of the clients came back with; all begin together."""
    start = threading.Barrier(len(clients))

    def run(client: Callable[[], Any]) -> Any:
        start.wait()
        return client()

    with ThreadPoolExecutor(len(clients)) as pool:
        return [future.result() for future in [pool.submit(run, client) for client in clients]]


def test_nothing_is_lost_and_nothing_is_seen_half_written(
    connect: Callable[[str], Any], records: Records, open_quotas: None
) -> None:
    group = Shop(connect("forecast"), records).imported_group()
    created = threading.Event()

    def creator(number: int) -> list[str]:
        shop, arns = Shop(connect("forecast"), records), []
        for place in range(EACH):
            dataset = shop.dataset(f"sales_{number}_{place}")
            predictor = shop.pending_auto_predictor(
                group, f"auto_{number}_{place}", MonitorConfig={"MonitorName": f"watch_{number}_{place}"}
            )
            arns += [dataset, shop.pending_import(dataset), predictor]
        return arns

    def poller() -> int:
        client, looks = connect("forecast"), 0
        while not created.is_set() or not looks:
            looks += look_at_everything(client)
            time.sleep(1)  # as a client waits between two looks
        return looks

    def create_all() -> list[str]:
        try:
            return [arn for arns in at_once([lambda n=n: creator(n) for n in range(CREATORS)]) for arn in arns]
        finally:
            created.set()

    arns, *looks = at_once([create_all, *[poller] * POLLERS])
    assert len(set(arns)) == 3 * CREATORS * EACH
    for arn in arns:
        assert records.get(arn).arn == arn
    found = [record.arn for kind in ("dataset", "dataset_import_job", "predictor") for record in records.of_kind(kind)]
    assert set(found) >= set(arns)
    assert len(records.of_kind("monitor")) == CREATORS * EACH
    assert min(looks) > 0


def look_at_everything(client: Any) -> int:
    """Describe what is listed: every resource whole, and with it what came to be with it."""
    looks = 0
    for summary in client.list_dataset_import_jobs(MaxResults=3)["DatasetImportJobs"]:
        job = client.describe_dataset_import_job(DatasetImportJobArn=summary["DatasetImportJobArn"])
        dataset = client.describe_dataset(DatasetArn=job["DatasetArn"])
        assert set(dataset) - {"ResponseMetadata"} == DESCRIBED
        assert dataset["Schema"] == schema(TARGET_SCHEMA)
        assert dataset["Status"] == ("UPDATE_PENDING" if job["Status"] == "CREATE_PENDING" else "ACTIVE")
        looks += 1
    for summary in client.list_predictors(MaxResults=3)["Predictors"]:
        predictor = client.describe_auto_predictor(PredictorArn=summary["PredictorArn"])
        monitor = client.describe_monitor(MonitorArn=predictor["MonitorInfo"]["MonitorArn"])
        assert (predictor["Status"], monitor["Status"]) == ("CREATE_PENDING", "CREATE_PENDING")
        assert monitor["ResourceArn"] == predictor["PredictorArn"]
        looks += 1
    return looks


def test_of_fifty_creations_of_one_name_one_succeeds(connect: Callable[[str], Any], records: Records) -> None:
    def create() -> str:
        client = connect("forecast")
        try:
            client.create_dataset_group(DatasetGroupName="one", Domain="CUSTOM")
        except client.exceptions.ResourceAlreadyExistsException:
            return "taken"
        return "created"

    answers = at_once([create] * (CREATORS + POLLERS))
    assert sorted(answers) == ["created"] + ["taken"] * (CREATORS + POLLERS - 1)
    assert len(records.of_kind("dataset_group")) == 1
