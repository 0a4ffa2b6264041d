"""params.json for files whose meaning was guessed: an AutoPredictor on datasets of the domain CUSTOM."""

import hashlib
import json
import re
from collections.abc import Collection
from typing import Any, NotRequired, TypedDict

from forecast_contract.domains import ITEM_METADATA, RELATED_TIME_SERIES, TARGET_TIME_SERIES
from local_aws.periods.plan import Plan

NAME_LENGTH = 40  # of the 63 a name may have; the pipeline adds the run
SUFFIXES = {TARGET_TIME_SERIES: "", RELATED_TIME_SERIES: "_related", ITEM_METADATA: "_metadata"}


class SchemaAttribute(TypedDict):
    """A column of a dataset's files."""

    AttributeName: str
    AttributeType: str


class DatasetSchema(TypedDict):
    """The columns of a dataset's files, in their order."""

    Attributes: list[SchemaAttribute]


class Dataset(TypedDict):
    """A dataset, without its name and its domain."""

    DatasetType: str
    DataFrequency: NotRequired[str]
    Schema: DatasetSchema


class AttributeConfig(TypedDict):
    """How the gaps of the target or of a related time series are filled."""

    AttributeName: str
    Transformations: dict[str, str]


class AdditionalDataset(TypedDict):
    """The holidays of a country."""

    Name: str
    Configuration: dict[str, list[str]]


class ParameterTree(TypedDict):
    """What params.json holds: requests of Amazon Forecast's API, and what is the pipeline's own."""

    DatasetGroup: dict[str, str]
    Datasets: list[dict[str, Any]]
    TimestampFormat: str
    AutoPredictor: dict[str, Any]
    Forecast: dict[str, Any]
    PerformDelete: bool
    Pipeline: dict[str, Any]


class DataConfig(TypedDict, total=False):
    """What the predictor learns from besides the datasets, and how their gaps are filled."""

    AdditionalDatasets: list[AdditionalDataset]
    AttributeConfigs: list[AttributeConfig]


def schema(*attributes: tuple[str, str]) -> DatasetSchema:
    """A schema of (name, type) pairs."""
    return {"Attributes": [{"AttributeName": name, "AttributeType": kind} for name, kind in attributes]}


def key_attributes(dimensions: Collection[str]) -> list[tuple[str, str]]:
    """The attributes that name a series: the item, and these dimensions by their attributes' names."""
    return [("item_id", "string"), *((name, "string") for name in dimensions)]


def holidays_of(country: str) -> AdditionalDataset:
    """The holidays of a country, by the code that Amazon Forecast takes."""
    return {"Name": "holiday", "Configuration": {"CountryCode": [country]}}


def name_of(stem: str) -> str:
    """The name that everything made of a file begins with: the file's, as far as Amazon Forecast takes it.

    >>> name_of("2024 sales")
    'data_2024_sales'
    """
    name = re.sub(r"[^a-zA-Z0-9]+", "_", stem).strip("_")[:NAME_LENGTH]
    return name if name[:1].isalpha() else f"data_{name}".rstrip("_")


def parameters(
    name: str,
    datasets: list[Dataset],
    plan: Plan,
    *,
    dimensions: list[str],
    quantiles: tuple[str, ...],
    data: DataConfig,
) -> ParameterTree:
    """The content of params.json. `dimensions` are the attributes that name a series beside the item."""
    predictor = {
        "PredictorName": name,
        "ForecastHorizon": plan.calendar_horizon,
        "ForecastFrequency": plan.frequency,
        "ForecastTypes": list(quantiles),
        **({"ForecastDimensions": dimensions} if dimensions else {}),
        **({"DataConfig": data} if data else {}),
        **({"ExplainPredictor": True} if "AdditionalDatasets" in data or len(datasets) > 1 else {}),
    }
    return {
        "DatasetGroup": {"DatasetGroupName": name, "Domain": "CUSTOM"},
        "Datasets": [
            {"DatasetName": f"{name}{SUFFIXES[each['DatasetType']]}_{_digest(each)}", "Domain": "CUSTOM", **each}
            for each in datasets
        ],
        "TimestampFormat": plan.time_format,
        "AutoPredictor": predictor,
        "Forecast": {"ForecastName": name, "ForecastTypes": list(quantiles)},
        "PerformDelete": False,
        "Pipeline": {"QuietSeconds": 0, **({"Periods": "observed"} if plan.missing.leaves_out_phases else {})},
    }


def _digest(dataset: Dataset) -> str:
    """A dataset keeps its schema for life, so a file with other columns gets a dataset of its own."""
    return hashlib.sha256(json.dumps(dataset, sort_keys=True).encode()).hexdigest()[:6]
