"""The whole way of a monitor: a real client asks the API, and the jobs that this starts run on the job machine."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from forecast_service.records.arn import without_ulid
from forecast_service.records.record import JsonObject
from tests.forecast_service.jobs.sample_data import daily_rows
from tests.forecast_service.jobs.service import ROLE_ARN, SERVICE_BUCKET, Service
from tests.forecast_service.jobs.state_machine import HURRIED
from tests.forecast_service.shop import schema

HISTORY, HORIZON = 42, 3


@pytest.fixture
def aws(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API's handler works on the same table and starts the jobs of the same machine as the worker."""
    monkeypatch.setenv("JOB_STATE_MACHINE_ARN", service.machine_arn)
    monkeypatch.setenv("ONLY_READS", "false")


class Caller:
    """Calls the API, and lets all jobs end that a call starts."""

    def __init__(self, client: Any, service: Service) -> None:
        self.client = client
        self.service = service
        attributes = {"item_id": "string", "timestamp": "timestamp", "target_value": "float"}
        self.dataset = client.create_dataset(
            DatasetName="sales",
            Domain="CUSTOM",
            DatasetType="TARGET_TIME_SERIES",
            DataFrequency="D",
            Schema=schema(attributes),
        )["DatasetArn"]
        self.group = client.create_dataset_group(DatasetGroupName="shop", Domain="CUSTOM", DatasetArns=[self.dataset])[
            "DatasetGroupArn"
        ]
        self.import_days("start", HISTORY)

    def import_days(self, name: str, days: int) -> str:
        path = self.service.put(f"{name}.csv", daily_rows(items=4, days=days))
        answer = self.client.create_dataset_import_job(
            DatasetImportJobName=name,
            DatasetArn=self.dataset,
            DataSource={"S3Config": {"Path": path, "RoleArn": ROLE_ARN}},
            TimestampFormat="yyyy-MM-dd",
        )
        return self._ended(answer["DatasetImportJobArn"])

    def train(self, name: str = "auto", **request: Any) -> str:
        if "ReferencePredictorArn" not in request:
            data = {"DatasetGroupArn": self.group}
            request |= {"ForecastHorizon": HORIZON, "ForecastFrequency": "D", "DataConfig": data}
        return self._ended(self.client.create_auto_predictor(PredictorName=name, **request)["PredictorArn"])

    def forecast(self, predictor: str, name: str) -> str:
        return self._ended(self.client.create_forecast(ForecastName=name, PredictorArn=predictor)["ForecastArn"])

    def monitor_of(self, predictor: str) -> str:
        return str(self.client.describe_auto_predictor(PredictorArn=predictor)["MonitorInfo"]["MonitorArn"])

    def evaluations(self, monitor: str) -> list[JsonObject]:
        answer = self.client.list_monitor_evaluations(MonitorArn=monitor)
        return list(answer["PredictorMonitorEvaluations"])

    def status(self, arn: str) -> str:
        return self.service.records.get(arn).status

    def _ended(self, arn: str) -> str:
        self.service.run_started()
        return arn


@pytest.fixture
def caller(forecast: Any, service: Service) -> Caller:
    return Caller(forecast, service)


@pytest.fixture
def predictor(caller: Caller) -> str:
    """A predictor with a monitor."""
    return caller.train(MonitorConfig={"MonitorName": "watch"})


def test_a_later_import_evaluates_the_forecast_of_a_monitored_predictor(caller: Caller, predictor: str) -> None:
    monitor = caller.monitor_of(predictor)
    described = caller.client.describe_monitor(MonitorArn=monitor)
    accuracy = caller.client.get_accuracy_metrics(PredictorArn=predictor)["PredictorEvaluationResults"][0]
    summary = accuracy["TestWindows"][0]["Metrics"]
    baseline = {m["Name"]: m["Value"] for m in described["Baseline"]["PredictorBaseline"]["BaselineMetrics"]}
    assert described["Status"] == "ACTIVE"
    assert list(baseline) == ["AverageWeightedQuantileLoss", "MAPE", "MASE", "RMSE", "WAPE"]
    assert baseline["RMSE"] == summary["RMSE"]
    assert baseline["AverageWeightedQuantileLoss"] == summary["AverageWeightedQuantileLoss"]
    assert caller.evaluations(monitor) == []

    forecast = caller.forecast(predictor, "first")
    caller.import_days("half", HISTORY + HORIZON - 1)
    assert caller.evaluations(monitor) == []
    later = caller.import_days("later", HISTORY + HORIZON)
    caller.import_days("more", HISTORY + HORIZON + 1)
    (evaluation,) = caller.evaluations(monitor)
    assert evaluation["EvaluationState"] == "SUCCESS"
    assert evaluation["NumItemsEvaluated"] == 4
    assert evaluation["MonitorDataSource"] == {
        "DatasetImportJobArn": later,
        "ForecastArn": forecast,
        "PredictorArn": predictor,
    }
    assert "PredictorEvent" not in evaluation
    found = {result["MetricName"]: result["MetricValue"] for result in evaluation["MetricResults"]}
    assert list(found) == list(baseline)
    assert 0 < found["RMSE"] < 3  # the noise of the rows has a deviation of 1
    described = caller.client.describe_monitor(MonitorArn=monitor)
    assert described["LastEvaluationState"] == "SUCCESS"
    assert described["LastEvaluationTime"] == evaluation["EvaluationTime"]


def test_a_stopped_monitor_evaluates_nothing_until_it_is_resumed(caller: Caller, predictor: str) -> None:
    monitor = caller.monitor_of(predictor)
    caller.forecast(predictor, "first")
    caller.client.stop_resource(ResourceArn=monitor)
    assert caller.status(monitor) == "ACTIVE_STOPPING"
    caller.service.run_started()
    assert caller.status(monitor) == "ACTIVE_STOPPED"
    caller.import_days("while_stopped", HISTORY + HORIZON)
    assert caller.evaluations(monitor) == []
    caller.client.resume_resource(ResourceArn=monitor)
    assert caller.evaluations(monitor) == []
    caller.import_days("again", HISTORY + HORIZON)
    assert len(caller.evaluations(monitor)) == 1


def test_a_stop_ends_the_evaluation_that_is_at_work(caller: Caller, predictor: str) -> None:
    monitor, service = caller.monitor_of(predictor), caller.service
    caller.forecast(predictor, "first")
    handler = service.machine._handler
    stopped: list[str] = []

    def stop_before_the_evaluation_runs(event: dict[str, Any], context: Any) -> Any:
        if event["Step"] == "run" and ":monitor-evaluation/" in event["Arn"] and not stopped:
            stopped.append(event["Arn"])
            caller.client.stop_resource(ResourceArn=monitor)
            service.run_started()
        return handler(event, context)

    service.machine._handler = stop_before_the_evaluation_runs
    service.machine.context = HURRIED  # each step is an invocation of its own
    caller.import_days("later", HISTORY + HORIZON)
    assert (caller.status(monitor), caller.status(stopped[0])) == ("ACTIVE_STOPPED", "CREATE_STOPPED")
    assert caller.evaluations(monitor) == []
    caller.client.resume_resource(ResourceArn=monitor)
    caller.import_days("again", HISTORY + HORIZON)
    assert len(caller.evaluations(monitor)) == 1


def test_the_monitor_of_a_retrained_predictor_begins_with_what_the_one_before_found(
    caller: Caller, predictor: str
) -> None:
    first = caller.monitor_of(predictor)
    caller.forecast(predictor, "first")
    caller.import_days("later", HISTORY + HORIZON)
    again = caller.train("again", ReferencePredictorArn=predictor)
    second = caller.monitor_of(again)
    assert (caller.status(first), caller.status(second)) == ("ACTIVE", "ACTIVE")
    assert without_ulid(second).endswith(":monitor/again")
    (old,), (carried_over,) = caller.evaluations(first), caller.evaluations(second)
    assert carried_over == old | {"MonitorArn": second, "ResourceArn": again}

    caller.forecast(again, "second")
    caller.import_days("latest", HISTORY + 2 * HORIZON)
    newest, oldest = caller.evaluations(second)
    assert oldest == carried_over
    retrained = caller.client.describe_auto_predictor(PredictorArn=again)["CreationTime"]
    assert newest["PredictorEvent"] == {"Detail": "Retrain", "Datetime": retrained}
    assert oldest["EvaluationTime"] < retrained < newest["EvaluationTime"]
    assert caller.evaluations(first) == [old]

    caller.client.delete_resource_tree(ResourceArn=predictor)
    caller.service.run_started()
    assert caller.evaluations(second) == [newest, oldest]


def test_a_monitor_whose_predictor_fails_says_so(caller: Caller, service: Service) -> None:
    arn = caller.client.create_auto_predictor(
        PredictorName="auto",
        ForecastHorizon=HORIZON,
        ForecastFrequency="D",
        DataConfig={"DatasetGroupArn": caller.group},
        MonitorConfig={"MonitorName": "watch"},
    )["PredictorArn"]
    for key in service.keys("dataset-import-job/", SERVICE_BUCKET):
        service.s3.delete_object(Bucket=SERVICE_BUCKET, Key=key)
    service.run_started()
    assert caller.status(arn) == "CREATE_FAILED"
    described = caller.client.describe_monitor(MonitorArn=caller.monitor_of(arn))
    assert described["Status"] == "CREATE_FAILED"
    assert described["Message"] == f"The predictor {arn} is CREATE_FAILED, wanted one that is ACTIVE."


def test_a_deleted_monitor_leaves_nothing(caller: Caller, predictor: str) -> None:
    monitor, records = caller.monitor_of(predictor), caller.service.records
    caller.forecast(predictor, "first")
    caller.import_days("later", HISTORY + HORIZON)
    (evaluation,) = records.children_of(monitor)
    caller.client.delete_monitor(MonitorArn=monitor)
    caller.service.run_started()
    for gone in (monitor, evaluation.arn):
        with pytest.raises(Exception, match="No resource found"):
            records.get(gone)
    assert not [key for key in caller.service.keys(bucket=SERVICE_BUCKET) if key.startswith("monitor")]
    caller.import_days("more", HISTORY + HORIZON + 1)
    assert records.of_kind("monitor_evaluation") == []
    with pytest.raises(ClientError, match="No resource found"):
        caller.evaluations(monitor)
    assert "MonitorInfo" not in caller.client.describe_auto_predictor(PredictorArn=predictor)


def test_an_evaluation_that_is_at_work_when_its_monitor_goes_has_nothing_left_to_do(
    caller: Caller, predictor: str
) -> None:
    monitor, service = caller.monitor_of(predictor), caller.service
    caller.forecast(predictor, "first")
    handler = service.machine._handler
    ends: list[str] = []

    def delete_before_the_evaluation_ends(event: dict[str, Any], context: Any) -> Any:
        if event["Step"] == "finish" and ":monitor-evaluation/" in event["Arn"] and not ends:
            caller.client.delete_monitor(MonitorArn=monitor)
            service.run_started()
            ends.append(handler(event, context)["Done"])
        return handler(event, context)

    service.machine._handler = delete_before_the_evaluation_ends
    service.machine.context = HURRIED
    caller.import_days("later", HISTORY + HORIZON)
    assert ends == [True]
    assert service.machine.visited[-1] == "Succeeded"
    assert service.records.of_kind("monitor_evaluation") == []
