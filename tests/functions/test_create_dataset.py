"""create_dataset: datasets and their group are made once, and a changed schema is refused."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from forecast_pipeline import ResourceFailed, ResourcePending
from tests.forecast_pipeline.fake_forecast import ACCOUNT, FakeForecast

RELATED = {
    "DatasetName": "electricity_weather",
    "Domain": "CUSTOM",
    "DatasetType": "RELATED_TIME_SERIES",
    "DataFrequency": "H",
    "Schema": {"Attributes": [{"AttributeName": "item_id", "AttributeType": "string"}]},
}


@pytest.fixture
def handler(load_function: Callable[[str], ModuleType], amazon_forecast: FakeForecast) -> Callable[..., Any]:
    handler: Callable[..., Any] = load_function("create_dataset").lambda_handler
    return handler


@pytest.fixture
def event(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return load_event("create_dataset")


def test_datasets_and_their_group_are_created_as_params_json_says(
    handler: Callable[..., Any], event: dict[str, Any], amazon_forecast: FakeForecast, lambda_context: SimpleNamespace
) -> None:
    arns = handler(event, lambda_context)
    assert arns == {
        "DatasetGroupArn": f"{ACCOUNT}:dataset-group/electricity",
        "DatasetArns": {"electricity": f"{ACCOUNT}:dataset/electricity"},
    }
    mark = {"Tags": [{"Key": "almanac:pipeline", "Value": "almanac-data"}]}  # so that they are known under other names
    assert amazon_forecast.asked("CreateDataset") == [dataset | mark for dataset in event["Datasets"]]
    (group,) = amazon_forecast.asked("CreateDatasetGroup")
    assert group == event["DatasetGroup"] | mark | {"DatasetArns": [f"{ACCOUNT}:dataset/electricity"]}


def test_a_second_call_answers_the_same_and_creates_nothing(
    handler: Callable[..., Any], event: dict[str, Any], amazon_forecast: FakeForecast, lambda_context: SimpleNamespace
) -> None:
    first = handler(event, lambda_context)
    before = dict(amazon_forecast.resources)
    assert handler(event, lambda_context) == first
    assert amazon_forecast.resources == before
    assert not amazon_forecast.asked("UpdateDatasetGroup")


def test_a_dataset_that_params_json_got_since_joins_the_group(
    handler: Callable[..., Any], event: dict[str, Any], amazon_forecast: FakeForecast, lambda_context: SimpleNamespace
) -> None:
    handler(event, lambda_context)
    arns = handler(event | {"Datasets": [*event["Datasets"], RELATED]}, lambda_context)
    group = amazon_forecast.resources[f"{ACCOUNT}:dataset-group/electricity"]
    assert group["DatasetArns"] == list(arns["DatasetArns"].values())
    assert len(group["DatasetArns"]) == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"Schema": {"Attributes": [{"AttributeName": "item_id", "AttributeType": "string"}]}},
            "another Schema: found timestamp timestamp, target_value float, item_id string, "
            "params.json wants item_id string; give it another name",
        ),
        ({"DataFrequency": "D"}, "another DataFrequency: found H, params.json wants D"),
    ],
)
def test_a_dataset_that_exists_with_another_schema_is_a_clear_failure(
    handler: Callable[..., Any],
    event: dict[str, Any],
    lambda_context: SimpleNamespace,
    change: dict[str, Any],
    sentence: str,
) -> None:
    handler(event, lambda_context)
    event["Datasets"][0].update(change)
    with pytest.raises(ResourceFailed, match=sentence):
        handler(event, lambda_context)


def test_a_dataset_that_another_import_is_filling_is_waited_for(
    handler: Callable[..., Any], event: dict[str, Any], amazon_forecast: FakeForecast, lambda_context: SimpleNamespace
) -> None:
    handler(event, lambda_context)
    amazon_forecast.resources[f"{ACCOUNT}:dataset/electricity"]["Status"] = "UPDATE_IN_PROGRESS"
    with pytest.raises(ResourcePending, match="dataset/electricity is UPDATE_IN_PROGRESS"):
        handler(event, lambda_context)


def test_a_refused_request_fails_with_the_services_words(
    handler: Callable[..., Any], event: dict[str, Any], amazon_forecast: FakeForecast, lambda_context: SimpleNamespace
) -> None:
    amazon_forecast.refuse("CreateDataset", "InvalidInputException", "The attribute date is a reserved word")
    with pytest.raises(ResourceFailed, match=r"CreateDataset was refused.*The attribute date is a reserved word"):
        handler(event, lambda_context)
