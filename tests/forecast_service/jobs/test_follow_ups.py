"""The end of a job starts the jobs that waited for it, once; it adds no step where none did."""

import pytest

from forecast_service.records.record import Record
from tests.forecast_service.jobs.sample_data import TARGET, daily_rows
from tests.forecast_service.jobs.service import ACCOUNT, Service

PREDICTOR = f"arn:aws:forecast:us-east-1:{ACCOUNT}:predictor/predictor"


@pytest.fixture
def imported(service: Service) -> Record:
    return service.import_data(service.dataset(*TARGET), service.put("train/a.csv", daily_rows(days=30)))


def companion(service: Service, kind: str, status: str = "CREATE_PENDING") -> Record:
    """What CreateAutoPredictor writes beside its predictor."""
    return service.create(kind, f"{kind}/of_the_predictor", status, parents={"predictor": PREDICTOR})


def creations(*records: Record) -> list[dict[str, str]]:
    return [{"Arn": record.arn, "Action": "create"} for record in records]


@pytest.mark.parametrize("repeats_steps", [False, True])
def test_what_came_with_a_predictor_starts_when_it_is_trained(
    service: Service, imported: Record, repeats_steps: bool
) -> None:
    companions = [companion(service, kind) for kind in ("explainability", "monitor")]
    service.machine.repeats_steps = repeats_steps
    service.machine.visited.clear()
    assert service.train(imported).status == "ACTIVE"
    assert service.machine.visited[-3:] == ["FollowUps", "HowTheJobEnded", "Succeeded"]
    assert service.started_jobs() == creations(*companions)


def test_it_starts_as_well_when_the_training_fails(service: Service, imported: Record) -> None:
    monitor = companion(service, "monitor")
    assert service.train(imported, ForecastHorizon=30).status == "CREATE_FAILED"
    assert service.machine.visited[-3:] == ["FollowUps", "HowTheJobEnded", "Failed"]
    assert service.started_jobs() == creations(monitor)


def test_it_starts_as_well_when_the_training_is_stopped(service: Service) -> None:
    monitor = companion(service, "monitor")
    parents = {"dataset_group": f"arn:aws:forecast:us-east-1:{ACCOUNT}:dataset-group/group"}
    stopping = service.create("predictor", "predictor/predictor", "CREATE_STOPPING", parents=parents)
    assert service.run(stopping, "stop").status == "CREATE_STOPPED"
    assert service.started_jobs() == creations(monitor)


@pytest.mark.parametrize("status", ["ACTIVE", "CREATE_STOPPED", "CREATE_STOPPING"])
def test_what_does_not_wait_is_not_started_and_makes_no_step(service: Service, imported: Record, status: str) -> None:
    companion(service, "monitor", status)
    assert service.train(imported).status == "ACTIVE"
    assert service.train(imported, name="other", ForecastHorizon=30).status == "CREATE_FAILED"
    assert not {"FollowUps", "HowTheJobEnded"} & set(service.machine.visited)
    assert service.started_jobs() == []


def test_a_follow_up_that_cannot_be_started_leaves_the_ended_job_as_it_is(
    service: Service, imported: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ConnectionError("Step Functions is not there")

    companion(service, "monitor")
    monkeypatch.setattr("forecast_service.records.job_start.JobStarter.start", fail)
    with pytest.raises(ConnectionError):
        service.train(imported)
    assert service.records.get(PREDICTOR).status == "ACTIVE"
