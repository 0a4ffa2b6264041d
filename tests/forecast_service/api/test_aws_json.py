"""AWS JSON 1.1 over a function URL."""

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from forecast_service.api.aws_json import Call, failure, fault, read_call, success
from forecast_service.records.errors import InvalidInputException, SerializationException

HEADERS = {"x-amz-target": "AmazonForecast.DescribeDataset"}


@pytest.mark.parametrize("encoded", [True, False])
def test_a_body_may_come_in_base64_or_plain(encoded: bool) -> None:
    text = '{"DatasetArn": "é"}'
    body = base64.b64encode(text.encode()).decode() if encoded else text
    event = {"headers": HEADERS, "body": body, "isBase64Encoded": encoded}
    assert read_call(event) == Call("AmazonForecast.DescribeDataset", {"DatasetArn": "é"})


def test_no_body_is_an_empty_request() -> None:
    assert read_call({"headers": HEADERS}).parameters == {}


@pytest.mark.parametrize("body", ["{", "[]", "3", "%%%"])
def test_what_is_no_json_object_cannot_be_read(body: str) -> None:
    with pytest.raises(SerializationException):
        read_call({"headers": HEADERS, "body": body, "isBase64Encoded": body == "%%%"})


def test_an_error_has_its_type_in_the_body_and_a_capital_message() -> None:
    response = failure(InvalidInputException("too long"))
    assert response["statusCode"] == 400
    assert json.loads(response["body"]) == {"__type": "InvalidInputException", "Message": "too long"}


def test_every_answer_has_a_content_type_and_leaves_the_id_of_the_request_to_lambda() -> None:
    for answer in (success({"a": 1}), success({}), failure(InvalidInputException("x")), fault(KeyError("x"))):
        assert answer["headers"] == {"content-type": "application/x-amz-json-1.1"}


@pytest.mark.parametrize("body", [rb'{"Filters": {"item_id": "\ud800"}}', rb'{"\udfff": 1}', b'{"a": "\xed\xa0\x80"}'])
def test_half_a_character_cannot_be_read(body: bytes) -> None:
    with pytest.raises(SerializationException, match=r"found '\\ud[8f][0f][0f]', half of a character"):
        read_call({"headers": HEADERS, "body": base64.b64encode(body).decode(), "isBase64Encoded": True})


def test_a_character_in_two_halves_is_whole() -> None:
    assert read_call({"headers": HEADERS, "body": r'{"a": "\ud83d\ude00"}'}).parameters == {"a": "😀"}


def test_times_are_numbers_with_milliseconds() -> None:
    assert json.loads(success({"CreationTime": 1_700_000_000.123})["body"])["CreationTime"] == 1_700_000_000.123


def test_a_fault_tells_no_more_than_that_it_is_ours() -> None:
    answer = fault(KeyError("secret"))
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"]) == {
        "__type": "InternalServerException",
        "Message": "The service failed. Its log says why.",
    }


def test_a_fault_names_the_right_that_the_service_itself_lacks() -> None:
    denied: Any = {"Error": {"Code": "AccessDeniedException", "Message": "User: arn:aws:sts::1:assumed-role/x is not"}}
    message = json.loads(fault(ClientError(denied, "PutItem"))["body"])["Message"]
    assert message == (
        "The service failed: PutItem was refused to its own role (AccessDeniedException). Its log says more."
    )
