"""Monitors through the API: who gets one, what is told of it, how it rests, and how it goes."""

from typing import Any

import pytest

from forecast_service.api import reconciliation
from forecast_service.records import lifecycle
from forecast_service.records.arn import without_ulid
from forecast_service.records.record import now
from tests.forecast_service.api_client import CREATED_BY, Refused, StartedJobs
from tests.forecast_service.resources.evaluations import write_evaluation
from tests.forecast_service.shop import Shop


def retrain(shop: Shop, reference: str, name: str = "again", **request: Any) -> str:
    answer = shop.client.create_auto_predictor(PredictorName=name, ReferencePredictorArn=reference, **request)
    return answer["PredictorArn"]


def status(shop: Shop, monitor: str) -> str:
    return shop.client.describe_monitor(MonitorArn=monitor)["Status"]


def test_a_monitor_is_created_by_a_job_and_carries_a_ulid(
    shop: Shop, predictor: str, started_jobs: StartedJobs
) -> None:
    arn = shop.pending_monitor(predictor, Tags=[{"Key": "team", "Value": "shop"}])
    assert without_ulid(arn).endswith(":monitor/watch")
    assert arn != without_ulid(arn)
    assert started_jobs()[-1] == {"Arn": arn, "Action": "create"}
    assert status(shop, arn) == "CREATE_PENDING"
    baseline = {"PredictorBaseline": {"BaselineMetrics": [{"Name": "WAPE", "Value": 0.25}]}}
    shop.end(arn, {"Baseline": baseline})
    answer = shop.client.describe_monitor(MonitorArn=arn)
    assert (answer["MonitorName"], answer["MonitorArn"], answer["ResourceArn"]) == ("watch", arn, predictor)
    assert (answer["Status"], answer["Baseline"]) == ("ACTIVE", baseline)
    assert not {"LastEvaluationTime", "LastEvaluationState", "Message"} & set(answer)
    assert shop.client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "shop"}, CREATED_BY]
    (summary,) = shop.client.list_monitors()["Monitors"]
    assert set(summary) == {
        "MonitorArn",
        "MonitorName",
        "ResourceArn",
        "Status",
        "CreationTime",
        "LastModificationTime",
    }


def test_only_an_active_auto_predictor_gets_one_and_only_one(
    shop: Shop, group: str, predictor: str, monitor: str, refused: Refused
) -> None:
    with refused(
        "ResourceAlreadyExistsException", f"A monitor of this predictor already exists with the arn: {monitor}"
    ):
        shop.pending_monitor(predictor, "second")
    with refused("InvalidInputException", "is no AutoPredictor"):
        shop.pending_monitor(shop.legacy_predictor(group), "second")
    with refused("ResourceInUseException", "CREATE_PENDING"):
        shop.pending_monitor(shop.pending_auto_predictor(group, "young"), "second")
    with refused("ResourceNotFoundException"):
        shop.pending_monitor(f"{predictor}x", "second")
    other = shop.auto_predictor(group, "other")
    with refused("ResourceAlreadyExistsException", f"A monitor already exists with the arn: {monitor}"):
        shop.pending_monitor(other, "watch")


def test_monitors_are_listed_by_status(shop: Shop, group: str, monitor: str) -> None:
    second = shop.pending_monitor(shop.auto_predictor(group, "second"), "second")
    wanted = {"Key": "Status", "Value": "ACTIVE", "Condition": "IS_NOT"}
    assert [m["MonitorArn"] for m in shop.client.list_monitors()["Monitors"]] == [second, monitor]
    assert [m["MonitorArn"] for m in shop.client.list_monitors(Filters=[wanted])["Monitors"]] == [second]


def test_a_monitor_that_comes_with_a_predictor_waits_for_it(
    shop: Shop, group: str, started_jobs: StartedJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor = shop.pending_auto_predictor(group, MonitorConfig={"MonitorName": "watch"})
    info = shop.client.describe_auto_predictor(PredictorArn=predictor)["MonitorInfo"]
    assert info["Status"] == "CREATE_PENDING"
    monitor = info["MonitorArn"]
    assert shop.client.describe_monitor(MonitorArn=monitor)["ResourceArn"] == predictor
    monkeypatch.setattr(reconciliation, "now", lambda: now() + 61)
    assert status(shop, monitor) == "CREATE_PENDING"
    assert {"Arn": monitor, "Action": "create"} not in started_jobs()
    shop.end(predictor)
    status(shop, monitor)  # where the worker could not start it, this does
    assert started_jobs()[-1] == {"Arn": monitor, "Action": "create"}


def test_a_predictor_whose_monitor_cannot_be_is_not_created(
    shop: Shop, group: str, monitor: str, refused: Refused
) -> None:
    with refused("ResourceAlreadyExistsException", f"A monitor already exists with the arn: {monitor}"):
        shop.pending_auto_predictor(group, "second", MonitorConfig={"MonitorName": "watch"})
    assert [p["PredictorName"] for p in shop.client.list_predictors()["Predictors"]] == ["auto"]


def test_retraining_carries_a_monitor_over_that_is_at_work(shop: Shop, predictor: str, monitor: str) -> None:
    again = retrain(shop, predictor)
    info = shop.client.describe_auto_predictor(PredictorArn=again)["MonitorInfo"]
    assert without_ulid(info["MonitorArn"]).endswith(":monitor/again")
    assert status(shop, monitor) == "ACTIVE"
    assert shop.client.describe_monitor(MonitorArn=info["MonitorArn"])["ResourceArn"] == again


@pytest.mark.parametrize("found", ["ACTIVE_STOPPED", "CREATE_FAILED", None])
def test_a_monitor_that_is_not_at_work_is_not_carried_over(shop: Shop, predictor: str, found: str | None) -> None:
    if found:
        shop.records.update(shop.pending_monitor(predictor), status=found)
    assert "MonitorInfo" not in shop.client.describe_auto_predictor(PredictorArn=retrain(shop, predictor))
    named = retrain(shop, predictor, "third", MonitorConfig={"MonitorName": "third_watch"})
    info = shop.client.describe_auto_predictor(PredictorArn=named)["MonitorInfo"]
    assert without_ulid(info["MonitorArn"]).endswith(":monitor/third_watch")


def test_the_latest_evaluation_is_described(shop: Shop, monitor: str) -> None:
    write_evaluation(shop, monitor, 1)
    write_evaluation(shop, monitor, 2, "CREATE_FAILED", message="no values")
    write_evaluation(shop, monitor, 3, "CREATE_IN_PROGRESS")
    answer = shop.client.describe_monitor(MonitorArn=monitor)
    assert answer["LastEvaluationState"] == "FAILURE"
    assert answer["LastEvaluationTime"].timestamp() == 1_700_000_002
    assert "Message" not in answer


def test_a_monitor_goes_with_its_evaluations_whatever_they_are_at(
    shop: Shop, monitor: str, started_jobs: StartedJobs
) -> None:
    for number, found in enumerate(["ACTIVE", "CREATE_FAILED", "CREATE_IN_PROGRESS"]):
        write_evaluation(shop, monitor, number, found)
    shop.client.delete_monitor(MonitorArn=monitor)
    assert started_jobs()[-1] == {"Arn": monitor, "Action": "delete"}
    assert status(shop, monitor) == "DELETE_PENDING"


@pytest.mark.parametrize(
    ("found", "is_deletable"),
    [
        ("ACTIVE", True),
        ("ACTIVE_STOPPED", True),
        ("CREATE_FAILED", True),
        ("CREATE_STOPPED", True),
        ("ACTIVE_STOPPING", False),
        ("CREATE_IN_PROGRESS", False),
    ],
)
def test_a_monitor_is_deleted_from_the_statuses_that_allow_it(
    shop: Shop, monitor: str, refused: Refused, found: str, is_deletable: bool
) -> None:
    shop.records.update(monitor, status=found)
    if is_deletable:
        shop.client.delete_monitor(MonitorArn=monitor)
    else:
        with refused("ResourceInUseException", found):
            shop.client.delete_monitor(MonitorArn=monitor)


def test_a_predictor_with_a_monitor_goes_as_a_tree(shop: Shop, predictor: str, monitor: str, refused: Refused) -> None:
    write_evaluation(shop, monitor, 1, "CREATE_IN_PROGRESS")
    with refused("ResourceInUseException", f"it has children, such as {monitor}"):
        shop.client.delete_predictor(PredictorArn=predictor)
    shop.client.delete_resource_tree(ResourceArn=predictor)
    assert status(shop, monitor) == "DELETE_PENDING"


def test_a_stopped_monitor_can_be_resumed_and_stopped_again(
    shop: Shop, monitor: str, started_jobs: StartedJobs
) -> None:
    for _ in range(2):
        for _ in range(2):  # who asks again finds it done
            shop.client.stop_resource(ResourceArn=monitor)
            assert status(shop, monitor) == "ACTIVE_STOPPING"
        lifecycle.stopped(shop.records, monitor)  # the worker's part
        shop.client.stop_resource(ResourceArn=monitor)
        assert status(shop, monitor) == "ACTIVE_STOPPED"
        for _ in range(2):
            shop.client.resume_resource(ResourceArn=monitor)
            assert status(shop, monitor) == "ACTIVE"
    assert [job["Action"] for job in started_jobs() if job["Arn"] == monitor] == ["create", "stop", "stop"]


def test_a_monitor_that_is_being_created_is_stopped_for_good(shop: Shop, predictor: str, refused: Refused) -> None:
    monitor = shop.pending_monitor(predictor)
    shop.client.stop_resource(ResourceArn=monitor)
    assert status(shop, monitor) == "CREATE_STOPPING"
    lifecycle.stopped(shop.records, monitor)
    assert status(shop, monitor) == "CREATE_STOPPED"
    with refused("InvalidInputException", "it is CREATE_STOPPED, and must be ACTIVE_STOPPED"):
        shop.client.resume_resource(ResourceArn=monitor)


def test_what_is_stopping_cannot_be_resumed_yet(shop: Shop, monitor: str, refused: Refused) -> None:
    shop.client.stop_resource(ResourceArn=monitor)
    with refused("ResourceInUseException", "it is ACTIVE_STOPPING, and must be ACTIVE_STOPPED"):
        shop.client.resume_resource(ResourceArn=monitor)


@pytest.mark.parametrize("state", [None, "FAILED"])
def test_a_stop_that_broke_off_ends_when_the_monitor_is_described(
    shop: Shop, monitor: str, monkeypatch: pytest.MonkeyPatch, started_jobs: StartedJobs, state: str | None
) -> None:
    lifecycle.stop_active(shop.records, monitor)
    monkeypatch.setattr(reconciliation, "now", lambda: now() + 61)
    if state:
        monkeypatch.setattr("forecast_service.records.job_start.JobStarter.state", lambda self, record, action: state)
        assert status(shop, monitor) == "ACTIVE_STOPPED"
    else:
        assert status(shop, monitor) == "ACTIVE_STOPPING"
        assert started_jobs()[-1] == {"Arn": monitor, "Action": "stop"}
