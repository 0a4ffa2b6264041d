"""A predictor's request in the engine's words, with what the predictor reads of the data."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from forecast_contract.forecast_types import DEFAULT_FORECAST_TYPES, MEAN
from forecast_contract.time_alignment import boundary_fields
from forecast_contract.transformations import TARGET_DEFAULTS, filling_fields
from forecast_engine import (
    MODELS,
    Boundary,
    ErrorMeasure,
    Fillings,
    Frequency,
    Grid,
    SamplingSettings,
    TrainingSettings,
    models_for,
)
from forecast_files.schema import Column, Schema
from forecast_service.panel.algorithms import (
    GLOBAL_MODEL,
    NPTS_KERNEL_WEIGHTS,
    DataUse,
    algorithm_name,
    data_use,
    is_fast,
    models_of,
)
from forecast_service.panel.related_series import RelatedAttribute
from forecast_service.storage.bucket import Storage
from forecast_service.storage.imported_dataset import CanonicalRows, Key

_DOCUMENT = "plan.json"
AUTO_WINDOW_COUNT = 3  # an auto predictor's request names none; three where the history is long enough
# OptimizationMetric -> the errors that weights are learnt from. Within a series WAPE and MASE order models alike, by
# absolute errors, and so does the loss of the median, which stands for AverageWeightedQuantileLoss.
_MEASURES: dict[str, ErrorMeasure] = {"RMSE": "squared", "MAPE": "percentage"}


@dataclass(frozen=True)
class PredictorPlan:
    """What training decides before its first round; forecasts and exports of the predictor read it again.

    ``first`` and ``last`` (ISO text) are the extent of the target's import, ``shards`` its shards that hold rows.
    ``series_count`` is an upper bound: exact unless the forecast has some, not all, of the import's dimensions.
    ``related``, ``attributes`` (of the item metadata) and ``holiday_country`` are the data beside the target.
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
    series_count: int
    first: str
    last: str
    related: list[RelatedAttribute] = field(default_factory=list)
    attributes: list[Column] = field(default_factory=list)
    holiday_country: str | None = None

    @classmethod
    def of_request(
        cls,
        request: dict[str, Any],
        imported: CanonicalRows,
        related: CanonicalRows | None = None,
        metadata: CanonicalRows | None = None,
    ) -> "PredictorPlan":
        """The plan for a CreateAutoPredictor or CreatePredictor request on imports of a target and what goes with it.

        ValueError says what the engine refuses.
        """
        featurization = request.get("FeaturizationConfig", request)  # where legacy requests keep these members
        if imported.first is None or imported.last is None:
            raise ValueError("The target time series holds no timestamp, wanted at least one.")
        frequency = Frequency.parse(featurization["ForecastFrequency"])
        boundary = Boundary(**boundary_fields(request.get("TimeAlignmentBoundary", {})))
        grid = Grid.covering(frequency, np.datetime64(imported.first), np.datetime64(imported.last), boundary)
        transformations = _transformations(request)
        parameters = transformations.get(imported.schema.of_role("target")[0].name, {})
        use = data_use(request)
        dimensions = list(featurization.get("ForecastDimensions", []))
        return cls(
            settings=_settings(request, grid.length),
            frequency=str(frequency),
            boundary=boundary,
            dimensions=dimensions,
            aggregation=parameters.get("aggregation", TARGET_DEFAULTS["aggregation"]),
            fillings=Fillings(**filling_fields(parameters)),
            schema=imported.schema,
            shard_count=imported.shard_count,
            shards=imported.shards,
            series_count=imported.series_count if dimensions else imported.item_count,
            first=imported.first,
            last=imported.last,
            related=_related(related, grid, transformations, use) if related else [],
            attributes=metadata.schema.of_role("feature") if metadata and use.metadata else [],
            holiday_country=holiday_country(request) if use.holidays else None,
        )

    @classmethod
    def load(cls, storage: Storage) -> "PredictorPlan":
        document = storage.read_document(_DOCUMENT)
        typed = {
            "settings": TrainingSettings.from_document(document["settings"]),
            "boundary": Boundary(**document["boundary"]),
            "fillings": Fillings(**document["fillings"]),
            "schema": Schema.from_document(document["schema"]),
            "related": [RelatedAttribute(**attribute) for attribute in document["related"]],
            "attributes": [Column(**column) for column in document["attributes"]],
        }
        return cls(**document | typed)

    def save(self, storage: Storage) -> None:
        document = asdict(self) | {"settings": self.settings.to_document(), "schema": self.schema.to_document()}
        storage.write_document(_DOCUMENT, document)

    def grid(self, first: str | None = None, last: str | None = None) -> Grid:
        """The grid of the training data, or of an extent that a later import has."""
        frequency = Frequency.parse(self.frequency)
        start, end = np.datetime64(first or self.first, "s"), np.datetime64(last or self.last, "s")
        return Grid.covering(frequency, start, end, self.boundary)


def series_id(key: Key) -> str:
    """One text for a series: the item itself, or item and dimensions as a JSON array, which keeps them apart."""
    return key[0] if len(key) == 1 else json.dumps(key, ensure_ascii=False)


def series_key(item_id: str, dimension_count: int) -> Key:
    """The key that ``series_id`` made a text of."""
    return tuple(json.loads(item_id)) if dimension_count else (item_id,)


def holiday_country(request: dict[str, Any]) -> str | None:
    """The country whose public holidays a request of either kind wants to be known."""
    for additional in request.get("DataConfig", {}).get("AdditionalDatasets", []):
        if additional["Name"] == "holiday":
            return str(additional["Configuration"]["CountryCode"][0])
    for feature in request.get("InputDataConfig", {}).get("SupplementaryFeatures", []):
        if feature["Name"] == "holiday":
            return str(feature["Value"])
    return None


def _settings(request: dict[str, Any], length: int) -> TrainingSettings:
    horizon = request["ForecastHorizon"]
    types = request.get("ForecastTypes", DEFAULT_FORECAST_TYPES)
    evaluation = request.get("EvaluationParameters", {})
    is_legacy = "FeaturizationConfig" in request
    auto_windows = max(1, min(AUTO_WINDOW_COUNT, length // horizon - 2))
    return TrainingSettings(
        horizon=horizon,
        quantiles=quantiles_of(types),
        include_mean=MEAN in types,
        window_count=evaluation.get("NumberOfBacktestWindows", 1 if is_legacy else auto_windows),
        window_offset=evaluation.get("BackTestWindowOffset", horizon),
        models=_models(request),
        measure=_MEASURES.get(request.get("OptimizationMetric", ""), "absolute"),
        sampling=_sampling(request) if algorithm_name(request) == "NPTS" else None,
    )


def _models(request: dict[str, Any]) -> tuple[str, ...] | None:
    """The models that a request trains; None: the whole portfolio, of which none was asked for by name."""
    if is_fast(request):
        return tuple(name for name in MODELS if name != GLOBAL_MODEL)
    if algorithm_name(request) is None:
        return None
    frequency = Frequency.parse(request["FeaturizationConfig"]["ForecastFrequency"])
    return models_of(request) or models_for(frequency)


def _sampling(request: dict[str, Any]) -> SamplingSettings:
    """What NPTS's ``TrainingParameters`` ask for, each by its default where it is missing."""
    parameters = request.get("TrainingParameters", {})
    is_uniform = parameters.get("kernel_type") == "uniform"
    switches = [parameters.get(name) for name in ("use_seasonal_model", "use_default_time_features")]
    kernel_weights = parameters.get("exp_kernel_weights", NPTS_KERNEL_WEIGHTS)
    context = parameters.get("context_length")
    return SamplingSettings(
        is_seasonal="false" not in switches,
        # the default stands for the engine's own memories, which were chosen on backtests
        decay=0.0 if is_uniform else None if kernel_weights == NPTS_KERNEL_WEIGHTS else float(kernel_weights),
        context_length=None if context is None else max(int(float(context)), 1),
    )


def quantiles_of(forecast_types: list[str]) -> tuple[float, ...]:
    """The quantiles among ``ForecastTypes``, ascending.

    >>> quantiles_of(["mean", "0.9", "0.10"])
    (0.1, 0.9)
    """
    return tuple(sorted({float(name) for name in forecast_types if name != MEAN}))


def _related(
    related: CanonicalRows, grid: Grid, transformations: dict[str, dict[str, str]], use: DataUse
) -> list[RelatedAttribute]:
    """The numbers of a related time series that are to be read; those without any value say nothing."""
    attributes = []
    for name, last in sorted(related.last_values.items()):
        fillings = transformations.get(name, {})
        (period,) = grid.index_of(np.array([last], dtype="datetime64[s]"))
        is_forward = bool(period >= grid.length) or "futurefill" in fillings
        if use.forward if is_forward else use.historical:
            attributes.append(RelatedAttribute(name, is_forward, fillings))
    return attributes


def _transformations(request: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Attribute -> aggregation and fillings, from where either kind of request keeps them."""
    transformations = {
        attribute["AttributeName"]: dict(attribute["Transformations"])
        for attribute in request.get("DataConfig", {}).get("AttributeConfigs", [])
    }
    for attribute in request.get("FeaturizationConfig", {}).get("Featurizations", []):
        for step in attribute.get("FeaturizationPipeline", []):
            transformations[attribute["AttributeName"]] = dict(step.get("FeaturizationMethodParameters", {}))
    return transformations
