"""create_forecast: one forecast per run, from the run's predictor."""

from collections.abc import Callable
from typing import Any

import pytest

from forecast_pipeline import ResourceFailed, ResourcePending
from tests.forecast_pipeline.fake_forecast import ACCOUNT, ULID, FakeForecast

Step = Callable[[dict[str, Any]], Any]


@pytest.fixture
def event(steps_before: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return steps_before("create_forecast")


@pytest.fixture
def create_forecast(run_step: Callable[[str], Step]) -> Step:
    return run_step("create_forecast")


def test_the_forecast_is_created_once_awaited_and_returned(
    create_forecast: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    for _ in range(3):
        with pytest.raises(ResourcePending):
            create_forecast(event)
    amazon_forecast.settle()
    assert create_forecast(event) == f"{ACCOUNT}:forecast/electricity_9f3c1a2b7d"
    (request,) = amazon_forecast.asked("CreateForecast")
    assert request["PredictorArn"] == f"{ACCOUNT}:predictor/electricity_9f3c1a2b7d_{ULID}"
    assert request["ForecastTypes"] == ["0.1", "0.5", "0.9"]


def test_mean_is_a_forecast_type_like_any_other(
    create_forecast: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    event["Forecast"]["ForecastTypes"] = ["mean", "0.5"]
    with pytest.raises(ResourcePending):
        create_forecast(event)
    assert amazon_forecast.asked("CreateForecast")[0]["ForecastTypes"] == ["mean", "0.5"]


def test_the_tags_of_the_user_stay_beside_ours(
    create_forecast: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    event["Forecast"]["Tags"] = [{"Key": "team", "Value": "energy"}]
    with pytest.raises(ResourcePending):
        create_forecast(event)
    assert amazon_forecast.asked("CreateForecast")[0]["Tags"] == [
        {"Key": "team", "Value": "energy"},
        {"Key": "almanac:name", "Value": "electricity"},
        {"Key": "almanac:run", "Value": "9f3c1a2b7d"},
        {"Key": "almanac:pipeline", "Value": "almanac-data"},
    ]


def test_an_unknown_predictor_is_a_failure_and_not_waited_for(
    create_forecast: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    amazon_forecast.refuse("CreateForecast", "InvalidInputException", "No predictor of that name")
    with pytest.raises(ResourceFailed, match="No predictor of that name"):
        create_forecast(event)
