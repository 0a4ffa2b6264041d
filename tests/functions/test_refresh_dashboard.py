"""refresh_dashboard: one ingestion per data set and run. A limit is told; any other refusal fails the step."""

import json
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from forecast_pipeline import ResourceFailed, ServiceUnreachable

DATA_SETS = ["almanac-forecast", "almanac-accuracy", "almanac-runs"]
Refresh = Callable[[dict[str, Any]], Any]


@pytest.fixture
def event(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return load_event("refresh_dashboard")


@pytest.fixture
def refresh(
    aws_environment: None, load_function: Callable[[str], ModuleType], lambda_context: SimpleNamespace
) -> Refresh:
    handler = load_function("refresh_dashboard").lambda_handler
    return lambda event: handler(event, lambda_context)


@pytest.fixture
def quicksight(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """QuickSight, which answers what a test says; moto's knows no limits and no second ingestion of one name."""
    client = boto3.client("quicksight")
    with Stubber(client) as stub:
        monkeypatch.setattr(boto3, "client", lambda name: client)
        yield stub
        stub.assert_no_pending_responses()


def request(data_set: str) -> dict[str, str]:
    return {"AwsAccountId": "123456789012", "DataSetId": data_set, "IngestionId": "9f3c1a2b7d"}


def started(data_set: str) -> dict[str, Any]:
    arn = f"arn:aws:quicksight:us-east-1:123456789012:dataset/{data_set}/ingestion/9f3c1a2b7d"
    return {"Arn": arn, "IngestionId": "9f3c1a2b7d", "IngestionStatus": "INITIALIZED", "Status": 201}


def test_an_ingestion_named_after_the_run_is_started_for_each_data_set(
    refresh: Refresh, quicksight: Stubber, event: dict[str, Any]
) -> None:
    for data_set in DATA_SETS:
        quicksight.add_response("create_ingestion", started(data_set), request(data_set))
    assert refresh(event) == {"DataSets": DATA_SETS, "NotRefreshed": {}}


def test_a_step_that_is_retried_starts_no_second_ingestion(
    refresh: Refresh, quicksight: Stubber, event: dict[str, Any]
) -> None:
    quicksight.add_client_error("create_ingestion", "ResourceExistsException", expected_params=request(DATA_SETS[0]))
    for data_set in DATA_SETS[1:]:
        quicksight.add_response("create_ingestion", started(data_set), request(data_set))
    assert refresh(event) == {"DataSets": DATA_SETS, "NotRefreshed": {}}


@pytest.mark.parametrize("code", ["LimitExceededException", "ThrottlingException"])
def test_a_limit_is_told_and_the_other_data_sets_are_refreshed(
    refresh: Refresh, quicksight: Stubber, event: dict[str, Any], code: str
) -> None:
    quicksight.add_response("create_ingestion", started(DATA_SETS[0]), request(DATA_SETS[0]))
    quicksight.add_client_error("create_ingestion", code, "32 ingestions a day", 400)
    quicksight.add_response("create_ingestion", started(DATA_SETS[2]), request(DATA_SETS[2]))
    answer = refresh(event)
    assert answer["DataSets"] == [DATA_SETS[0], DATA_SETS[2]]
    assert answer["NotRefreshed"] == {"almanac-accuracy": f"{code}: 32 ingestions a day"}


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (("ResourceNotFoundException", 404), ResourceFailed),
        (("AccessDeniedException", 401), ResourceFailed),
        (("InternalFailureException", 500), ServiceUnreachable),
    ],
)
def test_whatever_else_quicksight_says_fails_the_step(
    refresh: Refresh, quicksight: Stubber, event: dict[str, Any], refusal: tuple[str, int], error: type[Exception]
) -> None:
    code, status = refusal
    quicksight.add_client_error("create_ingestion", code, "for a reason", status)
    with pytest.raises(error, match=code):
        refresh(event)


def test_moto_takes_the_requests(refresh: Refresh, event: dict[str, Any]) -> None:
    with mock_aws():
        assert refresh(event)["DataSets"] == DATA_SETS


def test_the_answer_is_what_the_event_of_the_next_step_holds(
    refresh: Refresh, event: dict[str, Any], load_event: Callable[[str], dict[str, Any]]
) -> None:
    with mock_aws():
        assert json.loads(json.dumps(refresh(event))) == load_event("delete_resources")["Refreshed"]
