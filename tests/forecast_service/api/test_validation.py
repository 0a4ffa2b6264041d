"""Requests against Amazon's model: the texts that its servers answer."""

import re
from typing import Any

import pytest

from forecast_service.api.validation import check, operation_model
from forecast_service.records.errors import (
    ApiError,
    SerializationException,
    UnknownOperationException,
    ValidationException,
)

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


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("CreateDatasetGroup", {"DatasetGroupName": "a", "Domain": "CUSTOM", "DatasetArns": [1] * 200_000}),
        ("CreateDatasetGroup", {"DatasetGroupName": "a", "Domain": "CUSTOM", "DatasetArns": ["é" * 9] * 30_000}),
        ("CreateDatasetGroup", {"DatasetGroupName": "a" * 600_000, "Domain": "b" * 600_000}),
        ("CreateDatasetGroup", {"DatasetGroupName": "a", "Domain": "CUSTOM"} | {f"m{i}": 1 for i in range(50_000)}),
        ("CreateDatasetGroup", {"DatasetGroupName": "a", "Domain": "CUSTOM", "m" * 600_000: 1}),
        ("CreateDatasetGroup", {"DatasetGroupName": {"a": [1] * 200_000}, "Domain": "CUSTOM"}),
        ("CreateDatasetGroup", {"DatasetGroupName": "a", "Domain": "CUSTOM", "Tags": ["a" * 600_000]}),
    ],
)
def test_a_refusal_repeats_no_more_than_a_line_of_each_value_and_few_faults(
    operation: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ApiError) as refusal:
        check(operation_model(f"AmazonForecast.{operation}"), parameters)
    assert len(refusal.value.message) < 4096
    assert not re.search(r"a{121}|b{121}|m{121}", refusal.value.message)


def test_a_refusal_says_how_many_faults_it_leaves_out() -> None:
    request = {"DatasetGroupName": "a", "Domain": "CUSTOM", "Tags": [{"Key": "*", "Value": ""}] * 13}
    text = violation("CreateDatasetGroup", request)
    assert text.startswith("13 validation errors detected: ")
    assert text.count("failed to satisfy") == 10
    assert text.endswith("; and 3 more")


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"DatasetArns": {"a": 1}}, 'DatasetArns: found {"a": 1}, wanted a list'),
        ({"Tags": [{"Key": "k", "Value": 3}]}, "Tags[0].Value: found 3, wanted a string"),
        (
            {"Owner": "me"},
            "the request: found the member Owner, wanted one of DatasetGroupName, Domain, DatasetArns, Tags",
        ),
    ],
)
def test_a_value_of_another_type_and_a_member_of_no_place_are_told(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SerializationException, match=f"^{re.escape(sentence)}$"):
        check(
            operation_model("AmazonForecast.CreateDatasetGroup"),
            {"DatasetGroupName": "a", "Domain": "CUSTOM"} | parameters,
        )
