"""One mail per failure: what the function notify mails raises no alarm, and what it does not or cannot mail does."""

import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from forecast_pipeline.notification import failure_mail
from forecast_pipeline.preparation.mail import preparation_mail
from forecast_pipeline.preparation.preparation_document import EndedPreparation
from forecast_pipeline.publishing.measures.came_true import truth_metrics
from forecast_pipeline.runs.published import Published
from forecast_pipeline.runs.run_document import EndedRun
from forecast_service.api.reconciliation import LONGEST_JOB_HOURS
from tests.project.resolved_template import project_template, resolved
from tests.statemachine.machine import definition_of

RESOURCES = resolved(project_template())["Resources"]
PIPELINE = "arn:aws:states:us-east-1:123456789012:execution:ForecastPipeline.Name:a-run"
PREPARATION = "arn:aws:states:us-east-1:123456789012:execution:RawDataPreparation.Name:a-preparation"
JOB = "arn:aws:states:us-east-1:123456789012:execution:ForecastJob.Name:create-predictor"
RUN = {"Run": {"Id": "a-run", "Bucket": "b"}}
TERM = re.compile(r'\$\.([\w.]+) (=|!=) "([^"]*)"')


def resources(kind: str) -> dict[str, Any]:
    return {name: body["Properties"] for name, body in RESOURCES.items() if body["Type"] == kind}


def found(entry: dict[str, Any]) -> bool:
    """Whether the metric filter counts this entry of the machines' log: terms of text with *, joined by && and ||."""
    (metric,) = resources("AWS::Logs::MetricFilter").values()

    def holds(term: re.Match[str]) -> str:
        value: Any = entry
        for member in term[1].split("."):
            value = value.get(member) if isinstance(value, dict) else None
        return str(value is not None and fnmatchcase(value, term[3]) == (term[2] == "="))

    expression = TERM.sub(holds, metric["FilterPattern"].strip("{} "))
    for sign, word in (("&&", "and"), ("||", "or")):
        expression = expression.replace(sign, word)
    assert set(re.findall(r"\w+", expression)) <= {"and", "or", "True", "False"}
    return bool(eval(expression))  # noqa: S307 - nothing but the four words and parentheses


def failed(cause: str | None, arn: str = PIPELINE) -> dict[str, Any]:
    """The last entry of a failed execution, as Step Functions logs it."""
    return {"type": "ExecutionFailed", "details": {"cause": cause, "error": "x"}, "execution_arn": arn}


def test_runs_and_preparations_that_time_out_or_are_stopped_and_events_that_start_nothing_raise_alarms() -> None:
    watched = {
        (alarm["MetricName"], *(dimension["Value"] for dimension in alarm.get("Dimensions", [])))
        for alarm in resources("AWS::CloudWatch::Alarm").values()
    }
    machines = ("ForecastPipeline", "RawDataPreparation")
    wanted = {(metric, name) for metric in ("ExecutionsTimedOut", "ExecutionsAborted") for name in machines}
    events = {("ApproximateNumberOfMessagesVisible", "UndeliveredEvents.QueueName")}
    assert wanted | events | {("EndedUntold",)} <= watched
    assert not {metric for metric, *_ in watched} & {"ExecutionsFailed", "Errors"}
    assert len(watched) <= 10  # as many are free
    silent = {name for name, alarm in resources("AWS::CloudWatch::Alarm").items() if "AlarmActions" not in alarm}
    assert silent == {"ForecastDrifts"}  # the mail of the run says it
    for name, alarm in resources("AWS::CloudWatch::Alarm").items():
        assert name in silent or alarm["AlarmActions"] == ["NotificationTopic"]


def test_drift_raises_the_alarm_of_its_stack_until_a_run_without() -> None:
    alarm = resources("AWS::CloudWatch::Alarm")["ForecastDrifts"]
    published = Published.model_validate(
        {"Accuracy": {}, "SeasonalNaive": {}, "ItemCount": 1, "Horizon": 1, "FirstTimestamp": "", "LastTimestamp": ""}
    )
    (metric,) = truth_metrics(published, "sales", "almanac")
    assert (metric.name, metric.value) == (alarm["MetricName"], alarm["Threshold"]) == ("Drift", 0)
    assert [{"Name": name, "Value": value} for name, value in metric.dimensions.items()] == alarm["Dimensions"]
    assert alarm["TreatMissingData"] == "ignore"
    variables = project_template()["Globals"]["Function"]["Environment"]["Variables"]
    assert alarm["Namespace"] == variables["POWERTOOLS_METRICS_NAMESPACE"]


def test_the_alarm_on_untold_ends_has_the_metric_of_the_filter() -> None:
    (metric,) = resources("AWS::Logs::MetricFilter").values()
    (transformation,) = metric["MetricTransformations"]
    alarm = resources("AWS::CloudWatch::Alarm")["EndedUntoldAlarm"]
    assert transformation["MetricName"] == alarm["MetricName"]
    assert transformation["MetricNamespace"] == alarm["Namespace"]


@pytest.mark.parametrize(
    "ended",
    [
        {"Problem": "train/a.csv, line 2: found no date"},
        {"Failure": {"TrainPredictor": {"Error": "ResourceFailed", "Cause": "too few rows"}}},
        {"Failure": {"PublishForecast": {"Error": "States.Timeout"}}},
    ],
)
def test_a_failure_that_was_mailed_raises_no_alarm(ended: dict[str, Any]) -> None:
    assert not found(failed(failure_mail(EndedRun.model_validate(RUN | ended)).cause))
    document = EndedPreparation.model_validate(RUN | {"Raw": {}} | ended)
    assert not found(failed(preparation_mail(document).cause, PREPARATION))
    entered = {"type": "FailStateEntered", "details": {"name": "RunFailed"}, "execution_arn": PIPELINE}
    assert not found(entered)


def test_an_end_that_nobody_was_told_of_raises_an_alarm() -> None:
    assert found(failed("An error occurred while executing the state 'RunFailed'"))  # a fault of the machine itself
    states = {
        name: [state for state in definition_of(name)["States"] if state.endswith("WithoutNotification")]
        for name in ("forecast_pipeline", "prepare_data")
    }
    assert sum(len(names) for names in states.values()) == 5
    for name, arn in (("forecast_pipeline", PIPELINE), ("prepare_data", PREPARATION)):
        for state in states[name]:
            assert found({"type": "StateEntered", "details": {"name": state}, "execution_arn": arn})


def test_a_job_tells_in_its_record_and_raises_no_alarm() -> None:
    assert not found(failed('{"errorMessage": "no such file"}', JOB))


def test_a_job_ends_before_the_run_that_waits_for_it() -> None:
    seconds = definition_of("forecast_job")["TimeoutSeconds"]
    assert seconds == LONGEST_JOB_HOURS * 3600 < definition_of("forecast_pipeline")["TimeoutSeconds"]
    shards, rounds, seconds_of_a_shard, workers = 2048, 4, 60, 5  # four times as long as a shard has been seen to take
    assert seconds > shards * rounds * seconds_of_a_shard / workers
