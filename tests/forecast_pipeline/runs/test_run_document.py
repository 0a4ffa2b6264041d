"""events/*.json are the run document as it reaches each step, and no class of the document loses a member of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from forecast_pipeline.preparation.preparation_document import PreparationDocument
from forecast_pipeline.runs.run_document import (
    EndedRun,
    RunDocument,
    WithDashboard,
    WithDatasets,
    WithForecast,
    WithPredictor,
    WithPublished,
)

EVENTS = Path(__file__).parents[3] / "events"
# Event -> the class by which its handler parses it, and the class after it, which wants one member more.
STEPS = {
    "create_dataset": (RunDocument, WithDatasets),
    "import_data": (WithDatasets, WithPredictor),
    "train_predictor": (WithDatasets, WithPredictor),
    "create_forecast": (WithPredictor, WithForecast),
    "export_forecast": (WithForecast, WithPublished),
    "publish_forecast": (WithPredictor, WithPublished),
    "refresh_dashboard": (WithDashboard, None),
    "delete_resources": (WithDatasets, None),
    "restore_latest": (EndedRun, None),
    "notify": (WithPublished, None),
    "replace_train_data": (PreparationDocument, None),
    "notify_failure": (EndedRun, WithPublished),
}
NO_DOCUMENTS = {
    *("start_pipeline", "start_pipeline_schedule", "start_pipeline_s3_put", "plan_preparation", "publish_run"),
    *("forecast_api", "forecast_worker", "approve_forecast"),
}

LoadEvent = Callable[[str], dict[str, Any]]


def test_every_event_of_a_step_is_checked_here() -> None:
    assert {path.stem for path in EVENTS.glob("*.json")} == STEPS.keys() | NO_DOCUMENTS


@pytest.mark.parametrize("name", STEPS)
def test_an_event_is_the_document_of_its_step_and_nothing_of_it_is_lost(name: str, load_event: LoadEvent) -> None:
    assert STEPS[name][0].model_validate(load_event(name)).as_given() == load_event(name)


@pytest.mark.parametrize("name", [name for name, (_, later) in STEPS.items() if later is not None])
def test_an_event_has_nothing_of_the_steps_to_come(name: str, load_event: LoadEvent) -> None:
    later = STEPS[name][1]
    assert later is not None
    with pytest.raises(ValidationError, match="Field required"):
        later.model_validate(load_event(name))


@pytest.mark.parametrize("name", [name for name in STEPS if "publish" not in name])
def test_a_handler_parses_its_event_by_the_class_of_its_step(name: str, load_function: Callable[[str], Any]) -> None:
    handler = load_function(name.removesuffix("_failure"))
    assert getattr(handler, STEPS[name][0].__name__) is STEPS[name][0]


def test_a_legacy_predictor_says_the_same_in_other_places(load_event: LoadEvent) -> None:
    event = load_event("create_dataset")
    auto = RunDocument.model_validate(event).predictor
    filling = {"aggregation": "avg", "middlefill": "mean"}
    method = {"FeaturizationMethodName": "filling", "FeaturizationMethodParameters": filling}
    event["Predictor"] = {
        "PredictorName": auto.PredictorName,
        "ForecastHorizon": auto.ForecastHorizon,
        "FeaturizationConfig": {
            "ForecastFrequency": auto.frequency,
            "ForecastDimensions": ["city"],
            "Featurizations": [{"AttributeName": "Target_Value", "FeaturizationPipeline": [method]}],
        },
    }
    del event["AutoPredictor"]
    legacy = RunDocument.model_validate(event).predictor
    assert (legacy.frequency, legacy.dimensions, legacy.boundary) == (auto.frequency, ["city"], {})
    assert (legacy.transformations_of("target_value"), auto.transformations_of("target_value")) == (filling, {})


def test_a_document_without_a_predictor_is_refused(load_event: LoadEvent) -> None:
    event = load_event("create_dataset")
    del event["AutoPredictor"]
    document = RunDocument.model_validate(event)
    with pytest.raises(ValueError, match="found neither, wanted one of the two"):
        _ = document.predictor


def test_a_document_with_a_problem_is_read_though_it_has_little_else() -> None:
    run = {"Id": "9f3c1a2b7d", "Bucket": "almanac-data"}
    assert EndedRun.model_validate({"Run": run, "Problem": "params.json, Forecast: missing."}).Names == {}
