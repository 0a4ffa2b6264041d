"""A worker killed, a store throttled or broken, an answer lost, anywhere in a job: the same numbers, or a sentence.

Every call that the worker makes of DynamoDB, S3, STS and Step Functions is a position at which one fault may happen.
Step Functions tries a step again, so the job of each kind has to end ACTIVE, with what it leaves undisturbed.
A fault takes its turn at every fourth position; with FAULTS=everywhere in the environment, at each.
"""

import itertools
import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from forecast_service.api import reconciliation
from forecast_service.records.errors import ResourceNotFoundException
from forecast_service.records.record import now
from forecast_service.storage.bucket import resource_prefix
from tests.conftest import set_aws_environment
from tests.contract.conftest import BUCKET, HOME
from tests.forecast_service.api_environment import create_service
from tests.forecast_service.jobs.disturbed_service import (
    JOBS,
    SERVICE_BUCKET,
    World,
    exported,
    forecast,
    monitored,
    named,
)
from tests.forecast_service.jobs.faults import Faults
from tests.forecast_service.jobs.state_machine import HURRIED

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
    assert described["Message"] == "The job's execution was stopped by hand before its work was done"
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
    world.machine._handler({"Step": "plan", "Arn": arn, "Action": "create"}, HURRIED)
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
