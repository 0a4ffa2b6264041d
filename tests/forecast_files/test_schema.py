"""Roles of columns: by domain, by type of dataset."""

import pytest

from forecast_files.schema import Schema


def schema(domain: str, dataset_type: str, *attributes: str) -> Schema:
    listed = [dict(zip(("AttributeName", "AttributeType"), text.split(":"), strict=True)) for text in attributes]
    return Schema.of_dataset({"Domain": domain, "DatasetType": dataset_type, "Schema": {"Attributes": listed}})


@pytest.mark.parametrize(
    ("domain", "identifier", "target"),
    [
        ("RETAIL", "item_id", "demand"),
        ("CUSTOM", "item_id", "target_value"),
        ("INVENTORY_PLANNING", "item_id", "demand"),
        ("EC2_CAPACITY", "instance_type", "number_of_instances"),
        ("WORK_FORCE", "workforce_type", "workforce_demand"),
        ("WEB_TRAFFIC", "item_id", "value"),
        ("METRICS", "metric_name", "metric_value"),
    ],
)
def test_each_domain_names_its_item_and_its_target(domain: str, identifier: str, target: str) -> None:
    found = schema(domain, "TARGET_TIME_SERIES", f"{target}:float", f"{identifier}:string", "timestamp:timestamp")
    assert [column.role for column in found.columns] == ["target", "item_id", "timestamp"]
    assert [column.canonical for column in found.columns] == ["target", "item_id", "timestamp"]


def test_an_attribute_named_like_one_of_ours_stays_itself() -> None:
    found = schema(
        "METRICS",
        "TARGET_TIME_SERIES",
        "metric_name:string",
        "timestamp:timestamp",
        "metric_value:float",
        "item_id:string",
        "target:string",
    )
    names = [column.canonical for column in found.columns]
    assert names == ["item_id", "timestamp", "target", "dimension_item_id", "dimension_target"]


def test_numbers_of_related_series_are_features_and_texts_are_dimensions() -> None:
    found = schema(
        "CUSTOM", "RELATED_TIME_SERIES", "item_id:string", "timestamp:timestamp", "store:string", "price:float"
    )
    assert [column.role for column in found.columns] == ["item_id", "timestamp", "dimension", "feature"]


def test_a_schema_survives_its_document() -> None:
    found = schema("CUSTOM", "ITEM_METADATA", "item_id:string", "brand:string")
    assert Schema.from_document(found.to_document()) == found
    assert not found.has_timestamp
