"""params.json as a whole, and the requests to Amazon Forecast that it holds.

The members of each request are Amazon's own (a test holds them against botocore's model of the service), less those
that the pipeline sets itself (ARNs) and those whose resources it could not delete again
(docs/decisions/0401-params-json.md). Attributes have the names of the wire.
"""

from typing import Annotated, Literal

from pydantic import Field

from forecast_contract.domains import DatasetTypeName, DomainName
from forecast_contract.timestamp_formats import DATE_AND_TIME
from forecast_pipeline.parameters import publishing_rules
from forecast_pipeline.parameters.raw_data import RawDataSettings
from forecast_pipeline.parameters.shapes import (
    DataConfigShape,
    EncryptionConfigShape,
    EvaluationParametersShape,
    FeaturizationConfigShape,
    HyperParameterTuningJobConfigShape,
    InputDataConfigShape,
    MonitorConfigShape,
    SchemaShape,
    TagShape,
    TimeAlignmentBoundaryShape,
    TimeSeriesSelectorShape,
)
from forecast_pipeline.parameters.types import (
    Algorithm,
    Frequency,
    Horizon,
    MetricName,
    Quantiles,
    ResourceName,
    StrictObject,
    TimestampPattern,
)


class CreateDatasetGroupRequest(StrictObject):
    DatasetGroupName: ResourceName
    Domain: DomainName
    Tags: list[TagShape] | None = None


class CreateDatasetRequest(StrictObject):
    DatasetName: ResourceName
    Domain: DomainName
    DatasetType: DatasetTypeName
    DataFrequency: Frequency | None = None
    Schema: SchemaShape
    EncryptionConfig: EncryptionConfigShape | None = None
    Tags: list[TagShape] | None = None


class CreatePredictorRequest(StrictObject):
    """create_predictor, the legacy request; InputDataConfig.DatasetGroupArn is the pipeline's to set."""

    PredictorName: ResourceName
    AlgorithmArn: Algorithm | None = None
    ForecastHorizon: Horizon
    ForecastTypes: Quantiles | None = None
    PerformAutoML: bool | None = None
    AutoMLOverrideStrategy: Literal["LatencyOptimized", "AccuracyOptimized"] | None = None
    PerformHPO: bool | None = None
    TrainingParameters: dict[str, str] | None = None
    EvaluationParameters: EvaluationParametersShape | None = None
    HPOConfig: HyperParameterTuningJobConfigShape | None = None
    InputDataConfig: InputDataConfigShape | None = None
    FeaturizationConfig: FeaturizationConfigShape
    EncryptionConfig: EncryptionConfigShape | None = None
    Tags: list[TagShape] | None = None
    OptimizationMetric: MetricName | None = None


class CreateAutoPredictorRequest(StrictObject):
    """create_auto_predictor; DataConfig.DatasetGroupArn is the pipeline's to set."""

    PredictorName: ResourceName
    ForecastHorizon: Horizon
    ForecastTypes: Quantiles | None = None
    ForecastDimensions: Annotated[list[ResourceName], Field(min_length=1, max_length=10)] | None = None
    ForecastFrequency: Frequency
    DataConfig: DataConfigShape | None = None
    EncryptionConfig: EncryptionConfigShape | None = None
    OptimizationMetric: MetricName | None = None
    ExplainPredictor: bool | None = None
    Tags: list[TagShape] | None = None
    MonitorConfig: MonitorConfigShape | None = None
    TimeAlignmentBoundary: TimeAlignmentBoundaryShape | None = None


class CreateForecastRequest(StrictObject):
    ForecastName: ResourceName
    ForecastTypes: Quantiles | None = None
    Tags: list[TagShape] | None = None
    TimeSeriesSelector: TimeSeriesSelectorShape | None = None


class PipelineSettings(StrictObject):
    """What is this pipeline's own.

    KeepRuns: so many runs that published keep predictor, forecast, imports and exports in the service; the
    published files of all runs stay. QuietSeconds: a drop of several files is over once nothing has changed for so
    long. MaxLeftOutShare: where an import left out a larger share of its rows, the run fails before training; where
    it is given, it is the share for the preparation of raw_data/, too, which otherwise leaves out none. Periods:
    "observed" publishes no step whose weekday or time of the week never occurs in the history of its series, such
    as the weekends of a price. DropPartialPeriod: the last period is left out where the data end within it.
    PublishIf: what a forecast must keep to, to become the latest one. DriftLimits: from where on an earlier
    forecast went astray. RawData: what is in raw_data/.
    """

    KeepRuns: Annotated[int, Field(ge=1)] = 3
    QuietSeconds: Annotated[float, Field(ge=0, le=60)] = 5
    MaxLeftOutShare: Annotated[float, Field(ge=0, le=1)] = 0.1
    Periods: Literal["all", "observed"] = "all"
    DropPartialPeriod: bool = False
    PublishIf: publishing_rules.PublishIf = publishing_rules.PublishIf()
    DriftLimits: publishing_rules.DriftLimits = publishing_rules.DriftLimits()
    RawData: RawDataSettings = RawDataSettings()

    @property
    def raw_data_max_left_out_share(self) -> float:
        """Above which share of rows that cannot be used a preparation fails."""
        return self.MaxLeftOutShare if "MaxLeftOutShare" in self.model_fields_set else 0.0


class Parameters(StrictObject):
    """The whole file. One of Predictor and AutoPredictor."""

    DatasetGroup: CreateDatasetGroupRequest
    Datasets: Annotated[list[CreateDatasetRequest], Field(min_length=1, max_length=3)]
    TimestampFormat: TimestampPattern = DATE_AND_TIME
    Predictor: CreatePredictorRequest | None = None
    AutoPredictor: CreateAutoPredictorRequest | None = None
    Forecast: CreateForecastRequest
    PerformDelete: bool = False
    Pipeline: PipelineSettings = PipelineSettings()
