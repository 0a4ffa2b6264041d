"""train_predictor: the auto predictor, found by its name, and the legacy request."""

from collections.abc import Callable
from typing import Any

import pytest

from forecast_pipeline import ResourceFailed, ResourcePending
from tests.forecast_pipeline.fake_forecast import ACCOUNT, ULID, FakeForecast

Step = Callable[[dict[str, Any]], Any]
GROUP = f"{ACCOUNT}:dataset-group/electricity"
LEGACY = {
    "PredictorName": "electricity_9f3c1a2b7d",
    "ForecastHorizon": 24,
    "PerformAutoML": True,
    "InputDataConfig": {"SupplementaryFeatures": [{"Name": "holiday", "Value": "KR"}]},
    "FeaturizationConfig": {"ForecastFrequency": "H"},
}


@pytest.fixture
def event(steps_before: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return steps_before("train_predictor")


@pytest.fixture
def legacy_event(event: dict[str, Any]) -> dict[str, Any]:
    del event["AutoPredictor"]
    return event | {"Predictor": LEGACY}


@pytest.fixture
def train(run_step: Callable[[str], Step]) -> Step:
    return run_step("train_predictor")


def test_an_auto_predictor_is_created_once_and_found_by_its_name_again(
    train: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    for _ in range(3):
        with pytest.raises(ResourcePending):
            train(event)
    amazon_forecast.settle()
    assert train(event) == f"{ACCOUNT}:predictor/electricity_9f3c1a2b7d_{ULID}"
    (request,) = amazon_forecast.asked("CreateAutoPredictor")
    assert request["DataConfig"] == {"DatasetGroupArn": GROUP}
    assert request["ForecastHorizon"] == 24


def test_it_is_found_among_more_predictors_than_one_page_holds(
    train: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    for name in ("electricity_0000000001", "electricity_0000000002"):
        with pytest.raises(ResourcePending):
            train(event | {"AutoPredictor": event["AutoPredictor"] | {"PredictorName": name}})
    with pytest.raises(ResourcePending):
        train(event)
    amazon_forecast.settle()
    assert train(event) == f"{ACCOUNT}:predictor/electricity_9f3c1a2b7d_{ULID}"
    assert len(amazon_forecast.asked("CreateAutoPredictor")) == 3


def test_new_data_train_a_new_predictor(train: Step, event: dict[str, Any], amazon_forecast: FakeForecast) -> None:
    with pytest.raises(ResourcePending):
        train(event)
    event["AutoPredictor"]["PredictorName"] = "electricity_ffffffffff"
    with pytest.raises(ResourcePending):
        train(event)
    assert [name for name in amazon_forecast.names() if name.startswith("predictor/")] == [
        f"predictor/electricity_9f3c1a2b7d_{ULID}",
        f"predictor/electricity_ffffffffff_{ULID}",
    ]


def test_the_legacy_request_of_the_workshop_keeps_its_members(
    train: Step, legacy_event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    with pytest.raises(ResourcePending):
        train(legacy_event)
    amazon_forecast.settle()
    assert train(legacy_event) == f"{ACCOUNT}:predictor/electricity_9f3c1a2b7d"
    (request,) = amazon_forecast.asked("CreatePredictor")
    assert request["PerformAutoML"] is True
    assert request["InputDataConfig"] == LEGACY["InputDataConfig"] | {"DatasetGroupArn": GROUP}  # type: ignore[operator]


def test_a_failed_training_fails_with_the_services_message(
    train: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    with pytest.raises(ResourcePending):
        train(event)
    amazon_forecast.fail("predictor", "The horizon 24 is longer than a third of the history")
    with pytest.raises(ResourceFailed, match="CREATE_FAILED: The horizon 24 is longer than a third of the history"):
        train(event)


def test_a_stopped_training_does_not_wait_for_ever(
    train: Step, legacy_event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    with pytest.raises(ResourcePending):
        train(legacy_event)
    amazon_forecast.resources[f"{ACCOUNT}:predictor/electricity_9f3c1a2b7d"]["Status"] = "CREATE_STOPPED"
    with pytest.raises(ResourceFailed, match="CREATE_STOPPED"):
        train(legacy_event)
