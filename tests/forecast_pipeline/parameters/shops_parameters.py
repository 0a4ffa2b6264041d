"""params.json of a chain of shops with everything that a predictor may say, and the answer to a change of it."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from forecast_pipeline.parameters.problems import ParameterError
from forecast_pipeline.parameters.read import read_parameters
from forecast_pipeline.parameters.requests import Parameters

Change = Callable[[dict[str, Any]], Any]


def dataset(kind: str, frequency: str | None, **attributes: str) -> dict[str, Any]:
    return {
        "DatasetName": kind.lower(),
        "Domain": "RETAIL",
        "DatasetType": kind,
        **({"DataFrequency": frequency} if frequency else {}),
        "Schema": {"Attributes": [{"AttributeName": name, "AttributeType": of} for name, of in attributes.items()]},
    }


AUTO: dict[str, Any] = {
    "DatasetGroup": {"DatasetGroupName": "shops", "Domain": "RETAIL"},
    "Datasets": [
        dataset("TARGET_TIME_SERIES", "D", item_id="string", timestamp="timestamp", location="string", demand="float"),
        dataset(
            "RELATED_TIME_SERIES",
            "D",
            item_id="string",
            timestamp="timestamp",
            location="string",
            price="float",
            promotion_applied="integer",
        ),
        dataset("ITEM_METADATA", None, item_id="string", category="string"),
    ],
    "AutoPredictor": {
        "PredictorName": "shops",
        "ForecastHorizon": 14,
        "ForecastFrequency": "D",
        "ForecastDimensions": ["location"],
        "DataConfig": {
            "AttributeConfigs": [
                {"AttributeName": "demand", "Transformations": {"aggregation": "sum", "middlefill": "nan"}},
                {
                    "AttributeName": "price",
                    "Transformations": {
                        "middlefill": "median",
                        "backfill": "value",
                        "backfill_value": "-2",
                        "futurefill": "mean",
                    },
                },
            ],
            "AdditionalDatasets": [{"Name": "holiday", "Configuration": {"CountryCode": ["KR"]}}],
        },
        "OptimizationMetric": "MASE",
        "ExplainPredictor": True,
        "MonitorConfig": {"MonitorName": "shops_watch"},
        "TimeAlignmentBoundary": {"Hour": 6},
    },
    "Forecast": {"ForecastName": "shops"},
}
LEGACY: dict[str, Any] = {member: value for member, value in AUTO.items() if member != "AutoPredictor"} | {
    "Predictor": {
        "PredictorName": "shops",
        "ForecastHorizon": 14,
        "PerformAutoML": True,
        "InputDataConfig": {"SupplementaryFeatures": [{"Name": "holiday", "Value": "KR"}]},
        "FeaturizationConfig": {
            "ForecastFrequency": "D",
            "ForecastDimensions": ["location"],
            "Featurizations": [
                {
                    "AttributeName": name,
                    "FeaturizationPipeline": [
                        {"FeaturizationMethodName": "filling", "FeaturizationMethodParameters": parameters}
                    ],
                }
                for name, parameters in (
                    ("demand", {"aggregation": "avg", "frontfill": "none"}),
                    ("promotion_applied", {"middlefill": "value", "middlefill_value": "0.5", "futurefill": "zero"}),
                )
            ],
        },
    }
}


def read(tree: dict[str, Any], change: Change) -> Parameters:
    changed = copy.deepcopy(tree)
    change(changed)
    return read_parameters("params.json", json.dumps(changed).encode())


def complaint(tree: dict[str, Any], change: Change) -> str:
    with pytest.raises(ParameterError) as caught:
        read(tree, change)
    return str(caught.value)


def config(tree: dict[str, Any]) -> dict[str, Any]:
    holder: dict[str, Any] = tree["AutoPredictor"]["DataConfig"]
    return holder
