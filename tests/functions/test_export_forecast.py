"""export_forecast: the forecast and its backtests go to S3, side by side."""

from collections.abc import Callable
from typing import Any

import pytest

from forecast_pipeline import ResourceFailed, ResourcePending
from tests.forecast_pipeline.fake_forecast import ACCOUNT, FakeForecast

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


def test_the_export_of_the_forecast_asks_for_what_made_it_beside_the_tags_of_the_run(
    export: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    with pytest.raises(ResourcePending):
        export(event)
    (forecast,) = amazon_forecast.asked("CreateForecastExportJob")
    (backtest,) = amazon_forecast.asked("CreatePredictorBacktestExportJob")
    assert forecast["Tags"] == [{"Key": "almanac:item-models", "Value": "true"}, *backtest["Tags"]]
    assert {"Key": "almanac:ids", "Value": "as-given"} in backtest["Tags"]


def test_one_failed_export_fails_the_step_while_the_other_is_still_running(
    export: Step, event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    with pytest.raises(ResourcePending):
        export(event)
    amazon_forecast.fail("predictor-backtest-export-job", "the bucket cannot be written")
    with pytest.raises(ResourceFailed, match=r"predictor-backtest-export-job/.* the bucket cannot be written"):
        export(event)


@pytest.fixture
def explained_event(
    load_event: Callable[[str], dict[str, Any]], run_until_active: Callable[..., Any]
) -> dict[str, Any]:
    """A run that asks for an explanation, with its predictor just created and its forecast made."""
    event = load_event("create_dataset")
    event["AutoPredictor"]["ExplainPredictor"] = True
    event["Exports"]["Explainability"] = {
        "Name": "electricity_9f3c1a2b7d",
        "Path": "s3://almanac-data/tmp/9f3c1a2b7d/explainability/",
    }
    for step, member in (
        ("create_dataset", "Arns"),
        ("import_data", "Imported"),
        ("train_predictor", "PredictorArn"),
        ("create_forecast", "ForecastArn"),
    ):
        event[member] = run_until_active(step, event)
    return event


EXPLAINABILITY = f"{ACCOUNT}:explainability/electricity_9f3c1a2b7d_explained"


def test_the_explanation_that_came_with_the_predictor_is_exported_beside_the_forecast(
    export: Step, explained_event: dict[str, Any], run_until_active: Callable[..., Any], amazon_forecast: FakeForecast
) -> None:
    arns = run_until_active("export_forecast", explained_event)
    assert arns["Explainability"] == (
        f"{ACCOUNT}:explainability-export/electricity_9f3c1a2b7d_explained/electricity_9f3c1a2b7d"
    )
    request = amazon_forecast.asked("CreateExplainabilityExport")[0]
    assert request["ExplainabilityArn"] == EXPLAINABILITY
    assert request["Destination"]["S3Config"]["Path"] == "s3://almanac-data/tmp/9f3c1a2b7d/explainability/"
    assert export(explained_event) == arns
    exports = [arn for arn in amazon_forecast.resources if ":explainability-export/" in arn]
    assert exports == [arns["Explainability"]]


def test_the_export_waits_for_the_explanation_while_the_other_exports_run(
    export: Step, explained_event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    amazon_forecast.resources[EXPLAINABILITY]["Status"] = "CREATE_IN_PROGRESS"
    with pytest.raises(ResourcePending, match="explainability/electricity_9f3c1a2b7d_explained is CREATE_IN_PROGRESS"):
        export(explained_event)
    assert not amazon_forecast.asked("CreateExplainabilityExport")
    assert amazon_forecast.asked("CreateForecastExportJob")
    assert amazon_forecast.asked("CreatePredictorBacktestExportJob")


def test_an_explanation_that_failed_fails_the_step_with_its_reason(
    export: Step, explained_event: dict[str, Any], amazon_forecast: FakeForecast
) -> None:
    amazon_forecast.fail("explainability", "the predictor learnt nothing from its attributes")
    with pytest.raises(ResourceFailed, match=r"explainability/.*: the predictor learnt nothing from its attributes"):
        export(explained_event)
