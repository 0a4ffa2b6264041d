"""notify: the mail says in words how the run ended, and its answer feeds the machine's Fail state."""

import json
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns import sns_backends

from forecast_pipeline.cost.used import Used
from forecast_pipeline.forecast_events import forecast_events
from forecast_pipeline.runs.run_document import EndedRun

Step = Callable[[dict[str, Any]], Any]


@pytest.fixture
def topic(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with mock_aws():
        arn = boto3.client("sns").create_topic(Name="notifications")["TopicArn"]
        monkeypatch.setenv("TOPIC_ARN", arn)
        monkeypatch.setenv("STACK_NAME", "almanac")
        yield arn


@pytest.fixture
def notify(load_function: Callable[[str], ModuleType], topic: str, lambda_context: SimpleNamespace) -> Step:
    handler = load_function("notify").lambda_handler
    return lambda event: handler(event, lambda_context)


@pytest.fixture
def told(topic: str) -> Callable[[], list[dict[str, Any]]]:
    """Takes the events that other programs were told by EventBridge, from a queue that a rule sends them to."""
    queue, events = boto3.client("sqs"), boto3.client("events")
    url = queue.create_queue(QueueName="listener")["QueueUrl"]
    arn = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="listener", EventPattern=json.dumps({"source": ["almanac"], "detail": {"Stack": ["almanac"]}}))
    events.put_targets(Rule="listener", Targets=[{"Id": "listener", "Arn": arn}])

    def take() -> list[dict[str, Any]]:
        messages = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]

    return take


def sent(topic: str) -> tuple[str, str]:
    """Subject and text of the one mail that was sent."""
    ((_, text, subject, *_),) = sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].topics[topic].sent_notifications
    return str(subject), str(text)


def test_a_success_tells_what_ran_how_accurate_it_is_and_where_the_files_are(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    answer = notify(load_event("notify"))
    subject, text = sent(topic)
    assert subject == "Forecast ready: electricity, 31% better than seasonal naive"
    assert "Imported 1 file of target time series from train/: 26304 rows read = 26304 used + 0 left out.\n" in text
    assert "Trained electricity_9f3c1a2b7d and forecast 3 items, 24 steps" in text
    assert "average weighted quantile loss: 0.0633, seasonal naive 0.0911 (30.5% better)" in text  # 1 - 633 / 911
    assert "the 80 % interval held 79.3% of the actual values" in text
    assert "report: s3://almanac-data/latest/report.html" in text
    assert "no history" not in text
    assert "What moves" not in text
    assert answer["Error"] is None
    assert answer["Cause"] is None


def test_a_superseded_run_is_no_failure_that_somebody_has_to_correct(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    cause = json.dumps({"errorMessage": "train/a.csv was replaced since the run began.", "errorType": "Superseded"})
    event = load_event("notify_failure") | {"Problem": None}
    event["Failure"] = {"ImportData": {"Error": "Superseded", "Cause": cause}}
    answer = notify(event)
    subject, text = sent(topic)
    assert subject == "Forecast superseded: electricity, its files changed"
    assert "\ntrain/a.csv was replaced since the run began.\n" in text
    assert "The forecast published before is untouched and stays in place." in text
    assert "failed" not in text
    assert "correction" not in text
    assert answer["Error"] == "Superseded"
    assert answer["Cause"] == "step ImportData: train/a.csv was replaced since the run began."
    (told,) = forecast_events(EndedRun.model_validate(event), "almanac", answer["Cause"])
    assert told.kind == "Forecast Superseded"


def test_what_the_run_used_stands_beside_amazons_price(
    topic: str,
    load_event: Callable[[str], dict[str, Any]],
    load_function: Callable[[str], ModuleType],
    lambda_context: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = load_event("notify")
    event["Run"]["Execution"] = "arn:aws:states:us-east-1:123456789012:execution:pipeline:9f3c1a2b7d"
    used = Used(transitions=36, invocations=45, gigabyte_seconds=24, writes=60, reads=90)
    function = load_function("notify")
    monkeypatch.setattr(function, "used_by_run", lambda *_: used)
    steps = [{"Step": "ImportData", "Began": "2026-01-05T02:00:08+00:00", "Ended": "2026-01-05T02:00:11+00:00"}]
    monkeypatch.setattr(function, "times_of_steps", lambda *_: steps)
    boto3.client("s3").create_bucket(Bucket="almanac-data")
    function.lambda_handler(event, lambda_context)
    text = sent(topic)[1]
    assert (
        "\nUsed: 36 transitions of state, 24 GB-seconds in 45 invocations of Lambda, some 150 requests of S3;" in text
    )
    assert "Amazon Forecast asks $0.43 for 216 forecast data points" in text  # 3 items x 24 steps x 3 quantiles x .002
    kept = boto3.client("s3").get_object(Bucket="almanac-data", Key="history/clean/9f3c1a2b7d/run.json")["Body"].read()
    made = json.loads(kept)
    assert (made["Steps"], made["PredictorArn"]) == (steps, event["PredictorArn"])
    assert made["Published"]["Accuracy"] == event["Published"]["Accuracy"]
    assert (made["Used"]["transitions"], made["Used"]["prices_of"]) == (36, "us-east-1")
    assert made["Used"]["dollars"] == pytest.approx(0.0016, abs=0.0001)


def test_a_mail_says_so_where_what_was_used_could_not_be_kept(
    topic: str,
    load_event: Callable[[str], dict[str, Any]],
    load_function: Callable[[str], ModuleType],
    lambda_context: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = load_event("notify")
    event["Run"]["Execution"] = "arn:aws:states:us-east-1:123456789012:execution:pipeline:9f3c1a2b7d"
    function = load_function("notify")
    monkeypatch.setattr(function, "used_by_run", lambda *_: Used())
    monkeypatch.setattr(function, "times_of_steps", lambda *_: [])
    function.lambda_handler(event, lambda_context)  # without a bucket
    assert "\nhistory/clean/9f3c1a2b7d/run.json lacks what the run used: An error occurred" in sent(topic)[1]


def test_the_mail_says_what_changed_since_the_run_before(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    published = event["Published"]
    figures = {name: published[name] for name in ("Accuracy", "SeasonalNaive")}
    event["Published"]["Before"] = {"Run": "8c01", "Horizon": 12, "ChangedParameters": []} | figures
    notify(event)
    text = sent(topic)[1]
    assert "\n\nCompared with run 8c01:\n  horizon: 24 steps, before 12\n\nFiles:\n" in text


def test_a_mail_goes_out_even_where_the_history_may_not_be_read(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Run"]["Execution"] = "arn:aws:states:us-east-1:123456789012:execution:pipeline:9f3c1a2b7d"
    notify(event)  # moto knows no such execution
    assert "\nWhat the run used is not known: An error occurred (ExecutionDoesNotExist)" in sent(topic)[1]


def test_new_items_and_what_moved_the_forecast_are_told(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Published"] |= {"NewItemCount": 2, "AttributeImpact": {"price": -1.0, "Holiday_KR": 0.254}}
    notify(event)
    text = sent(topic)[1]
    assert "2 of the items have no history and are forecast like those they resemble." in text
    assert "what moves it most:\n  price: 1.00\n  Holiday_KR: 0.25\n" in text


def test_items_that_are_new_since_the_run_before_are_named(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Published"]["ItemChanges"] = {"Since": "8c01", "New": 3, "NewNames": ["a", "b", "c"], "Vanished": 0}
    notify(event)
    assert "\nSince run 8c01, 3 items are new: a, b, c.\n" in sent(topic)[1]


def test_items_that_are_the_same_as_before_are_not_told(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Published"]["ItemChanges"] = {"Since": "8c01", "New": 0, "Vanished": 0}
    notify(event)
    assert "Since run" not in sent(topic)[1]


def test_a_dashboard_that_was_not_refreshed_is_told(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Refreshed"]["NotRefreshed"] = {"almanac-runs": "LimitExceededException: 32 ingestions a day"}
    subject = notify(event)["Subject"]
    text = sent(topic)[1]
    assert subject.startswith("Forecast ready")
    assert "Not refreshed; the dashboard in QuickSight shows an earlier forecast until the next run:\n" in text
    assert "  almanac-runs: LimitExceededException: 32 ingestions a day" in text


def test_an_impact_that_has_nothing_to_be_compared_with_is_not_told(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Published"]["AttributeImpact"] = {"price": 1.0}
    notify(event)
    assert "moves" not in sent(topic)[1]


def test_attributes_without_any_impact_are_told(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Published"]["AttributeImpact"] = {"price": 0.0, "rain": 0.0}
    notify(event)
    assert "The history alone moves the forecast, not price, rain." in sent(topic)[1]


def test_a_forecast_worse_than_seasonal_naive_says_so_in_the_subject(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Published"]["Accuracy"]["AverageWeightedQuantileLoss"] = 0.0911 * 1.5
    notify(event)
    assert sent(topic)[0] == "Forecast ready: electricity, 50% WORSE than seasonal naive"


@pytest.mark.parametrize(
    ("naive", "words"),
    [(0.0633, "the same as seasonal naive"), (0.0, "NOT better than seasonal naive")],
)
def test_a_forecast_that_is_no_better_than_seasonal_naive_is_not_called_better(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]], naive: float, words: str
) -> None:
    event = load_event("notify")
    event["Published"]["Accuracy"]["AverageWeightedQuantileLoss"] = 0.0633
    event["Published"]["SeasonalNaive"]["AverageWeightedQuantileLoss"] = naive
    notify(event)
    assert sent(topic)[0] == f"Forecast ready: electricity, {words}"


def test_measures_that_are_undefined_are_named_so_and_not_compared(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Published"]["Accuracy"] |= {"MASE": None, "Coverage80": None}
    event["Published"]["SeasonalNaive"] |= {"AverageWeightedQuantileLoss": 0.0, "MASE": None}
    notify(event)
    subject, text = sent(topic)
    assert subject == "Forecast ready: electricity, NOT better than seasonal naive"
    assert "MASE: undefined, seasonal naive undefined\n" in text
    assert "80 % interval" not in text


def test_rows_that_were_left_out_are_told_with_their_places_and_in_the_subject(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Published"]["Rows"]["TARGET_TIME_SERIES"] = {
        "Read": 200,
        "Used": 196,
        "LeftOut": {"identifier": 3, "fields": 1},
        "FirstLeftOut": {"identifier": "train/a.csv, line 7", "fields": "train/a.csv, line 9"},
        "Unknown": 2,
    }
    notify(event)
    subject, text = sent(topic)
    assert subject == "Forecast ready: electricity, 2% of rows left out, 31% better than seasonal naive"
    assert (
        "from train/: 200 rows read = 196 used + 4 left out: 1 with another number of fields (train/a.csv, line 9), "
        "3 without an identifier (the first: train/a.csv, line 7)." in text
    )
    assert "2 of the rows used have no value: unknown, and filled as gaps are." in text


def test_less_than_a_hundredth_of_rows_left_out_is_no_matter_for_the_subject(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Published"]["Rows"]["TARGET_TIME_SERIES"] = {"Read": 201, "Used": 199, "LeftOut": {"identifier": 2}}
    notify(event)
    assert "left out" not in sent(topic)[0]


def test_a_partial_period_is_named_before_anything_else(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    part = {"Start": "2024-02-26T00:00:00", "Period": "W", "Held": 2, "Steps": 7, "Step": "D"}
    event["Published"]["PartialPeriod"] = part
    notify(event)
    assert sent(topic)[1].startswith(
        "The last week, from 2024-02-26 on, holds 2 of 7 days and counts as a whole one.\n"
    )


def test_a_partial_first_period_has_a_line(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    part = {"Start": "2024-01-01T00:00:00", "Period": "W", "Held": 5, "Steps": 7, "Step": "D"}
    event["Published"]["PartialFirstPeriod"] = part
    notify(event)
    line = "\nThe first week, from 2024-01-01 on, holds 5 of 7 days and counts as a whole one.\n"
    assert line in sent(topic)[1]


def test_rows_of_a_period_that_was_to_be_left_out_are_no_matter_for_the_subject(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    part = {"Start": "2024-02-26T00:00:00", "Period": "W", "Held": 2, "Steps": 7, "Step": "D", "IsLeftOut": True}
    event["Published"]["PartialPeriod"] = part
    event["Published"]["Rows"] = {"TARGET_TIME_SERIES": {"Read": 40, "Used": 36, "LeftOut": {"period": 4}}}
    notify(event)
    subject, text = sent(topic)
    assert "left out" not in subject
    assert "40 rows read = 36 used + 4 left out: 4 in an unfinished last period." in text
    assert text.startswith("The last week, from 2024-02-26 on, holds 2 of 7 days and is left out.\n")


@pytest.mark.parametrize(
    ("aggregation", "words"),
    [("sum", "were summed"), ("avg", "were averaged"), ("max", "count by the greatest of them")],
)
def test_rows_of_one_period_are_told_by_the_word_of_their_aggregation(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]], aggregation: str, words: str
) -> None:
    event = load_event("notify")
    event["Published"] |= {"AggregatedRowCount": 12, "Aggregation": aggregation}
    notify(event)
    assert f"12 rows shared a period with another row of their series and {words}." in sent(topic)[1]


def test_remarks_on_the_files_follow_their_import(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Imports"][0]["Remarks"] = ["train/notes.txt was not read: no data by its name."]
    notify(event)
    assert " left out.\ntrain/notes.txt was not read: no data by its name.\n" in sent(topic)[1]


def test_resources_that_stay_are_told(notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]) -> None:
    event = load_event("notify")
    event["Cleanup"] = {"InUse": ["arn:aws:forecast:us-east-1:123456789012:forecast/old"]}
    notify(event)
    text = sent(topic)[1]
    assert "Not deleted, since something uses them: arn:aws:forecast:us-east-1:123456789012:forecast/old." in text


def test_a_failure_tells_the_step_the_cause_and_that_the_old_forecast_stays(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    answer = notify(load_event("notify_failure"))
    subject, text = sent(topic)
    assert subject == "Forecast failed: electricity, step ExportForecast"
    assert "the role may not write to s3://almanac-data/tmp/9f3c1a2b7d/forecast/." in text
    assert "stackTrace" not in text
    assert "untouched and stays in place" in text
    assert answer["Error"] == "ResourceFailed"
    assert answer["Cause"].startswith("step ExportForecast: forecast-export-job/")


def test_a_problem_of_the_input_is_told_though_little_else_is_known(notify: Step, topic: str) -> None:
    run = {"Id": "9f3c1a2b7d", "Bucket": "almanac-data", "ParameterFile": "params.json", "Event": None}
    answer = notify({"Run": run, "PerformDelete": False, "Problem": "params.json, Forecast: missing."})
    subject, text = sent(topic)
    assert subject == "Forecast failed: almanac-data, the check of its input"
    assert "params.json, Forecast: missing." in text
    assert "untouched and stays in place" in text
    assert answer["Cause"] == "the check of its input: params.json, Forecast: missing."


def test_a_failure_after_publishing_does_not_claim_that_the_old_forecast_is_in_place(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    failure = {"Failure": {"DeleteResources": {"Error": "ResourceFailed", "Cause": "DeleteForecast was refused"}}}
    notify(load_event("delete_resources") | failure)
    text = sent(topic)[1]
    assert "DeleteForecast was refused" in text
    assert "untouched" not in text
    assert "The new forecast was published before that" in text


@pytest.mark.parametrize(
    ("error", "cause", "sentence"),
    [
        ("KeyError", json.dumps({"errorMessage": "'Arns'", "errorType": "KeyError"}), "KeyError: 'Arns'"),
        ("States.Timeout", "", "States.Timeout"),
        ("Lambda.Unknown", "The function died", "The function died"),
        ("Lambda.Unknown", '"a text"', '"a text"'),
    ],
)
def test_causes_of_every_form_are_read(
    notify: Step, load_event: Callable[[str], dict[str, Any]], error: str, cause: str, sentence: str
) -> None:
    event = load_event("notify_failure")
    event["Failure"] = {"CreateForecast": {"Error": error, "Cause": cause}}
    assert notify(event)["Cause"] == f"step CreateForecast: {sentence}"


def test_a_long_korean_name_still_makes_a_subject_that_sns_takes(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    event["Names"]["Forecast"] = "전력" * 60
    notify(event)
    subject = sent(topic)[0]
    assert len(subject) == 100
    assert subject.endswith("..., 31% better than seasonal naive")
    assert subject.isascii()


@pytest.fixture
def preparation(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """The document of a preparation of raw data."""
    return load_event("replace_train_data")


def test_a_preparation_that_left_rows_out_is_told_with_the_words_of_its_job(
    notify: Step, topic: str, preparation: dict[str, Any]
) -> None:
    counted = (
        "raw_data/a.csv: 3 of 7 rows cannot be used (target_value: wanted float: 3); they are in s3://b/quarantine/"
    )
    cause = json.dumps({"Id": "jr_1", "JobRunState": "FAILED", "ErrorMessage": f"SystemExit: {counted}"})
    answer = notify(preparation | {"Failure": {"PrepareRawData": {"Error": "States.TaskFailed", "Cause": cause}}})
    subject, text = sent(topic)
    assert subject == "Raw data not prepared: almanac-data, step PrepareRawData"
    assert text == (
        "Preparation 3d9a70c4e2 of raw_data/ in bucket almanac-data failed in step PrepareRawData.\n\n"
        f"{counted}\n\n"
        "train/ is as it was, and the forecast published before stays in place.\n"
        "After a correction, drop the raw file again: the preparation is then repeated."
    )
    assert (answer["Error"], answer["Cause"]) == ("States.TaskFailed", f"step PrepareRawData: {counted}")


def test_a_job_that_died_without_a_word_is_told_by_its_state(
    notify: Step, topic: str, preparation: dict[str, Any]
) -> None:
    cause = json.dumps({"Id": "jr_1", "JobRunState": "TIMEOUT"})
    notify(preparation | {"Failure": {"PrepareRawData": {"Error": "States.TaskFailed", "Cause": cause}}})
    assert "\nthe Glue job ended as TIMEOUT without a word (run jr_1)\n" in sent(topic)[1]


def test_a_problem_with_a_raw_file_is_told(notify: Step, topic: str, preparation: dict[str, Any]) -> None:
    document = {"Run": preparation["Run"], "Raw": {}, "Problem": "raw_data/a.csv: found an empty file."}
    assert notify(document)["Error"] == "Problem"
    subject, text = sent(topic)
    assert subject == "Raw data not prepared: almanac-data, the check of its input"
    assert "\nraw_data/a.csv: found an empty file.\n" in text


def test_a_replacement_that_broke_off_is_told_so(notify: Step, topic: str, preparation: dict[str, Any]) -> None:
    failure = {"Error": "ReplacementUnfinishedError", "Cause": json.dumps({"errorMessage": "An error occurred"})}
    notify(preparation | {"Failure": {"ReplaceTrainData": failure}})
    text = sent(topic)[1]
    assert "as it was" not in text
    assert text.endswith("Drop the raw file again: the next preparation puts them right.")


def test_a_preparation_that_gave_way_says_so(notify: Step, topic: str, preparation: dict[str, Any]) -> None:
    notify(preparation | {"Replaced": {"Superseded": "raw_data/: the files changed.", "FileCount": 0}})
    subject, text = sent(topic)
    assert subject == "Raw data superseded: almanac-data"
    assert "\nraw_data/: the files changed.\n" in text


@pytest.mark.parametrize(
    ("restored", "told"),
    [
        (
            {"State": "kept", "RunId": "8c01"},
            "The forecast published before, of run 8c01, is in place: this run has",
        ),
        (
            {"State": "kept", "RunId": None},
            "No forecast was published before, and none is in place: this run",
        ),
        ({"State": "kept", "RunId": "8c01", "Replacing": "77"}, "forecast; run 77 is replacing it."),
        ({"State": "restored", "RunId": "8c01"}, "of run 8c01, is in place: what this run had replaced was put back."),
        ({"State": "replaced", "RunId": "9f3c1a2b7d"}, "The forecast of this run is the latest one and whole; only"),
    ],
)
def test_after_a_failed_publishing_the_mail_says_whose_forecast_is_in_place(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]], *, restored: dict[str, Any], told: str
) -> None:
    answer = notify(load_event("restore_latest") | {"Restored": restored})
    subject, text = sent(topic)
    assert subject == "Forecast failed: electricity, step PublishForecast"
    assert told in text
    assert "untouched" not in text
    assert answer["Cause"].startswith("step PublishForecast: ClientError: An error occurred (AccessDenied)")


def test_what_nobody_may_put_back_is_told_object_by_object(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    refused = {"latest/forecast.csv": "CopyObject answered AccessDenied"}
    objects = {"latest/forecast.csv": "of run 9f3c1a2b7d", "table almanac-db.forecast": "of run 8c01"}
    restored = {"State": "mixed", "RunId": "8c01", "Refused": refused, "Objects": objects}
    notify(load_event("restore_latest") | {"Restored": restored})
    assert (
        "The latest forecast is NOT of one run: this run began to replace it, and putting back was refused:\n"
        "  latest/forecast.csv: CopyObject answered AccessDenied\n"
        "What is where now:\n"
        "  latest/forecast.csv: of run 9f3c1a2b7d\n"
        "  table almanac-db.forecast: of run 8c01\n"
        "The files of run 8c01 are whole under history/clean/8c01/.\n"
        "Give back the right that is missing; the next run that is published then replaces everything.\n"
    ) in sent(topic)[1]


def test_where_the_step_that_restores_fails_too_the_mail_says_that_it_does_not_know(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("restore_latest")
    event["Failure"] = {"RestoreLatest": {"Error": "ClientError", "Cause": "GetObject was refused"}} | event["Failure"]
    answer = notify(event)
    subject, text = sent(topic)
    assert subject == "Forecast failed: electricity, step PublishForecast"
    assert "is not known, since the step that looks failed:\n  GetObject was refused\n" in text
    assert answer["Error"] == "ClientError"


def test_a_replacement_that_was_killed_does_not_claim_to_know(
    notify: Step, topic: str, preparation: dict[str, Any]
) -> None:
    failure = {"Error": "Sandbox.Timedout", "Cause": "Task timed out after 900 seconds"}
    notify(preparation | {"Failure": {"ReplaceTrainData": failure}})
    text = sent(topic)[1]
    assert "Whether files of train/ were replaced is not known." in text
    assert "as it was" not in text


def test_a_run_that_was_overtaken_and_failed_later_does_not_claim_to_be_the_latest(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("delete_resources")
    event["Published"] = event["Published"] | {"SupersededBy": "ab12"}
    notify(event | {"Failure": {"DeleteResources": {"Error": "ResourceFailed", "Cause": "DeleteForecast was refused"}}})
    assert "Run ab12, which started later, is the latest forecast; only what came after" in sent(topic)[1]


def test_other_programs_are_told_of_a_published_forecast(
    notify: Step, told: Callable[[], list[dict[str, Any]]], load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = load_event("notify")
    notify(event)
    (each,) = told()
    assert (each["source"], each["detail-type"]) == ("almanac", "Forecast Published")
    detail = each["detail"]
    assert (detail["Run"], detail["Bucket"], detail["Names"]) == ("9f3c1a2b7d", "almanac-data", event["Names"])
    for member in ("Accuracy", "SeasonalNaive", "Files", "ItemCount", "Horizon"):
        assert detail[member] == event["Published"][member]
    assert (detail["CameTrue"], detail["Drift"], detail["HeldBack"]) == (None, [], [])


@pytest.mark.parametrize(
    ("published", "kind"),
    [
        ({"HeldBack": ["its loss is 1.3 times seasonal naive's"]}, "Forecast Held Back"),
        ({"AsOf": "2025-06-30"}, "Forecast Made As Of"),
        ({"SupersededBy": "ab12"}, "Forecast Superseded"),
    ],
)
def test_a_forecast_that_is_not_in_place_is_not_told_as_published(
    notify: Step,
    told: Callable[[], list[dict[str, Any]]],
    load_event: Callable[[str], dict[str, Any]],
    *,
    published: dict[str, Any],
    kind: str,
) -> None:
    event = load_event("notify")
    event["Published"] |= published
    notify(event)
    (each,) = told()
    assert each["detail-type"] == kind
    assert {member: each["detail"][member] for member in published} == published


def test_other_programs_are_told_why_a_run_failed(
    notify: Step, told: Callable[[], list[dict[str, Any]]], load_event: Callable[[str], dict[str, Any]]
) -> None:
    answer = notify(load_event("notify_failure"))
    (each,) = told()
    assert each["detail-type"] == "Forecast Failed"
    assert each["detail"]["Cause"] == answer["Cause"]
    assert each["detail"]["InPlace"] == "The forecast published before is untouched and stays in place."


def test_a_run_that_failed_after_publishing_is_told_as_both(
    notify: Step, told: Callable[[], list[dict[str, Any]]], load_event: Callable[[str], dict[str, Any]]
) -> None:
    failure = {"Failure": {"DeleteResources": {"Error": "ResourceFailed", "Cause": "DeleteForecast was refused"}}}
    notify(load_event("delete_resources") | failure)
    assert [each["detail-type"] for each in told()] == ["Forecast Published", "Forecast Failed"]


def test_a_preparation_is_no_event_of_a_forecast(
    notify: Step, told: Callable[[], list[dict[str, Any]]], preparation: dict[str, Any]
) -> None:
    notify(preparation | {"Replaced": {"Superseded": "raw_data/: the files changed.", "FileCount": 0}})
    assert told() == []


def test_events_that_cannot_be_put_do_not_lose_the_mail(
    notify: Step, topic: str, load_event: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}, "PutEvents")

    client, sns = SimpleNamespace(put_events=refused), boto3.client("sns")
    monkeypatch.setattr(boto3, "client", {"events": client, "sns": sns}.__getitem__)
    notify(load_event("notify"))
    assert sent(topic)[1].endswith(
        "\n\nOther programs were not told by EventBridge: "
        "An error occurred (AccessDeniedException) when calling the PutEvents operation: not authorized"
    )


def test_a_mail_that_cannot_be_sent_does_not_lose_the_event(
    notify: Step,
    topic: str,
    told: Callable[[], list[dict[str, Any]]],
    load_event: Callable[[str], dict[str, Any]],
) -> None:
    boto3.client("sns").delete_topic(TopicArn=topic)
    with pytest.raises(ClientError, match="NotFound"):
        notify(load_event("notify"))
    assert [each["detail-type"] for each in told()] == ["Forecast Published"]
