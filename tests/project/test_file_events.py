"""What becomes of a file's event on its way: rule, queue, batch, function."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from forecast_pipeline.preparation.raw_files import is_raw_data
from forecast_pipeline.runs.triggers import starts_run
from tests.project.expanded_template import expanded_template
from tests.project.resolved_template import project_template, resolved

DOORS = {"train/": ("NewTrainFiles", "TrainEvents"), "raw_data/": ("NewRawFiles", "RawDataEvents")}
FUNCTIONS = {"TrainEvents": "StartPipelineFunction", "RawDataEvents": "PlanPreparationFunction"}
NAMES = (
    *("sales.csv", "SALES.CSV", "Sales.Csv", "2026/01/sales.csv", "day=2026-01-01/part-0000", "판매.csv", "a b.csv"),
    *("sales.parquet", "SALES.XLSX", "sales.csv.gz", "_SUCCESS", "sales.csv.bak", ".part.crc", "notes.txt", ""),
)
FOLDERS = ("train/", "raw_data/", "Train/", "trainings/", "latest/", "")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The resources of the default stack, and those of a schedule."""
    stack: dict[str, Any] = resolved(expanded_template(project_template()), ScheduleExpression="rate(1 day)")
    return stack["Resources"]


def takes(made: dict[str, Any], rule: str, key: str) -> bool:
    """Whether the rule takes the event of a new object of this key."""
    pattern = made[rule]["Properties"]["EventPattern"]
    detail = {"bucket": {"name": pattern["detail"]["bucket"]["name"][0]}, "object": {"key": key}}
    event: Any = {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}
    return EventPattern(json.dumps(pattern), pattern).matches_event(event)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_rule_takes_whatever_its_function_takes_for_data_in_any_case(made: dict[str, Any], folder: str) -> None:
    data = {"train/": starts_run, "raw_data/": is_raw_data}
    for own, (rule, _) in DOORS.items():
        for key in (f"{folder}{name}" for name in NAMES):
            assert takes(made, rule, key) == (folder == own), key
            assert takes(made, rule, key) or not data[own](key), key
    if folder in data:
        assert sum(data[folder](f"{folder}{name}") for name in NAMES) >= 8


@pytest.mark.parametrize(
    ("start_on", "folders"),
    [
        ("Train", ["train/"]),
        ("Data", ["train/", "related/", "metadata/"]),
        ("DataAndParameters", ["train/", "related/", "metadata/"]),
    ],
)
def test_the_rule_takes_what_starts_a_run_by_the_stacks_parameter(start_on: str, folders: list[str]) -> None:
    made = resolved(expanded_template(project_template()), StartOn=start_on, ParameterFile="shop.json")["Resources"]
    assert made["StartPipelineFunction"]["Properties"]["Environment"]["Variables"]["START_ON"] == start_on
    for folder in (*FOLDERS, "related/", "metadata/"):
        for key in (f"{folder}{name}" for name in NAMES):
            assert takes(made, "NewTrainFiles", key) == (folder in folders), key
            assert takes(made, "NewTrainFiles", key) or not starts_run(key, start_on, "shop.json"), key
        assert starts_run(f"{folder}a.csv", start_on, "shop.json") == (folder in folders)
    for key in ("shop.json", "params.json", "shop.json.bak"):
        is_taken = key == "shop.json" and start_on == "DataAndParameters"
        assert takes(made, "NewTrainFiles", key) == starts_run(key, start_on, "shop.json") == is_taken


@pytest.mark.parametrize(("rule", "queue"), DOORS.values())
def test_events_wait_in_a_queue_and_come_in_batches_of_which_two_are_at_work(
    made: dict[str, Any], rule: str, queue: str
) -> None:
    (target,) = made[rule]["Properties"]["Targets"]
    assert target["Arn"] == f"{queue}.Arn"
    mapping = made[f"{queue}Mapping"]["Properties"]
    function = made[FUNCTIONS[queue]]["Properties"]
    assert (mapping["EventSourceArn"], mapping["FunctionName"]) == (f"{queue}.Arn", FUNCTIONS[queue])
    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (10_000, {"MaximumConcurrency": 2})
    assert mapping["MaximumBatchingWindowInSeconds"] == 1  # AWS wants one for more than ten
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # AWS refuses a mapping whose function may run for longer than its messages are hidden.
    assert made[queue]["Properties"]["VisibilityTimeout"] > function["Timeout"]


@pytest.mark.parametrize("queue", FUNCTIONS)
def test_a_queue_is_encrypted_tls_only_open_to_its_rule_and_gives_up_into_the_queue_with_an_alarm(
    made: dict[str, Any], queue: str
) -> None:
    properties = made[queue]["Properties"]
    assert properties["SqsManagedSseEnabled"] is True
    assert properties["RedrivePolicy"]["deadLetterTargetArn"] == "UndeliveredEvents.Arn"
    assert made["EventsUndelivered"]["Properties"]["Dimensions"][0]["Value"] == "UndeliveredEvents.QueueName"
    assert queue in made["EventsPolicy"]["Properties"]["Queues"]
    rules, tls = made["EventsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert f"{queue}.Arn" in rules["Resource"]
    assert f"{queue}.Arn" in tls["Resource"]
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert rules["Condition"] == {"ArnEquals": {"aws:SourceArn": [f"{rule}.Arn" for rule, _ in DOORS.values()]}}


def test_a_schedule_comes_by_the_queue_of_the_files(made: dict[str, Any]) -> None:
    assert made["Schedule"]["Properties"]["Target"]["Arn"] == "TrainEvents.Arn"
    (policy,) = made["ScheduleRole"]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("sqs:SendMessage", "TrainEvents.Arn")
