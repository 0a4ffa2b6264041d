"""The run document, read for publishing."""

from collections.abc import Callable
from typing import Any

import pytest

from forecast_pipeline.publishing.exports.finished_run import Alignment, FinishedRun
from forecast_pipeline.publishing.exports.s3_location import S3Location
from forecast_pipeline.runs.run_document import WithPredictor


@pytest.fixture
def document(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return load_event("publish_forecast")


def finished(document: dict[str, Any]) -> FinishedRun:
    return FinishedRun.from_document(WithPredictor.model_validate(document))


def test_schema_order_keys_and_places_come_from_the_document(document: dict[str, Any]) -> None:
    run = finished(document)
    assert [name for name, _ in run.attributes] == ["timestamp", "target_value", "item_id"]
    assert (run.key_columns, run.timestamp_column, run.target_column) == (("item_id",), "timestamp", "target_value")
    assert run.train_locations == (S3Location("almanac-data", "train/"),)
    assert str(run.backtest_values) == "s3://almanac-data/tmp/9f3c1a2b7d/backtest/forecasted-values/"
    assert (run.horizon, run.frequency, run.timestamp_pattern) == (24, "H", "%Y-%m-%d %H:%M:%S")


def test_a_legacy_predictor_says_the_same_in_other_places(document: dict[str, Any]) -> None:
    document["Predictor"] = {
        "PredictorName": "electricity",
        "ForecastHorizon": 7,
        "FeaturizationConfig": {
            "ForecastFrequency": "D",
            "ForecastDimensions": ["Location"],
            "Featurizations": [
                {
                    "AttributeName": "target_value",
                    "FeaturizationPipeline": [
                        {
                            "FeaturizationMethodName": "filling",
                            "FeaturizationMethodParameters": {"aggregation": "avg", "middlefill": "nan"},
                        }
                    ],
                }
            ],
        },
    }
    del document["AutoPredictor"]
    document["Imports"][0]["TimestampFormat"] = "yyyy-MM-dd"
    attributes = document["Datasets"][0]["Schema"]["Attributes"]
    attributes.append({"AttributeName": "location", "AttributeType": "string"})
    run = finished(document)
    assert (run.horizon, run.frequency, run.timestamp_pattern) == (7, "D", "%Y-%m-%d")
    assert run.key_columns == ("item_id", "location")
    assert run.alignment == Alignment("avg", {"middlefill": "nan"}, {})


def test_an_auto_predictor_carries_its_alignment_in_attribute_configs(document: dict[str, Any]) -> None:
    document["AutoPredictor"]["DataConfig"] = {
        "AttributeConfigs": [
            {"AttributeName": "price", "Transformations": {"aggregation": "min"}},
            {
                "AttributeName": "target_value",
                "Transformations": {
                    "aggregation": "max",
                    "backfill": "value",
                    "backfill_value": "2",
                    "frontfill": "none",
                },
            },
        ]
    }
    document["AutoPredictor"]["TimeAlignmentBoundary"] = {"Hour": 6}
    alignment = finished(document).alignment
    assert alignment == Alignment("max", {"backfill": "value", "backfill_value": "2"}, {"Hour": 6})


@pytest.mark.parametrize(
    ("domain", "identifier", "target"),
    [("RETAIL", "item_id", "demand"), ("METRICS", "metric_name", "metric_value"), ("WEB_TRAFFIC", "item_id", "value")],
)
def test_each_domain_names_series_and_target_in_its_own_way(
    document: dict[str, Any], domain: str, identifier: str, target: str
) -> None:
    dataset = document["Datasets"][0]
    dataset["Domain"] = domain
    for attribute, name in zip(dataset["Schema"]["Attributes"][1:], (target, identifier), strict=True):
        attribute["AttributeName"] = name
    run = finished(document)
    assert (run.key_columns, run.target_column) == ((identifier,), target)


def test_a_schema_without_the_target_is_refused_by_name(document: dict[str, Any]) -> None:
    document["Datasets"][0]["Domain"] = "RETAIL"
    with pytest.raises(ValueError, match="found timestamp, target_value, item_id, wanted an attribute named demand"):
        finished(document)


def test_a_run_without_target_time_series_is_refused(document: dict[str, Any]) -> None:
    document["Datasets"][0]["DatasetType"] = "ITEM_METADATA"
    with pytest.raises(ValueError, match="found no dataset of type TARGET_TIME_SERIES"):
        finished(document)
