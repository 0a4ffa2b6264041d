"""What publishing needs to know of a run, read once from the run document that flows through the state machine."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from forecast_contract.domains import DOMAINS, ITEM_METADATA, TARGET_TIME_SERIES
from forecast_contract.exports import (
    BACKTEST_ACCURACY_FOLDER,
    BACKTEST_VALUES_FOLDER,
    ITEM_MODELS_COLUMNS,
    ITEM_MODELS_FOLDER,
    own_columns,
)
from forecast_contract.timestamp_formats import DATE_AND_TIME
from forecast_contract.transformations import TARGET_DEFAULTS
from forecast_files.file_format import FileFormat
from forecast_files.schema import Schema
from forecast_pipeline.publishing.exports.s3_location import S3Location
from forecast_pipeline.runs.run_document import WithPredictor
from forecast_pipeline.runs.run_requests import DatasetRequest


@dataclass(frozen=True)
class Alignment:
    """How the service brings rows onto the forecast's frequency; kept in the wire's words, as the request has them.

    ``aggregation`` is sum, avg, first, min or max; ``fillings`` maps middlefill, backfill and their ``_value`` twins;
    ``boundary`` maps Month, DayOfMonth, DayOfWeek, Hour.
    """

    aggregation: str = TARGET_DEFAULTS["aggregation"]
    fillings: dict[str, str] = field(default_factory=dict)
    boundary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FinishedRun:
    """One run whose exports are ACTIVE.

    ``attributes`` are the (name, type) pairs of the target time series' schema in column order, ``train_format`` says
    how its files are written; ``key_columns`` name one series: the domain's identifier, then the forecast dimensions.
    ``metadata_columns`` are what the item metadata know of an item; ``explainability_export`` is None where the run
    asked for no explanation. ``periods`` is all or observed: whether periods that never occur are published.
    ``drops_partial_period``: whether the run asks the service to leave an unfinished last period out. ``as_of`` is the
    last day whose history the run knows (ISO 8601); None for all that there was.
    """

    run_id: str
    started_at: datetime
    bucket: str
    name: str
    attributes: tuple[tuple[str, str], ...]
    train_format: FileFormat
    key_columns: tuple[str, ...]
    metadata_columns: tuple[str, ...]
    timestamp_column: str
    target_column: str
    daily_timestamps: bool
    train_locations: tuple[S3Location, ...]
    forecast_export: S3Location
    backtest_export: S3Location
    explainability_export: S3Location | None
    horizon: int
    frequency: str
    data_frequency: str | None
    alignment: Alignment
    predictor_arn: str
    periods: str = "all"
    drops_partial_period: bool = False
    holiday_country: str | None = None
    as_of: str | None = None

    @classmethod
    def from_document(cls, document: WithPredictor) -> "FinishedRun":
        """Read the run document; ValueError says which members do not fit one another."""
        dataset = _dataset(document, TARGET_TIME_SERIES)
        if dataset is None:
            raise ValueError(f"Datasets: found no dataset of type {TARGET_TIME_SERIES}, wanted one")
        imports = [each for each in document.Imports if each.DatasetType == TARGET_TIME_SERIES]
        if not imports:
            raise ValueError(f"Imports: found no import of type {TARGET_TIME_SERIES}, wanted one")
        predictor, exports = document.predictor, document.Exports
        fields = DOMAINS[dataset.Domain]
        attributes = _attributes(dataset)
        timestamp_format = imports[0].TimestampFormat or DATE_AND_TIME
        return cls(
            run_id=document.Run.Id,
            started_at=document.Run.started_at,
            bucket=document.Run.Bucket,
            name=document.Names.DatasetGroup,
            attributes=attributes,
            train_format=FileFormat(Schema.of_dataset(dataset.model_dump()), timestamp_format),
            key_columns=tuple(
                _attribute_named(attributes, name) for name in [fields.identifier, *predictor.dimensions]
            ),
            metadata_columns=_names_beside(fields.identifier, _dataset(document, ITEM_METADATA)),
            timestamp_column=_timestamp_column(attributes),
            target_column=_attribute_named(attributes, fields.target),
            daily_timestamps=" " not in timestamp_format.strip(),
            train_locations=tuple(S3Location.parse(each.Path) for each in imports),
            forecast_export=S3Location.parse(exports.Forecast.Path),
            backtest_export=S3Location.parse(exports.Backtest.Path),
            explainability_export=S3Location.parse(exports.Explainability.Path) if exports.Explainability else None,
            horizon=predictor.ForecastHorizon,
            frequency=predictor.frequency,
            data_frequency=dataset.DataFrequency,
            alignment=_alignment(predictor.transformations_of(fields.target), predictor.boundary),
            predictor_arn=document.PredictorArn,
            periods=document.Pipeline.Periods,
            drops_partial_period=document.Pipeline.DropPartialPeriod,
            holiday_country=predictor.holiday_country,
            as_of=document.Run.AsOf,
        )

    @property
    def type_column(self) -> str:
        """The column of the long form that holds the forecast type: ``type``, unless an attribute is called so."""
        return own_columns(["type"], (name for name, _ in self.attributes))["type"]

    @property
    def item_models_columns(self) -> dict[str, str]:
        """Column of ITEM_MODELS_COLUMNS -> its name beside the key columns."""
        return own_columns(ITEM_MODELS_COLUMNS, self.key_columns)

    @property
    def item_models(self) -> S3Location:
        """What made the forecast of each item, where the service says so: Amazon's leaves nothing there."""
        return self.forecast_export.below(ITEM_MODELS_FOLDER)

    @property
    def backtest_values(self) -> S3Location:
        """The backtest export's forecasts beside their actual values."""
        return self.backtest_export.below(BACKTEST_VALUES_FOLDER)

    @property
    def backtest_accuracy(self) -> S3Location:
        """The backtest export's measures per item."""
        return self.backtest_export.below(BACKTEST_ACCURACY_FOLDER)

    @property
    def timestamp_pattern(self) -> str:
        """The strftime pattern of the user's own timestamps, so that forecast and train rows join in one query."""
        return "%Y-%m-%d" if self.daily_timestamps else "%Y-%m-%d %H:%M:%S"


def _dataset(document: WithPredictor, dataset_type: str) -> DatasetRequest | None:
    return next((dataset for dataset in document.Datasets if dataset.DatasetType == dataset_type), None)


def _attributes(dataset: DatasetRequest) -> tuple[tuple[str, str], ...]:
    return tuple((each.AttributeName, each.AttributeType) for each in dataset.Schema.Attributes)


def _names_beside(identifier: str, dataset: DatasetRequest | None) -> tuple[str, ...]:
    """The attributes of a dataset but its identifier; none if there is no dataset."""
    return tuple(name for name, _ in (_attributes(dataset) if dataset else ()) if name != identifier)


def _attribute_named(attributes: tuple[tuple[str, str], ...], name: str) -> str:
    """The attribute as the schema spells it: names are compared without case, as Amazon and Athena do."""
    for attribute, _ in attributes:
        if attribute.lower() == name.lower():
            return attribute
    names = ", ".join(attribute for attribute, _ in attributes)
    raise ValueError(f"Schema of the target time series: found {names}, wanted an attribute named {name}")


def _timestamp_column(attributes: tuple[tuple[str, str], ...]) -> str:
    timestamps = [name for name, attribute_type in attributes if attribute_type == "timestamp"]
    if len(timestamps) != 1:
        raise ValueError(f"Schema of the target time series: found {len(timestamps)} timestamps, wanted one")
    return timestamps[0]


def _alignment(transformations: dict[str, str], boundary: dict[str, Any]) -> Alignment:
    return Alignment(
        aggregation=transformations.get("aggregation", TARGET_DEFAULTS["aggregation"]),
        fillings={
            name: value for name, value in transformations.items() if name.startswith(("middlefill", "backfill"))
        },
        boundary=boundary,
    )
