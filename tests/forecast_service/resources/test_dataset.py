"""Datasets: what a schema must have in each domain."""

from typing import Any

import pytest

from tests.forecast_service.api_client import Refused, StartedJobs
from tests.forecast_service.shop import Shop

TARGETS = {
    # Domain: identifier, target, as Amazon's guide lists them.
    "RETAIL": ("item_id", "demand"),
    "CUSTOM": ("item_id", "target_value"),
    "INVENTORY_PLANNING": ("item_id", "demand"),
    "EC2_CAPACITY": ("instance_type", "number_of_instances"),
    "WORK_FORCE": ("workforce_type", "workforce_demand"),
    "WEB_TRAFFIC": ("item_id", "value"),
    "METRICS": ("metric_name", "metric_value"),
}


def target_schema(domain: str) -> dict[str, str]:
    identifier, target = TARGETS[domain]
    return {identifier: "string", "timestamp": "timestamp", target: "float"}


def without(attributes: dict[str, str], name: str) -> dict[str, str]:
    return {other: kind for other, kind in attributes.items() if other != name}


@pytest.mark.parametrize("domain", TARGETS)
def test_each_domain_has_its_own_fields(forecast: Any, shop: Shop, refused: Refused, domain: str) -> None:
    attributes = target_schema(domain)
    for name in attributes:
        with refused("InvalidInputException", f"wants {name}"):
            shop.dataset(domain, without(attributes, name), Domain=domain)
    arn = shop.dataset(domain, attributes, Domain=domain)
    answer = forecast.describe_dataset(DatasetArn=arn)
    assert (answer["Domain"], answer["DataFrequency"], answer["EncryptionConfig"]) == (domain, "D", {})
    assert [attribute["AttributeName"] for attribute in answer["Schema"]["Attributes"]] == list(attributes)


def test_a_target_may_be_an_integer_but_no_string(shop: Shop, refused: Refused) -> None:
    shop.dataset("whole", target_schema("CUSTOM") | {"target_value": "integer"})
    with refused("InvalidInputException", "target_value of type float or integer; found string"):
        shop.dataset("text", target_schema("CUSTOM") | {"target_value": "string"})


def test_fields_may_come_in_any_order(shop: Shop) -> None:
    shop.dataset(attributes={"target_value": "float", "timestamp": "timestamp", "item_id": "string"})


def test_a_dataset_is_active_at_once_and_unchanged(forecast: Any, shop: Shop, started_jobs: StartedJobs) -> None:
    answer = forecast.describe_dataset(DatasetArn=shop.dataset())
    assert answer["Status"] == "ACTIVE"
    assert answer["CreationTime"] == answer["LastModificationTime"]
    assert started_jobs() == []


@pytest.mark.parametrize(
    ("dataset_type", "extra", "largest"),
    [("TARGET_TIME_SERIES", "string", 13), ("RELATED_TIME_SERIES", "float", 25), ("ITEM_METADATA", "string", 10)],
)
def test_columns_are_limited_by_type(shop: Shop, refused: Refused, dataset_type: str, extra: str, largest: int) -> None:
    base = {
        "TARGET_TIME_SERIES": target_schema("CUSTOM"),
        "RELATED_TIME_SERIES": {"item_id": "string", "timestamp": "timestamp"},
        "ITEM_METADATA": {"item_id": "string"},
    }[dataset_type]
    full = base | {f"column_{number}": extra for number in range(largest - len(base))}
    shop.dataset("full", full, DatasetType=dataset_type)
    with refused("InvalidInputException", f"found {largest + 1} attributes, at most {largest}"):
        shop.dataset("fuller", full | {"one_more": extra}, DatasetType=dataset_type)


def test_timestamps_are_one_in_a_series_and_none_in_metadata(shop: Shop, refused: Refused) -> None:
    with refused("InvalidInputException", "1 attributes of type timestamp, found 2"):
        shop.dataset(attributes=target_schema("CUSTOM") | {"sold_at": "timestamp"})
    for count in (1, 2):
        dates = {f"day_{number}": "timestamp" for number in range(count)}
        with refused("InvalidInputException", f"0 attributes of type timestamp, found {count}"):
            shop.dataset(attributes={"item_id": "string"} | dates, DatasetType="ITEM_METADATA")


def test_a_related_series_has_features_and_not_the_target(shop: Shop, refused: Refused) -> None:
    keys = {"item_id": "string", "timestamp": "timestamp"}
    with refused("InvalidInputException", "at least one feature"):
        shop.dataset(attributes=keys, DatasetType="RELATED_TIME_SERIES")
    with refused("InvalidInputException", "target_value is the target"):
        shop.dataset(attributes=keys | {"target_value": "float"}, DatasetType="RELATED_TIME_SERIES")


def test_text_in_a_related_series_is_not_refused_yet(shop: Shop) -> None:
    # It may become a dimension of the forecast: CreatePredictor knows.
    attributes = {"item_id": "string", "timestamp": "timestamp", "store": "string"}
    shop.dataset(attributes=attributes, DatasetType="RELATED_TIME_SERIES")


@pytest.mark.parametrize("dataset_type", ["TARGET_TIME_SERIES", "RELATED_TIME_SERIES"])
def test_a_time_series_has_a_frequency(forecast: Any, refused: Refused, dataset_type: str) -> None:
    attributes = target_schema("CUSTOM") if dataset_type == "TARGET_TIME_SERIES" else {"item_id": "string"}
    schema = {"Attributes": [{"AttributeName": name, "AttributeType": kind} for name, kind in attributes.items()]}
    with refused("InvalidInputException", "DataFrequency is required"):
        forecast.create_dataset(DatasetName="d", Domain="CUSTOM", DatasetType=dataset_type, Schema=schema)


def test_names_are_given_once_and_are_not_reserved(shop: Shop, refused: Refused) -> None:
    with refused("InvalidInputException", "item_id is given more than once"):
        shop.dataset(attributes=target_schema("CUSTOM") | {"Item_ID": "string"})
    with refused("InvalidInputException", "date is a reserved word"):
        shop.dataset(attributes=target_schema("CUSTOM") | {"date": "string"})


def test_half_an_attribute_is_refused(forecast: Any, refused: Refused) -> None:
    request = {"DatasetName": "d", "Domain": "CUSTOM", "DatasetType": "ITEM_METADATA"}
    with refused("InvalidInputException", "attribute 1 has no AttributeType"):
        forecast.create_dataset(**request, Schema={"Attributes": [{"AttributeName": "item_id"}]})
    with refused("InvalidInputException", "wants item_id"):
        forecast.create_dataset(**request, Schema={})


def test_a_place_is_refused_with_what_to_do_instead(shop: Shop, refused: Refused) -> None:
    with refused("InvalidInputException", "geolocation: this service has no weather of its own: bring the weather"):
        shop.dataset(attributes=target_schema("CUSTOM") | {"place": "geolocation"})


def test_an_encryption_is_checked_and_echoed(forecast: Any, shop: Shop, refused: Refused) -> None:
    key = {"RoleArn": "arn:aws:iam::123456789012:role/x", "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/x"}
    assert forecast.describe_dataset(DatasetArn=shop.dataset(EncryptionConfig=key))["EncryptionConfig"] == key
    with refused("ValidationException", "encryptionConfig.kMSKeyArn"):
        shop.dataset("other", EncryptionConfig=key | {"KMSKeyArn": "alias/mine"})
