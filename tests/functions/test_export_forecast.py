"""export_forecast: the forecast and its backtests go to S3, side by side."""

from collections.abc import Callable
from typing import Any

import pytest

from forecast_pipeline import ResourceFailed, ResourcePending
from tests.forecast_pipeline.fake_forecast import FakeForecast

Step = Callable[[dict[str, Any]], Any]


@pytest.fixture
def event(steps_before: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return steps_before("export_forecast")


@pytest.fixture
def export(run_step: Callable[[str], Step]) -> Step:
    return run_step("export_forecast")


def test_both_exports_run_at_the_same_time_and_their_arns_are_returned(
    export: Step, event: dict[str, Any], amazon_forecast: FakeForecast, load_event: Callable[[str], dict[str, Any]]
) -> None:
    for _ in range(2):
        with pytest.raises(ResourcePending):
            export(event)
    assert len(amazon_forecast.asked("CreateForecastExportJob")) == 1
    assert len(amazon_forecast.asked("CreatePredictorBacktestExportJob")) == 1
    amazon_forecast.settle()
    assert export(event) == load_event("delete_resources")["ExportArns"]


def test_each_goes_to_its_own_folder_with_the_role_for_the_data(
    export: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    with pytest.raises(ResourcePending):
        export(event)
    for operation, folder in (
        ("CreateForecastExportJob", "forecast"),
        ("CreatePredictorBacktestExportJob", "backtest"),
    ):
        (request,) = amazon_forecast.asked(operation)
        assert request["Destination"]["S3Config"] == {
            "Path": f"s3://almanac-data/tmp/9f3c1a2b7d/{folder}/",
            "RoleArn": "arn:aws:iam::123456789012:role/data",
        }


def test_one_failed_export_fails_the_step_while_the_other_is_still_running(
    export: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    with pytest.raises(ResourcePending):
        export(event)
    amazon_forecast.fail("predictor-backtest-export-job", "the bucket cannot be written")
    with pytest.raises(ResourceFailed, match=r"predictor-backtest-export-job/.* the bucket cannot be written"):
        export(event)
