"""What a predictor was asked for, in the engine's words, and the panel of one shard made accordingly."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forecast_engine import (
    MODELS,
    Boundary,
    ErrorMeasure,
    Fillings,
    Frequency,
    Grid,
    Panel,
    TrainingSettings,
    build_panel,
)
from forecast_service.imported_dataset import ImportedDataset
from forecast_service.schema import Schema
from forecast_service.storage import Storage

_DOCUMENT = "plan.json"
AUTO_WINDOW_COUNT = 3  # an auto predictor's request names none; three where the history is long enough
# Amazon's algorithms, and which of our models answer to their names. None: the whole portfolio.
MODELS_OF_ALGORITHM: dict[str, tuple[str, ...] | None] = {
    "ETS": ("ses", "damped_trend"),
    "ARIMA": ("seasonal_naive", "ses", "damped_trend", "theta", "autoregression"),
    "Prophet": ("seasonal_naive", "damped_trend", "theta"),
    "NPTS": ("npts",),
    "CNN-QR": None,
    "Deep_AR_Plus": None,
}
# AutoMLOverrideStrategy LatencyOptimized trains all but this one: the only model that is fitted across series.
_GLOBAL_MODEL = "lightgbm"
# OptimizationMetric -> the errors that weights are learnt from. Within a series WAPE and MASE order models alike, by
# absolute errors, and so does the loss of the median, which stands for AverageWeightedQuantileLoss.
_MEASURES: dict[str, ErrorMeasure] = {"RMSE": "squared", "MAPE": "percentage"}


@dataclass(frozen=True)
class PredictorPlan:
    """All that training settled and that forecasts and exports of the predictor need again.

    ``first`` and ``last`` (ISO text) are the extent of the target's import, ``shards`` those of it that hold rows.
    """

    settings: TrainingSettings
    frequency: str
    boundary: Boundary
    dimensions: list[str]
    aggregation: str
    fillings: Fillings
    schema: Schema
    shard_count: int
    shards: list[int]
    first: str
    last: str

    @classmethod
    def of_request(cls, request: dict[str, Any], imported: ImportedDataset) -> "PredictorPlan":
        """The plan for a CreateAutoPredictor or CreatePredictor request. ValueError says what the engine refuses."""
        featurization = request.get("FeaturizationConfig", request)  # where legacy requests keep these members
        if imported.first is None or imported.last is None:
            raise ValueError("The target time series holds no timestamp, wanted at least one.")
        frequency = Frequency.parse(featurization["ForecastFrequency"])
        boundary = _boundary(request.get("TimeAlignmentBoundary", {}))
        length = Grid.covering(frequency, np.datetime64(imported.first), np.datetime64(imported.last), boundary).length
        parameters = _filling_parameters(request, imported.schema)
        return cls(
            settings=_settings(request, length),
            frequency=str(frequency),
            boundary=boundary,
            dimensions=list(featurization.get("ForecastDimensions", [])),
            aggregation=parameters.get("aggregation", "sum"),
            fillings=_fillings(parameters),
            schema=imported.schema,
            shard_count=imported.shard_count,
            shards=imported.shards,
            first=imported.first,
            last=imported.last,
        )

    @classmethod
    def load(cls, storage: Storage) -> "PredictorPlan":
        document = storage.read_document(_DOCUMENT)
        parts = {
            "settings": TrainingSettings.from_document(document["settings"]),
            "boundary": Boundary(**document["boundary"]),
            "fillings": Fillings(**document["fillings"]),
            "schema": Schema.from_document(document["schema"]),
        }
        return cls(**document | parts)

    def save(self, storage: Storage) -> None:
        document = asdict(self) | {"settings": self.settings.to_document(), "schema": self.schema.to_document()}
        storage.write_document(_DOCUMENT, document)

    def grid(self, first: str | None = None, last: str | None = None) -> Grid:
        """The grid of the training data, or of an extent that a later import has."""
        frequency = Frequency.parse(self.frequency)
        start, end = np.datetime64(first or self.first, "s"), np.datetime64(last or self.last, "s")
        return Grid.covering(frequency, start, end, self.boundary)

    def panel(
        self, imported: ImportedDataset, shard: int, shard_count: int, only: set[tuple[str, ...]] | None = None
    ) -> tuple[list[tuple[str, ...]], Panel]:
        """The series of a shard on the grid of the import: their keys (item, dimensions), and the engine's panel.

        ``only``: the keys to take; None for all.
        """
        series = imported.series(shard, shard_count, self.dimensions)
        if only is not None:
            series = series.only(only)
        grid = self.grid(imported.first, imported.last)
        item_ids = [series_id(key) for key in series.keys]
        panel = build_panel(
            series.index,
            series.timestamps,
            series.values,
            item_ids,
            grid,
            aggregation=self.aggregation,
            fillings=self.fillings,
        )
        return series.keys, panel


def series_id(key: tuple[str, ...]) -> str:
    """One text for a series: the item itself, or item and dimensions as a JSON array, which keeps them apart."""
    return key[0] if len(key) == 1 else json.dumps(key, ensure_ascii=False)


def series_key(item_id: str, dimension_count: int) -> tuple[str, ...]:
    """The key that ``series_id`` made a text of."""
    return tuple(json.loads(item_id)) if dimension_count else (item_id,)


def algorithm_name(request: dict[str, Any]) -> str | None:
    """The tail of a legacy request's AlgorithmArn; None for AutoML and auto predictors."""
    arn = request.get("AlgorithmArn")
    return None if arn is None else str(arn).rpartition("/")[2]


def _settings(request: dict[str, Any], length: int) -> TrainingSettings:
    horizon = request["ForecastHorizon"]
    types = request.get("ForecastTypes", ["0.1", "0.5", "0.9"])
    evaluation = request.get("EvaluationParameters", {})
    is_legacy = "FeaturizationConfig" in request
    auto_windows = max(1, min(AUTO_WINDOW_COUNT, length // horizon - 2))
    return TrainingSettings(
        horizon=horizon,
        quantiles=quantiles_of(types),
        include_mean="mean" in types,
        window_count=evaluation.get("NumberOfBacktestWindows", 1 if is_legacy else auto_windows),
        window_offset=evaluation.get("BackTestWindowOffset", horizon),
        models=_models(request),
        measure=_MEASURES.get(request.get("OptimizationMetric", ""), "absolute"),
    )


def _models(request: dict[str, Any]) -> tuple[str, ...] | None:
    """The models that a request trains; None: the whole portfolio."""
    algorithm = algorithm_name(request)
    if algorithm:
        return MODELS_OF_ALGORITHM[algorithm]
    if request.get("AutoMLOverrideStrategy") == "LatencyOptimized":
        return tuple(name for name in MODELS if name != _GLOBAL_MODEL)
    return None


def quantiles_of(forecast_types: list[str]) -> tuple[float, ...]:
    """The quantiles among ``ForecastTypes``, ascending.

    >>> quantiles_of(["mean", "0.9", "0.10"])
    (0.1, 0.9)
    """
    return tuple(sorted({float(name) for name in forecast_types if name != "mean"}))


def _boundary(request: dict[str, Any]) -> Boundary:
    return Boundary(
        month=request.get("Month"),
        day_of_month=request.get("DayOfMonth"),
        day_of_week=request.get("DayOfWeek"),
        hour=request.get("Hour"),
    )


def _filling_parameters(request: dict[str, Any], schema: Schema) -> dict[str, str]:
    """Aggregation and fillings of the target, from where either kind of request keeps them."""
    target = schema.of_role("target")[0].name
    for attribute in request.get("DataConfig", {}).get("AttributeConfigs", []):
        if attribute["AttributeName"] == target:
            return dict(attribute["Transformations"])
    for attribute in request.get("FeaturizationConfig", {}).get("Featurizations", []):
        steps = attribute.get("FeaturizationPipeline", [])
        if attribute["AttributeName"] == target and steps:
            return dict(steps[0].get("FeaturizationMethodParameters", {}))
    return {}


def _fillings(parameters: dict[str, str]) -> Fillings:
    return Fillings(
        middlefill=parameters.get("middlefill", "zero"),
        backfill=parameters.get("backfill", "zero"),
        middlefill_value=_number(parameters, "middlefill_value"),
        backfill_value=_number(parameters, "backfill_value"),
    )


def _number(parameters: dict[str, str], name: str) -> float | None:
    return float(parameters[name]) if name in parameters else None
