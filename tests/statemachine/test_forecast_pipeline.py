"""forecast_pipeline.asl.json, walked: every Retry, Catch and Choice, by moto's interpreter of the very file.

The functions are played by the tests; one test has the handlers themselves in their place.
"""

import json
import random
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from forecast_pipeline import ResourcePending, forecast_resources
from tests.forecast_pipeline.fake_forecast import FakeForecast
from tests.statemachine.machine import DEFINITION, PROJECT, Function, FunctionError, Machine

STATES: dict[str, Any] = json.loads(DEFINITION)["States"]
TASKS = [name for name, state in STATES.items() if state["Type"] == "Task"]
ASKING = ("ApproveForecast", "PublishForecastDecided")  # where a person is asked
STEPS = [
    name
    for name in TASKS
    if not name.startswith("Notify") and name not in ("RestoreLatest", "PublishForecastFinish", *ASKING)
]
WAITING_STEPS = [name for name in STEPS if STATES[name]["Retry"][0]["ErrorEquals"] == ["ResourcePending"]]
THROTTLED = "Lambda.TooManyRequestsException"
TRANSIENT = STATES["PublishForecast"]["Retry"][-1]["ErrorEquals"]
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:step"
REFRESH = STEPS.index("RefreshDashboard")
# The states that a run enters, problems apart; two of them look for a dashboard before it is refreshed.
WAY = [
    "CheckProblem",
    *STEPS[:REFRESH],
    "CheckSize",
    "CheckApproval",
    "FindDashboard",
    "CheckDashboard",
    *STEPS[REFRESH:],
]


@pytest.fixture
def document() -> dict[str, Any]:
    event: dict[str, Any] = json.loads((PROJECT / "events" / "create_dataset.json").read_text())
    return event


@pytest.fixture
def machine(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """The machine with functions that all succeed; waits are noted and not waited, and drawn as long as they may be."""
    end = json.loads((PROJECT / "events" / "notify.json").read_text())
    results = {
        "CreateDataset": end["Arns"],
        "ImportData": end["Imported"],
        "TrainPredictor": end["PredictorArn"],
        "CreateForecast": end["ForecastArn"],
        "ExportForecast": end["ExportArns"],
        "PublishForecast": end["Published"],
        "RefreshDashboard": end["Refreshed"],
        "DeleteResources": end["Cleanup"],
        "RestoreLatest": {"State": "kept", "RunId": None},
    }
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        machine = Machine({name: lambda event, name=name: results[name] for name in results})
        machine.functions["Notify"] = lambda event: {
            "MessageId": "1",
            "Error": "ResourceFailed" if "Failure" in event else "Problem",
            "Cause": "the sentence of the mail",
        }
        monkeypatch.setattr(lambda_eval_utils, "_invoke_lambda_function", machine.invoke)
        monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=machine.waits.append))
        monkeypatch.setattr(random, "uniform", lambda low, high: high)
        yield machine


def failing(times: int, error: str, then: Function) -> Function:
    """A function that raises so many times before it does its work."""
    left = [times]

    def function(event: dict[str, Any]) -> Any:
        if left[0]:
            left[0] -= 1
            raise FunctionError(error, f"{error} for a reason")
        return then(event)

    return function


def test_without_a_problem_every_step_runs_once_in_order_and_sees_what_came_before(
    machine: Machine, document: dict[str, Any]
) -> None:
    execution = machine.run(document)
    assert execution["status"] == "SUCCEEDED"
    assert execution["states"] == [*WAY, "CheckHeldBack", "Notify", "Published"]
    assert machine.called() == [*STEPS, "Notify"]
    for name, event in machine.calls:
        step = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).strip("_")
        assert event == json.loads((PROJECT / "events" / f"{step}.json").read_text())


def test_without_a_dashboard_no_function_is_called_for_it(
    machine: Machine, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(machine.functions, "without-dashboard", data_sets="none")
    monkeypatch.setattr(lambda_eval_utils, "_invoke_lambda_function", machine.invoke)
    execution = machine.run(document)
    assert execution["status"] == "SUCCEEDED"
    assert machine.called() == [*(step for step in STEPS if step != "RefreshDashboard"), "Notify"]


def hold_back(machine: Machine) -> None:
    """Let publish_forecast find that the forecast may not replace the one in place."""
    published = machine.functions["PublishForecast"]({})
    machine.functions["PublishForecast"] = lambda _event: published | {"HeldBack": ["its loss is twice naive's"]}


def test_a_forecast_that_is_held_back_is_mailed_and_refreshes_no_dashboard(
    machine: Machine, document: dict[str, Any]
) -> None:
    hold_back(machine)
    execution = machine.run(document)
    assert (execution["status"], execution["states"][-1]) == ("SUCCEEDED", "HeldBack")
    assert machine.called() == [*(step for step in STEPS if step != "RefreshDashboard"), "Notify"]


def ask_first(machine: Machine, decide: Callable[[str], None]) -> None:
    """Let a person be asked; ``decide`` gets the token. Publishing then says what becomes of it."""
    published = machine.functions["PublishForecast"]({})
    waiting = {"HeldBack": ["nobody has approved it"], "Approval": {"Seconds": 3600, "Url": "https://a"}}

    def publish(event: dict[str, Any]) -> Any:
        if event.get("Step") != "decided":
            return published | waiting
        return published if event["Document"]["Approval"].get("Approved") else published | waiting | {"Approval": None}

    machine.functions["PublishForecast"] = publish
    machine.functions["ApproveForecast"] = lambda event: decide(event["TaskToken"])


@pytest.mark.parametrize(("approved", "end"), [(True, "Published"), (False, "HeldBack")])
def test_a_forecast_that_waits_goes_on_as_a_person_decides(
    machine: Machine, document: dict[str, Any], approved: bool, end: str
) -> None:
    output = json.dumps({"Approved": approved})
    ask_first(
        machine, lambda token: boto3.client("stepfunctions").send_task_success(taskToken=token, output=output) and None
    )
    execution = machine.run(document)
    assert (execution["status"], execution["states"][-1]) == ("SUCCEEDED", end), execution.get("cause")
    way = execution["states"]
    assert way[way.index("CheckApproval") :][:3] == ["CheckApproval", "ApproveForecast", "PublishForecastDecided"]
    assert ("RefreshDashboard" in way) == approved


def test_a_forecast_that_nobody_approves_in_time_is_held_back(machine: Machine, document: dict[str, Any]) -> None:
    asl = json.loads(DEFINITION)
    asl["States"]["ApproveForecast"]["TimeoutSeconds"] = 1
    hurried = Machine(machine.functions, "hurried", json.dumps(asl))
    ask_first(hurried, lambda _token: None)
    execution = hurried.run(document)
    assert (execution["status"], execution["states"][-1]) == ("SUCCEEDED", "HeldBack"), execution.get("cause")
    assert "Approved" not in json.loads(execution["output"])["Approval"]


def test_a_question_that_cannot_be_sent_fails_the_run(machine: Machine, document: dict[str, Any]) -> None:
    ask_first(machine, lambda _token: None)
    machine.functions["ApproveForecast"] = failing(99, "ClientError", machine.functions["ApproveForecast"])
    execution = machine.run(document)
    assert execution["states"][-3:] == ["ApproveForecast", "NotifyFailure", "RunFailed"]


def test_a_forecast_as_of_an_old_date_is_mailed_and_refreshes_no_dashboard(
    machine: Machine, document: dict[str, Any]
) -> None:
    document["Run"]["AsOf"] = "2025-06-30"
    execution = machine.run(document)
    assert (execution["status"], execution["states"][-2:]) == ("SUCCEEDED", ["NotifyAsOf", "AsOf"])
    assert machine.called() == [*(step for step in STEPS if step != "RefreshDashboard"), "Notify"]


def test_a_mail_about_a_forecast_as_of_an_old_date_that_cannot_be_sent_ends_the_run_in_a_state_that_says_so(
    machine: Machine, document: dict[str, Any]
) -> None:
    document["Run"]["AsOf"] = "2025-06-30"
    machine.functions["Notify"] = failing(99, "ClientError", machine.functions["Notify"])
    execution = machine.run(document)
    assert (execution["status"], execution["states"][-1]) == ("SUCCEEDED", "AsOfWithoutNotification")


def test_a_mail_about_a_forecast_held_back_that_cannot_be_sent_ends_the_run_in_a_state_that_says_so(
    machine: Machine, document: dict[str, Any]
) -> None:
    hold_back(machine)
    machine.functions["Notify"] = failing(99, "NotFoundException", machine.functions["Notify"])
    execution = machine.run(document)
    assert (execution["status"], execution["states"][-1]) == ("SUCCEEDED", "HeldBackWithoutNotification")


@pytest.mark.parametrize("problem", ["params.json, Forecast: missing.", ""])
def test_a_problem_of_the_input_goes_to_the_failure_mail_before_anything_is_created(
    machine: Machine, document: dict[str, Any], problem: str
) -> None:
    execution = machine.run({"Run": document["Run"], "PerformDelete": False, "Problem": problem})
    assert execution["status"] == "FAILED"
    assert execution["states"] == ["CheckProblem", "NotifyFailure", "RunFailed"]
    assert machine.called() == ["Notify"]
    assert execution["error"] == "Problem"
    assert execution["cause"] == "the sentence of the mail"


@pytest.mark.parametrize(
    "given", [{}, {"Bucket": "somebodys"}, {"Run": {"Id": "a", "Bucket": "b"}}, {"Problem": "a sentence"}, {"Run": "a"}]
)
def test_what_is_no_run_document_ends_in_a_mail_that_says_how_a_run_is_started(
    machine: Machine, given: dict[str, Any]
) -> None:
    execution = machine.run(given)
    assert execution["status"] == "FAILED"
    assert execution["states"] == ["CheckProblem", "RefuseInput", "NotifyFailure", "RunFailed"]
    ((name, event),) = machine.calls
    assert name == "Notify"
    assert set(event["Run"]) == {"Id", "Bucket"}  # the execution has no name here
    assert event["Problem"].startswith("The input of the execution: found no run document, wanted one that start_")


def test_a_document_written_by_hand_without_the_member_problem_runs(machine: Machine, document: dict[str, Any]) -> None:
    del document["Problem"]
    assert machine.run(document)["status"] == "SUCCEEDED"


@pytest.mark.parametrize("step", STEPS)
def test_a_failed_step_is_notified_with_its_name_and_cause_and_the_run_is_red(
    machine: Machine, document: dict[str, Any], step: str
) -> None:
    machine.functions[step] = failing(1, "ResourceFailed", machine.functions[step])
    execution = machine.run(document)
    assert execution["status"] == "FAILED"
    restoring = ["RestoreLatest"] if step == "PublishForecast" else []
    assert execution["states"] == [*WAY[: WAY.index(step) + 1], *restoring, "NotifyFailure", "RunFailed"]
    assert execution["error"] == "ResourceFailed"
    assert execution["cause"] == "the sentence of the mail"
    failure = machine.calls[-1][1]["Failure"]
    assert list(failure) == [step]
    assert failure[step]["Error"] == "ResourceFailed"
    assert json.loads(failure[step]["Cause"])["errorMessage"] == "ResourceFailed for a reason"


@pytest.mark.parametrize("step", WAITING_STEPS)
def test_a_step_is_asked_again_while_its_resource_is_pending(
    machine: Machine, document: dict[str, Any], step: str
) -> None:
    machine.functions[step] = failing(14, "ResourcePending", machine.functions[step])
    assert machine.run(document)["status"] == "SUCCEEDED"
    assert machine.called().count(step) == 15
    assert machine.waits == [min(2 ** (attempt + 1), 60) for attempt in range(14)]


def test_a_resource_that_stays_pending_ends_as_a_failure_that_is_mailed(
    machine: Machine, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    short = DEFINITION.replace('"MaxAttempts": 6000', '"MaxAttempts": 3')
    machine = Machine(machine.functions, "impatient", short)
    monkeypatch.setattr(lambda_eval_utils, "_invoke_lambda_function", machine.invoke)
    machine.functions["TrainPredictor"] = failing(99, "ResourcePending", machine.functions["TrainPredictor"])
    assert machine.run(document)["states"][-2:] == ["NotifyFailure", "RunFailed"]
    assert machine.called().count("TrainPredictor") == 4


@pytest.mark.parametrize("error", TRANSIENT)
def test_what_passes_by_itself_is_tried_again(machine: Machine, document: dict[str, Any], error: str) -> None:
    machine.functions["ExportForecast"] = failing(2, error, machine.functions["ExportForecast"])
    assert machine.run(document)["status"] == "SUCCEEDED"
    assert machine.called().count("ExportForecast") == 3
    assert machine.waits == [1, 2]


@pytest.mark.parametrize("step", [*STEPS, "Notify"])
def test_a_step_that_lambda_refuses_waits_for_a_slot(machine: Machine, document: dict[str, Any], step: str) -> None:
    machine.functions[step] = failing(30, THROTTLED, machine.functions[step])
    assert machine.run(document)["status"] == "SUCCEEDED"
    assert machine.called().count(step) == 31
    assert machine.waits == pytest.approx([min(2 * 1.5**attempt, 60) for attempt in range(30)])


@pytest.mark.parametrize("step", STEPS)
def test_a_service_that_stays_away_fails_the_run_after_six_more_tries(
    machine: Machine, document: dict[str, Any], step: str
) -> None:
    machine.functions[step] = failing(99, "ServiceUnreachable", machine.functions[step])
    assert machine.run(document)["states"][-2:] == ["NotifyFailure", "RunFailed"]
    assert machine.called().count(step) == 7


def test_an_error_of_our_own_code_is_not_tried_again(machine: Machine, document: dict[str, Any]) -> None:
    machine.functions["CreateForecast"] = failing(1, "KeyError", machine.functions["CreateForecast"])
    assert machine.run(document)["status"] == "FAILED"
    assert machine.waits == []


def test_a_mail_that_fails_once_is_sent_again(machine: Machine, document: dict[str, Any]) -> None:
    machine.functions["Notify"] = failing(1, "InternalErrorException", machine.functions["Notify"])
    execution = machine.run(document)
    assert execution["states"][-2:] == ["Notify", "Published"]
    assert machine.called().count("Notify") == 2


def test_a_mail_that_cannot_be_sent_leaves_a_published_run_succeeded_under_a_name_of_its_own(
    machine: Machine, document: dict[str, Any]
) -> None:
    machine.functions["Notify"] = failing(99, "NotFoundException", machine.functions["Notify"])
    execution = machine.run(document)
    assert execution["status"] == "SUCCEEDED"
    assert execution["states"][-2:] == ["Notify", "PublishedWithoutNotification"]
    assert json.loads(execution["output"])["Failure"]["Notify"]["Error"] == "NotFoundException"
    assert machine.called().count("Notify") == 5


def test_a_failed_run_whose_mail_cannot_be_sent_is_red_all_the_same(machine: Machine, document: dict[str, Any]) -> None:
    machine.functions["ImportData"] = failing(1, "ResourceFailed", machine.functions["ImportData"])
    machine.functions["Notify"] = failing(99, "NotFoundException", machine.functions["Notify"])
    execution = machine.run(document)
    assert execution["status"] == "FAILED"
    assert execution["states"][-2:] == ["NotifyFailure", "RunFailedWithoutNotification"]
    assert execution["error"] == "RunFailedWithoutNotification"


def test_a_latest_forecast_that_cannot_be_restored_is_mailed_with_both_failures(
    machine: Machine, document: dict[str, Any]
) -> None:
    for step in ("PublishForecast", "RestoreLatest"):
        machine.functions[step] = failing(99, "ClientError", machine.functions[step])
    execution = machine.run(document)
    assert execution["status"] == "FAILED"
    assert execution["states"][-4:] == ["PublishForecast", "RestoreLatest", "NotifyFailure", "RunFailed"]
    assert set(machine.calls[-1][1]["Failure"]) == {"PublishForecast", "RestoreLatest"}


def test_every_retry_catch_and_choice_of_the_file_is_of_a_form_walked_here() -> None:
    mails = {"Notify", "NotifyAsOf", "NotifyHeldBack", "NotifyFailure"}
    assert set(TASKS) == {*STEPS, "PublishForecastFinish", "RestoreLatest", *ASKING, *mails}
    for name in (*STEPS, "PublishForecastFinish", "PublishForecastDecided", "RestoreLatest"):
        errors = [retry["ErrorEquals"] for retry in STATES[name]["Retry"]]
        asks_again = (*WAITING_STEPS, "PublishForecastFinish", "PublishForecastDecided")
        assert errors == ([["ResourcePending"]] if name in asks_again else []) + [
            [THROTTLED],
            TRANSIENT,
        ]
        assert [catch["ErrorEquals"] for catch in STATES[name]["Catch"]] == [["States.ALL"]]
    for name in mails:
        assert [retry["ErrorEquals"] for retry in STATES[name]["Retry"]] == [[THROTTLED], ["States.ALL"]]
        assert [catch["ErrorEquals"] for catch in STATES[name]["Catch"]] == [["States.ALL"]]
    asking = STATES["ApproveForecast"]
    assert [retry["ErrorEquals"] for retry in asking["Retry"]] == [[THROTTLED], TRANSIENT]
    assert [catch["ErrorEquals"] for catch in asking["Catch"]] == [["States.Timeout"], ["States.ALL"]]
    choices = [name for name, state in STATES.items() if state["Type"] == "Choice"]
    assert choices == ["CheckProblem", "CheckSize", "CheckApproval", "CheckDashboard", "CheckHeldBack"]


def publishing_pieces(machine: Machine) -> list[tuple[str, int | None]]:
    """Step and number of each call of publish_forecast behind the first."""
    events = [event for name, event in machine.calls if name == "PublishForecast"][1:]
    return [(event["Step"], event.get("Number")) for event in events]


@pytest.fixture
def large(machine: Machine) -> Machine:
    """The machine with a forecast of two tasks and four shards to publish."""
    published = machine.functions["PublishForecast"]({})
    answers = {"publish": {"Tasks": [0, 1], "Shards": [0, 1, 2, 3]}, "finish": published}
    machine.functions["PublishForecast"] = lambda event: answers.get(event.get("Step", "publish"))
    return machine


def test_a_large_forecast_is_published_by_many_workers_and_one_that_adds_up(
    large: Machine, document: dict[str, Any]
) -> None:
    execution = large.run(document)
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    pieces = publishing_pieces(large)
    assert sorted(pieces[:2]) == [("read", 0), ("read", 1)]
    assert sorted(pieces[2:-1]) == [("shard", number) for number in range(4)]
    assert pieces[-1] == ("finish", None)
    assert "Accuracy" in json.loads(execution["output"])["Published"]
    documents = [event["Document"] for name, event in large.calls if name == "PublishForecast" and "Step" in event]
    assert all(each["Run"] == document["Run"] and "ExportArns" in each for each in documents)


def test_a_piece_of_publishing_that_fails_restores_and_is_mailed(large: Machine, document: dict[str, Any]) -> None:
    answer = large.functions["PublishForecast"]

    def function(event: dict[str, Any]) -> Any:
        if event.get("Step") == "finish":
            raise FunctionError("ValueError", "no column")
        return answer(event)

    large.functions["PublishForecast"] = function
    execution = large.run(document)
    assert execution["states"][-4:] == ["PublishForecastFinish", "RestoreLatest", "NotifyFailure", "RunFailed"]
    assert set(large.calls[-1][1]["Failure"]) == {"PublishForecastFinish"}
    # moto's interpreter fails no distributed map, so that this much of the two is read.
    for name in ("PublishForecastRead", "PublishForecastShards"):
        catch = {"ErrorEquals": ["States.ALL"], "ResultPath": f"$.Failure.{name}", "Next": "RestoreLatest"}
        assert STATES[name]["Catch"] == [catch]


@pytest.fixture
def forecast_service(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeForecast]:
    """The service that the handlers reach, and what their environment names."""
    service = FakeForecast()
    boto3.client("s3").create_bucket(Bucket="almanac-data")
    topic = boto3.client("sns").create_topic(Name="notifications")["TopicArn"]
    monkeypatch.setenv("TOPIC_ARN", topic)
    monkeypatch.setenv("STACK_NAME", "almanac")
    monkeypatch.setenv("DATA_ROLE_ARN", "arn:aws:iam::123456789012:role/data")
    monkeypatch.setenv("SERVICE_TELLS_LEFT_OUT", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL_FORECAST", "https://forecast.example")
    session = boto3.Session()
    session.events.register_first("before-send", service)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    forecast_resources._forecast_client.cache_clear()
    yield service
    forecast_resources._forecast_client.cache_clear()


@pytest.mark.parametrize("perform_delete", [False, True])
def test_the_handlers_themselves_go_the_whole_way_through_the_machine(
    machine: Machine,
    document: dict[str, Any],
    load_function: Callable[[str], ModuleType],
    forecast_service: FakeForecast,
    *,
    perform_delete: bool,
) -> None:
    context = SimpleNamespace(
        function_name="step", memory_limit_in_mb=512, invoked_function_arn=FUNCTION, aws_request_id="id"
    )

    def handler(name: str) -> Function:
        loaded = load_function(name).lambda_handler

        def function(event: dict[str, Any]) -> Any:
            try:
                return loaded(event, context)
            except ResourcePending:
                forecast_service.settle()
                raise

        return function

    for step in (*STEPS, "Notify"):
        if step != "PublishForecast":  # its own tests are in tests/functions/test_publish_forecast.py
            folder = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in step).strip("_")
            machine.functions[step] = handler(folder)
    boto3.client("s3").create_bucket(
        Bucket=document["Run"]["Bucket"]
    )  # of which runs published, delete_resources reads
    execution = machine.run(document | {"PerformDelete": perform_delete})
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    assert execution["states"][-1] == "Published"
    assert json.loads(execution["output"])["Notification"]["Subject"].startswith("Forecast ready: electricity")
    assert len(forecast_service.names()) == (0 if perform_delete else 7)
