"""Requests against Amazon's model: the texts that its servers answer."""

from typing import Any

import pytest

from forecast_service.api.validation import check, operation_model
from forecast_service.records.errors import SerializationException, UnknownOperationException, ValidationException

S3_CONFIG = {"Path": "s3://bucket/x", "RoleArn": "arn:aws:iam::123456789012:role/data"}


def violation(operation: str, parameters: dict[str, Any]) -> str:
    with pytest.raises(ValidationException) as error:
        check(operation_model(f"AmazonForecast.{operation}"), parameters)
    return error.value.message


def test_a_bad_name_is_told_with_the_pattern() -> None:
    # The text of the real service for predictorName, as its users quote it.
    assert violation("CreateDatasetGroup", {"DatasetGroupName": "1st", "Domain": "CUSTOM"}) == (
        "1 validation error detected: Value '1st' at 'datasetGroupName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern ^[a-zA-Z][a-zA-Z0-9_]*"
    )


def test_several_errors_are_told_at_once() -> None:
    text = violation("CreateDatasetGroup", {"DatasetGroupName": "a" * 64, "Domain": "NOPE"})
    assert text.startswith("2 validation errors detected: ")
    assert f"Value '{'a' * 64}' at 'datasetGroupName'" in text
    assert "Member must have length less than or equal to 63; Value 'NOPE' at 'domain'" in text
    assert "Member must satisfy enum value set [RETAIL, CUSTOM, INVENTORY_PLANNING" in text


def test_a_pattern_holds_for_the_whole_name_though_it_has_no_end() -> None:
    assert "at 'datasetGroupName'" in violation(
        "CreateDatasetGroup", {"DatasetGroupName": "my group", "Domain": "CUSTOM"}
    )


def test_a_missing_member_is_null() -> None:
    assert violation("DescribeDataset", {}) == (
        "1 validation error detected: Value null at 'datasetArn' failed to satisfy constraint: Member must not be null"
    )


def test_members_of_lists_and_structures_are_found() -> None:
    attributes = [{"AttributeName": "a", "AttributeType": "string"}, {"AttributeName": "b", "AttributeType": "text"}]
    request = {"DatasetName": "d", "Domain": "CUSTOM", "DatasetType": "ITEM_METADATA"}
    text = violation("CreateDataset", request | {"Schema": {"Attributes": attributes}})
    assert "Value 'text' at 'schema.attributes.2.member.attributeType'" in text


def test_ranges_are_checked() -> None:
    assert "at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100" in (
        violation("ListDatasets", {"MaxResults": 101})
    )
    assert "greater than or equal to 1" in violation("ListDatasets", {"MaxResults": 0})


def test_a_role_is_an_arn_of_iam_though_the_model_says_arn_of_forecast() -> None:
    request = {"ForecastExportJobName": "e", "ForecastArn": "arn:aws:forecast:eu-west-1:123456789012:forecast/f"}
    operation = operation_model("AmazonForecast.CreateForecastExportJob")
    check(operation, request | {"Destination": {"S3Config": S3_CONFIG}})
    wrong = S3_CONFIG | {"RoleArn": request["ForecastArn"]}
    text = violation("CreateForecastExportJob", request | {"Destination": {"S3Config": wrong}})
    assert "at 'destination.s3Config.roleArn'" in text


def test_a_filter_may_hold_a_status() -> None:
    filters = [{"Key": "Status", "Condition": "IS", "Value": "ACTIVE"}]
    check(operation_model("AmazonForecast.ListForecasts"), {"Filters": filters})


def test_tags_may_be_in_any_language() -> None:
    request = {"DatasetGroupName": "g", "Domain": "CUSTOM"}
    operation = operation_model("AmazonForecast.CreateDatasetGroup")
    check(operation, request | {"Tags": [{"Key": "팀", "Value": ""}]})
    assert "tags.1.member.key" in violation("CreateDatasetGroup", request | {"Tags": [{"Key": "a*", "Value": "x"}]})


def test_maps_are_checked_by_key_and_value() -> None:
    operation = operation_model("AmazonForecastRuntime.QueryForecast")
    arn = "arn:aws:forecast:eu-west-1:123456789012:forecast/f"
    check(operation, {"ForecastArn": arn, "Filters": {"item_id": "Zürich 1"}})
    with pytest.raises(ValidationException, match=r"'filters\.key'.*pattern"):
        check(operation, {"ForecastArn": arn, "Filters": {"item id": "x"}})
    with pytest.raises(ValidationException, match=r"'filters'.*length greater than or equal to 1"):
        check(operation, {"ForecastArn": arn, "Filters": {}})


def test_wrong_types_and_unknown_members_cannot_be_read() -> None:
    operation = operation_model("AmazonForecast.CreateDatasetGroup")
    for wrong in ({"Domain": "CUSTOM", "DatasetArns": "arn"}, {"Domain": "CUSTOM", "Colour": "red"}):
        with pytest.raises(SerializationException, match=next(iter(set(wrong) - {"Domain"}))):
            check(operation, {"DatasetGroupName": "g"} | wrong)


@pytest.mark.parametrize("target", ["", "AmazonForecast.Nothing", "AmazonForecastRuntime.CreateDataset", "x.y.z"])
def test_what_neither_service_has_is_unknown(target: str) -> None:
    with pytest.raises(UnknownOperationException):
        operation_model(target)
