"""A worker killed, a store throttled or broken, an answer lost, anywhere in a job: the same numbers, or a sentence.

Every call that the worker makes of DynamoDB, S3, STS and Step Functions is a position at which one fault may happen.
Step Functions tries a step again, so the job of each kind has to end ACTIVE, with what it leaves undisturbed.
A fault takes its turn at every fourth position; with FAULTS=everywhere in the environment, at each.
"""

import io
import itertools
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import numpy as np
import pytest
from botocore.exceptions import ConnectionClosedError
from moto import mock_aws

from forecast_service.api import reconciliation
from forecast_service.records.errors import ResourceNotFoundException
from forecast_service.records.job_start import execution_name
from forecast_service.records.record import now
from forecast_service.records.table import Records
from forecast_service.storage.bucket import resource_prefix
from tests.conftest import set_aws_environment
from tests.contract.conftest import BUCKET, HOME, Amazon
from tests.forecast_service.api_environment import TABLE, create_service
from tests.forecast_service.jobs.state_machine import CONTEXT

SERVICE_BUCKET = "service-bucket"
ITEMS = "abcdef"  # of 60 days each: enough for the model that learns across them, which what-ifs need
TIMES = re.compile(r"_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ")  # in the names of exported files
EVERYTHING = {"TimeSeriesGranularity": "ALL", "TimePointGranularity": "ALL"}
THROTTLED = {
    "TransactWriteItems": "TransactionCanceledException",
    "dynamodb": "ProvisionedThroughputExceededException",
    "s3": "SlowDown",
    "sts": "Throttling",
    "stepfunctions": "ThrottlingException",
}


class Killed(BaseException):
    """Ends a worker wherever it is: nothing that it could catch."""


@dataclass
class Faults:
    """Counts the worker's calls, and lets one of them, or all from one on, go wrong.

    ``kind``: ``throttled`` and ``broken`` refuse a call, ``lost`` drops the answer of one that was done, ``killed``
    ends the worker when it was done. A lasting fault spares the step that writes how the job failed.
    """

    kind: str = ""
    position: int = -1
    lasts: bool = False
    is_worker: bool = False
    calls: list[str] = field(default_factory=list)

    def watch(self, session: Any) -> None:
        """Look at all calls of clients that the session will make."""
        session.events.register("before-call", self._before)
        session.events.register("after-call", self._after)

    @contextmanager
    def at(self, kind: str, position: int, lasts: bool = False) -> Iterator[None]:
        """Let the call at a position fail so, and all behind it where it lasts."""
        self.kind, self.position, self.lasts, self.calls = kind, position, lasts, []
        try:
            yield
        finally:
            self.kind, self.position = "", -1

    def worker(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """The handler of the worker, whose calls are counted."""

        def run(event: dict[str, Any], context: Any) -> Any:
            self.is_worker = not (self.lasts and event["Step"] == "fail")
            try:
                return handler(event, context)
            except Killed as killed:
                raise RuntimeError("Runtime.ExitError") from killed
            finally:
                self.is_worker = False

        return run

    def _hits(self, position: int) -> bool:
        return position == self.position or (self.lasts and 0 <= self.position <= position)

    def _before(self, model: Any, **_rest: Any) -> tuple[Any, dict[str, Any]] | None:
        if not self.is_worker:
            return None
        self.calls.append(model.name)
        if self.kind not in ("throttled", "broken") or not self._hits(len(self.calls) - 1):
            return None
        service = model.service_model.service_name
        throttled = THROTTLED.get(model.name, THROTTLED[service])
        code, status = (throttled, 400) if self.kind == "throttled" else ("InternalError", 500)
        reasons = [{"Code": "ThrottlingError", "Message": "Throughput exceeds the current capacity"}]
        answer = {
            "Error": {"Code": code, "Message": code},
            "CancellationReasons": reasons,
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        return SimpleNamespace(status_code=status), answer

    def _after(self, **_rest: Any) -> None:
        if self.is_worker and self._hits(len(self.calls) - 1):
            if self.kind == "lost":
                raise ConnectionClosedError(endpoint_url="https://aws.test")
            if self.kind == "killed":
                raise Killed


class World(Amazon):
    """The whole service with faults in its worker, and what its jobs need, made undisturbed."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self.faults = faults
        self.machine._handler = faults.worker(self.machine._handler)
        self.machine.attempts = 4  # a first one and the three retries of forecast_job.asl.json
        self.records = Records(TABLE)
        self._undisturbed: dict[str, tuple[int, Any]] = {}
        ahead = [str(date(2020, 1, 1) + timedelta(number)) for number in range(67)]
        days = ahead[:60]
        series = {"item_id": "string", "timestamp": "timestamp"}
        target = self.dataset("sales")
        related = self.dataset("prices", series | {"price": "float"}, DatasetType="RELATED_TIME_SERIES")
        sold = [f"{item},{day},{(n * n) % 11 + n % 7}\n" for item in ITEMS for n, day in enumerate(days)]
        prices = [f"{item},{day},{n * n % 11}\n" for item in ITEMS for n, day in enumerate(ahead)]
        self.content = "".join(sold)
        newer = [f"{item},{day},{n % 5}\n" for item in ITEMS for n, day in enumerate(ahead[60:])]
        self.newer = self.content + "".join(newer)
        self.import_csv(target, self.content, TimestampFormat="yyyy-MM-dd")
        assert self.import_csv(related, "".join(prices), TimestampFormat="yyyy-MM-dd")["Status"] == "ACTIVE"
        group = self.forecast.create_dataset_group(
            DatasetGroupName="shop", Domain="CUSTOM", DatasetArns=[target, related]
        )
        self.group_arn = group["DatasetGroupArn"]
        self.predictor_arn = self.auto_predictor("auto", self.group_arn)
        self.forecast_arn = self.forecast_of("week", self.predictor_arn)
        explained(self, "to_export")
        self.analysis_arn = what_if_analysed(self, "to_forecast")
        self.run_jobs()
        self.scenario_arn = what_if_forecast(self, "to_export")
        self.run_jobs()

    def undisturbed(self, job: str) -> tuple[int, Any]:
        """How many calls a job makes, and what it leaves."""
        if job not in self._undisturbed:
            arn = JOBS[job](self, named(job, "undisturbed"))
            with self.faults.at("", -1):
                self.run_jobs()
            assert self.records.get(arn).status == "ACTIVE"
            self._undisturbed[job] = (len(self.faults.calls), self.left_by(arn))
            self.removed(arn)
        return self._undisturbed[job]

    def left_by(self, arn: str) -> Any:
        """What a job has left: in its record, in the service's storage, and with the caller."""
        record = self.records.get(arn)
        prefix = resource_prefix(record)
        stored = {key.removeprefix(prefix): self._content(SERVICE_BUCKET, key) for key in self.stored(prefix)}
        exported = {
            TIMES.sub("", key.partition("/")[2]): self._content(BUCKET, key) for key in self.keys(f"{record.name}/")
        }
        renamed = {name.replace(record.name, ""): content for name, content in exported.items()}
        return record.outcome, record.facts, stored, renamed

    def stored(self, prefix: str) -> list[str]:
        """The service's own objects below a prefix."""
        listed = self.s3.list_objects_v2(Bucket=SERVICE_BUCKET, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in listed]

    def removed(self, arn: str) -> None:
        """Delete a resource with what lies below it."""
        self.forecast.delete_resource_tree(ResourceArn=arn)
        self.run_jobs()

    def ended_from_outside(self, arn: str) -> None:
        """End the execution that creates a resource, as Step Functions does whose last state has failed."""
        execution = execution_name(self.records.get(arn), "create")
        machine_arn = self._machine_arn.replace(":stateMachine:", ":execution:")
        self._states.stop_execution(executionArn=f"{machine_arn}:{execution}")

    def _content(self, bucket: str, key: str) -> Any:
        body = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        if not key.endswith(".npz"):  # an archive names the time of its making
            return body
        with np.load(io.BytesIO(body)) as archive:
            return {name: archive[name].tobytes() for name in archive}


def named(job: str, name: str) -> str:
    """A name that no other job has: exports write into a folder of their name."""
    return f"{job.replace('-', '_').replace(' ', '_')}_{name}"


def imported(world: World, name: str) -> str:
    world.s3.put_object(Bucket=BUCKET, Key="in/again.csv", Body=world.content.encode())
    answer = world.forecast.create_dataset_import_job(
        DatasetImportJobName=name,
        DatasetArn=f"{HOME}:dataset/sales",
        DataSource=world.path("in/again.csv"),
        TimestampFormat="yyyy-MM-dd",
    )
    return str(answer["DatasetImportJobArn"])


def predicted(world: World, name: str) -> str:
    answer = world.forecast.create_auto_predictor(
        PredictorName=name,
        ForecastHorizon=7,
        ForecastFrequency="D",
        DataConfig={"DatasetGroupArn": world.group_arn},
    )
    return str(answer["PredictorArn"])


def forecast(world: World, name: str) -> str:
    answer = world.forecast.create_forecast(ForecastName=name, PredictorArn=world.predictor_arn)
    return str(answer["ForecastArn"])


def exported(world: World, name: str) -> str:
    answer = world.forecast.create_forecast_export_job(
        ForecastExportJobName=name, ForecastArn=world.forecast_arn, Destination=world.path(name)
    )
    return str(answer["ForecastExportJobArn"])


def backtest_exported(world: World, name: str) -> str:
    answer = world.forecast.create_predictor_backtest_export_job(
        PredictorBacktestExportJobName=name, PredictorArn=world.predictor_arn, Destination=world.path(name)
    )
    return str(answer["PredictorBacktestExportJobArn"])


def monitored(world: World, name: str) -> str:
    answer = world.forecast.create_monitor(MonitorName=name, ResourceArn=world.predictor_arn)
    return str(answer["MonitorArn"])


def explained(world: World, name: str) -> str:
    answer = world.forecast.create_explainability(
        ExplainabilityName=name, ResourceArn=world.forecast_arn, ExplainabilityConfig=EVERYTHING
    )
    return str(answer["ExplainabilityArn"])


def explanation_exported(world: World, name: str) -> str:
    answer = world.forecast.create_explainability_export(
        ExplainabilityExportName=name,
        ExplainabilityArn=f"{HOME}:explainability/to_export",
        Destination=world.path(name),
    )
    return str(answer["ExplainabilityExportArn"])


def what_if_analysed(world: World, name: str) -> str:
    answer = world.forecast.create_what_if_analysis(WhatIfAnalysisName=name, ForecastArn=world.forecast_arn)
    return str(answer["WhatIfAnalysisArn"])


def what_if_forecast(world: World, name: str) -> str:
    action = {"AttributeName": "price", "Operation": "MULTIPLY", "Value": 0.5}
    answer = world.forecast.create_what_if_forecast(
        WhatIfForecastName=name,
        WhatIfAnalysisArn=world.analysis_arn,
        TimeSeriesTransformations=[{"Action": action}],
    )
    return str(answer["WhatIfForecastArn"])


def what_if_exported(world: World, name: str) -> str:
    answer = world.forecast.create_what_if_forecast_export(
        WhatIfForecastExportName=name, WhatIfForecastArns=[world.scenario_arn], Destination=world.path(name)
    )
    return str(answer["WhatIfForecastExportArn"])


JOBS: dict[str, Callable[[World, str], str]] = {
    "import": imported,
    "predictor": predicted,
    "forecast": forecast,
    "forecast export": exported,
    "backtest export": backtest_exported,
    "monitor": monitored,
    "explainability": explained,
    "explainability export": explanation_exported,
    "what-if analysis": what_if_analysed,
    "what-if forecast": what_if_forecast,
    "what-if forecast export": what_if_exported,
}
KINDS = ("throttled", "broken", "lost", "killed")
STRIDE = 1 if os.environ.get("FAULTS") == "everywhere" else 4


def faults_within(count: int) -> list[tuple[str, int]]:
    """Positions below ``count``, each with one kind of fault: its neighbours make alike calls, and meet the others."""
    return [(KINDS[position // STRIDE % len(KINDS)], position) for position in range(0, count, STRIDE)]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        set_aws_environment(patch)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        boto3.setup_default_session()
        faults = Faults()
        faults.watch(boto3.DEFAULT_SESSION)
        create_service(patch)
        for bucket in (BUCKET, SERVICE_BUCKET):
            boto3.client("s3").create_bucket(Bucket=bucket)
        yield World(faults)


def every_fault(count: int, offset: int = 0) -> list[tuple[str, int]]:
    """Each position with a kind of fault, in turn: neighbours do alike things, so that each meets all kinds."""
    return [(KINDS[(position + offset) % len(KINDS)], position) for position in range(count)]


@pytest.mark.parametrize("job", JOBS)
def test_one_fault_anywhere_changes_nothing(world: World, job: str) -> None:
    count, expected = world.undisturbed(job)
    for fault, position in faults_within(count):
        arn = JOBS[job](world, named(job, f"{fault}_at_{position}"))
        with world.faults.at(fault, position):
            world.run_jobs()
        record = world.records.get(arn)
        assert (record.status, record.message) == ("ACTIVE", None), (fault, position, world.faults.calls)
        assert world.left_by(arn) == expected, (fault, position, world.faults.calls)
        world.removed(arn)


@pytest.mark.parametrize(("job", "fault"), [*zip(JOBS, itertools.cycle(KINDS), strict=False)])
def test_a_fault_that_stays_fails_the_job_with_a_sentence_and_a_second_attempt_works(
    world: World, job: str, fault: str
) -> None:
    count, expected = world.undisturbed(job)
    position = count // 2
    arn = JOBS[job](world, named(job, "again"))
    with world.faults.at(fault, position, lasts=True):
        world.run_jobs()
    failed = world.records.get(arn)
    assert failed.status == "CREATE_FAILED", (position, world.faults.calls)
    assert failed.message is not None
    assert failed.message.endswith("Nothing was left behind; it may be created again.")
    outcome, facts, stored, exported_files = world.left_by(arn)
    assert (outcome, facts, stored, exported_files) == ({}, {}, {}, {})
    world.removed(arn)
    second = JOBS[job](world, named(job, "again"))
    world.run_jobs()
    assert world.left_by(second) == expected
    world.removed(second)


def test_a_job_that_cannot_even_write_its_failure_is_failed_when_it_is_described(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = forecast(world, "unwritten")
    with monkeypatch.context() as patch:
        patch.setattr(world.machine, "_handler", _away)
        with pytest.raises(ConnectionError):
            world.run_jobs()
    assert world.records.get(arn).status == "CREATE_PENDING"
    world.ended_from_outside(arn)
    monkeypatch.setattr(reconciliation, "now", lambda: now() + 61)
    described = world.forecast.describe_forecast(ForecastArn=arn)
    monkeypatch.undo()
    assert described["Status"] == "CREATE_FAILED"
    assert described["Message"] == "The job ended as ABORTED before it could say why"
    world.removed(arn)
    again = forecast(world, "unwritten")
    world.run_jobs()
    assert world.records.get(again).status == "ACTIVE"


def _away(*_event: Any) -> None:
    raise ConnectionError("the table is not there")


def tree(world: World, name: str) -> list[str]:
    """A forecast and what lies below it, the forecast first."""
    root = forecast(world, name)
    world.run_jobs()
    below = world.forecast.create_forecast_export_job(
        ForecastExportJobName="below", ForecastArn=root, Destination=world.path(name)
    )
    analysis = world.forecast.create_what_if_analysis(WhatIfAnalysisName="below", ForecastArn=root)
    world.run_jobs()
    return [root, below["ForecastExportJobArn"], analysis["WhatIfAnalysisArn"]]


def test_one_fault_anywhere_in_the_deletion_of_a_tree_leaves_nothing_of_it(world: World) -> None:
    arns = tree(world, "undisturbed_tree")
    world.forecast.delete_resource_tree(ResourceArn=arns[0])
    with world.faults.at("", -1):
        world.run_jobs()
    for fault, position in faults_within(len(world.faults.calls)):
        arns = tree(world, f"{fault}_tree_{position}")
        prefixes = [resource_prefix(world.records.get(arn)) for arn in arns]
        world.forecast.delete_resource_tree(ResourceArn=arns[0])
        with world.faults.at(fault, position):
            world.run_jobs()
        for arn, prefix in zip(arns, prefixes, strict=True):
            with pytest.raises(ResourceNotFoundException):
                world.records.get(arn)
            assert world.stored(prefix) == [], (fault, position, world.faults.calls)


def test_a_deletion_that_stays_impossible_has_failed_and_works_when_asked_again(world: World) -> None:
    arns = tree(world, "stubborn")
    world.forecast.delete_resource_tree(ResourceArn=arns[0])
    with world.faults.at("broken", 4, lasts=True):
        world.run_jobs()
    assert {world.records.get(arn).status for arn in arns} == {"DELETE_FAILED"}
    world.removed(arns[0])
    with pytest.raises(ResourceNotFoundException):
        world.records.get(arns[0])


def test_one_fault_anywhere_in_a_stop_leaves_nothing_of_the_job(world: World) -> None:
    stopping(world, "undisturbed_stop")
    with world.faults.at("", -1):
        world.run_jobs()
    for fault, position in faults_within(len(world.faults.calls)):
        arn = stopping(world, f"{fault}_stop_{position}")
        with world.faults.at(fault, position):
            world.run_jobs()
        assert world.records.get(arn).status == "CREATE_STOPPED", (fault, position, world.faults.calls)
        assert world.left_by(arn) == ({}, {}, {}, {}), (fault, position, world.faults.calls)


def stopping(world: World, name: str) -> str:
    """An export that has begun, and is asked to stop."""
    arn = exported(world, name)
    world.machine._handler({"Step": "plan", "Arn": arn, "Action": "create"}, CONTEXT)
    world.forecast.stop_resource(ResourceArn=arn)
    return arn


def test_one_fault_anywhere_in_an_evaluation_gives_the_same_evaluation(world: World) -> None:
    watched = monitored(world, "watched")
    world.run_jobs()
    evaluated(world, watched, "undisturbed")
    (expected,) = evaluated(world, watched, "undisturbed_too")
    turns = faults_within(len(world.faults.calls))
    for fault, position in turns[len(turns) // 2 :]:  # before these come the import's own steps
        (found,) = evaluated(world, watched, f"{fault}_evaluated_{position}", fault, position)
        assert found == expected, (fault, position, world.faults.calls)
    world.removed(watched)


def evaluated(world: World, monitor_arn: str, name: str, fault: str = "", position: int = -1) -> list[Any]:
    """Forecast, import what came to be, and evaluate; the metrics of the evaluation of this forecast."""
    sales = f"{HOME}:dataset/sales"
    world.import_csv(sales, world.content, f"{name}_before", TimestampFormat="yyyy-MM-dd")
    arn = forecast(world, name)
    world.run_jobs()
    with world.faults.at(fault, position):
        world.import_csv(sales, world.newer, name, TimestampFormat="yyyy-MM-dd")
    listed = world.forecast.list_monitor_evaluations(MonitorArn=monitor_arn)["PredictorMonitorEvaluations"]
    world.removed(arn)
    return [
        (evaluation["EvaluationState"], evaluation["MetricResults"])
        for evaluation in listed
        if evaluation["MonitorDataSource"]["ForecastArn"] == arn
    ]
