"""params.json: its members as Amazon's request trees have them, and the check of a whole file.

The members of each request are Amazon's own (a test holds them against botocore's model of the service), less those
that the pipeline sets itself (ARNs) and those whose resources it could not delete again
(docs/decisions/0401-params-json.md). Class attributes have the names of the wire.
"""

import json
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from forecast_contract.domains import AttributeTypeName, DatasetTypeName, DomainName
from forecast_contract.frequencies import FREQUENCY_WORDS, is_frequency
from forecast_contract.timestamp_formats import DATE, DATE_AND_TIME
from forecast_pipeline.parameters.dataset_rules import rule_problems
from forecast_pipeline.parameters.problems import ParameterError, problems_of, shown


def _matching(pattern: str, wanted: str) -> AfterValidator:
    """A validator whose complaint says in words what is wanted."""
    compiled = re.compile(pattern)
    return _fulfilling(lambda value: compiled.fullmatch(value) is not None, wanted)


def _fulfilling(is_right: Callable[[str], bool], wanted: str) -> AfterValidator:
    def check(value: str) -> str:
        if not is_right(value):
            raise PydanticCustomError("wanted", "{wanted}", {"wanted": wanted})
        return value

    return AfterValidator(check)


ResourceName = Annotated[
    str, _matching("[a-zA-Z][a-zA-Z0-9_]{0,62}", "1 to 63 letters, digits and underscores, beginning with a letter")
]
Algorithm = Annotated[
    str,
    _matching(
        "arn:aws[a-z-]*:forecast:::algorithm/(ARIMA|CNN-QR|Deep_AR_Plus|ETS|NPTS|Prophet)",
        "arn:aws:forecast:::algorithm/ and ARIMA, CNN-QR, Deep_AR_Plus, ETS, NPTS or Prophet",
    ),
]
Frequency = Annotated[str, _fulfilling(is_frequency, f"a frequency: {FREQUENCY_WORDS}")]
Quantile = Annotated[str, _matching(r"0?\.\d\d?|mean", 'a quantile such as "0.1" or "0.95", or "mean"')]
TimestampPattern = Annotated[str, _matching("yyyy-MM-dd( (HH|hh):mm:ss)?", f'"{DATE}" or "{DATE_AND_TIME}"')]
Quantiles = Annotated[list[Quantile], Field(min_length=1, max_length=5)]
Horizon = Annotated[int, Field(ge=1, le=500)]  # and at most a third of the history, which only the import knows
MetricName = Literal["WAPE", "RMSE", "AverageWeightedQuantileLoss", "MASE", "MAPE"]
Weekday = Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
MonthName = Literal[
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE",
    "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
]  # fmt: skip
Scaling = Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"]


class Members(BaseModel):
    """A JSON object none of whose members may be misspelt, and none a number in quotes."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TagMembers(Members):
    Key: str
    Value: str


class EncryptionConfigMembers(Members):
    RoleArn: str
    KMSKeyArn: str


class DatasetGroupMembers(Members):
    DatasetGroupName: ResourceName
    Domain: DomainName
    Tags: list[TagMembers] | None = None


class SchemaAttributeMembers(Members):
    AttributeName: ResourceName
    AttributeType: AttributeTypeName


class SchemaMembers(Members):
    Attributes: Annotated[list[SchemaAttributeMembers], Field(min_length=1, max_length=100)]


class DatasetMembers(Members):
    DatasetName: ResourceName
    Domain: DomainName
    DatasetType: DatasetTypeName
    DataFrequency: Frequency | None = None
    Schema: SchemaMembers
    EncryptionConfig: EncryptionConfigMembers | None = None
    Tags: list[TagMembers] | None = None


class SupplementaryFeatureMembers(Members):
    Name: ResourceName
    Value: str


class InputDataConfigMembers(Members):
    SupplementaryFeatures: list[SupplementaryFeatureMembers] | None = None


class FeaturizationMethodMembers(Members):
    FeaturizationMethodName: Literal["filling"]
    FeaturizationMethodParameters: dict[str, str] | None = None


class FeaturizationMembers(Members):
    AttributeName: ResourceName
    FeaturizationPipeline: Annotated[list[FeaturizationMethodMembers], Field(max_length=1)] | None = None


class FeaturizationConfigMembers(Members):
    ForecastFrequency: Frequency
    ForecastDimensions: Annotated[list[ResourceName], Field(min_length=1, max_length=10)] | None = None
    Featurizations: Annotated[list[FeaturizationMembers], Field(min_length=1, max_length=50)] | None = None


class EvaluationParametersMembers(Members):
    NumberOfBacktestWindows: Annotated[int, Field(ge=1, le=5)] | None = None
    BackTestWindowOffset: Annotated[int, Field(ge=1)] | None = None


class CategoricalParameterRangeMembers(Members):
    Name: ResourceName
    Values: list[str]


class ContinuousParameterRangeMembers(Members):
    Name: ResourceName
    MaxValue: float
    MinValue: float
    ScalingType: Scaling | None = None


class IntegerParameterRangeMembers(Members):
    Name: ResourceName
    MaxValue: int
    MinValue: int
    ScalingType: Scaling | None = None


class ParameterRangesMembers(Members):
    CategoricalParameterRanges: list[CategoricalParameterRangeMembers] | None = None
    ContinuousParameterRanges: list[ContinuousParameterRangeMembers] | None = None
    IntegerParameterRanges: list[IntegerParameterRangeMembers] | None = None


class HyperParameterTuningJobConfigMembers(Members):
    ParameterRanges: ParameterRangesMembers | None = None


class PredictorMembers(Members):
    """create_predictor, the legacy request; InputDataConfig.DatasetGroupArn is the pipeline's to set."""

    PredictorName: ResourceName
    AlgorithmArn: Algorithm | None = None
    ForecastHorizon: Horizon
    ForecastTypes: Quantiles | None = None
    PerformAutoML: bool | None = None
    AutoMLOverrideStrategy: Literal["LatencyOptimized", "AccuracyOptimized"] | None = None
    PerformHPO: bool | None = None
    TrainingParameters: dict[str, str] | None = None
    EvaluationParameters: EvaluationParametersMembers | None = None
    HPOConfig: HyperParameterTuningJobConfigMembers | None = None
    InputDataConfig: InputDataConfigMembers | None = None
    FeaturizationConfig: FeaturizationConfigMembers
    EncryptionConfig: EncryptionConfigMembers | None = None
    Tags: list[TagMembers] | None = None
    OptimizationMetric: MetricName | None = None


class AttributeConfigMembers(Members):
    AttributeName: ResourceName
    Transformations: dict[str, str]


class AdditionalDatasetMembers(Members):
    Name: ResourceName
    Configuration: dict[str, list[str]] | None = None


class DataConfigMembers(Members):
    AttributeConfigs: Annotated[list[AttributeConfigMembers], Field(min_length=1, max_length=50)] | None = None
    AdditionalDatasets: Annotated[list[AdditionalDatasetMembers], Field(min_length=1, max_length=2)] | None = None


class TimeAlignmentBoundaryMembers(Members):
    Month: MonthName | None = None
    DayOfMonth: Annotated[int, Field(ge=1, le=28)] | None = None
    DayOfWeek: Weekday | None = None
    Hour: Annotated[int, Field(ge=0, le=23)] | None = None


class MonitorConfigMembers(Members):
    MonitorName: ResourceName


class AutoPredictorMembers(Members):
    """create_auto_predictor; DataConfig.DatasetGroupArn is the pipeline's to set."""

    PredictorName: ResourceName
    ForecastHorizon: Horizon
    ForecastTypes: Quantiles | None = None
    ForecastDimensions: Annotated[list[ResourceName], Field(min_length=1, max_length=10)] | None = None
    ForecastFrequency: Frequency
    DataConfig: DataConfigMembers | None = None
    EncryptionConfig: EncryptionConfigMembers | None = None
    OptimizationMetric: MetricName | None = None
    ExplainPredictor: bool | None = None
    Tags: list[TagMembers] | None = None
    MonitorConfig: MonitorConfigMembers | None = None
    TimeAlignmentBoundary: TimeAlignmentBoundaryMembers | None = None


class S3ConfigMembers(Members):
    Path: str
    RoleArn: str
    KMSKeyArn: str | None = None


class DataSourceMembers(Members):
    S3Config: S3ConfigMembers


class TimeSeriesIdentifiersMembers(Members):
    DataSource: DataSourceMembers | None = None
    Schema: SchemaMembers | None = None
    Format: Literal["CSV", "PARQUET"] | None = None


class TimeSeriesSelectorMembers(Members):
    TimeSeriesIdentifiers: TimeSeriesIdentifiersMembers | None = None


class ForecastMembers(Members):
    ForecastName: ResourceName
    ForecastTypes: Quantiles | None = None
    Tags: list[TagMembers] | None = None
    TimeSeriesSelector: TimeSeriesSelectorMembers | None = None


class PipelineMembers(Members):
    """What is this pipeline's own.

    KeepRuns: so many runs keep their predictor, forecast, imports and exports in the service; the published files of
    all runs stay. QuietSeconds: a drop of several files is over once nothing has changed for so long.
    """

    KeepRuns: Annotated[int, Field(ge=1)] = 3
    QuietSeconds: Annotated[float, Field(ge=0, le=60)] = 5


class Parameters(Members):
    """The whole file. One of Predictor and AutoPredictor."""

    DatasetGroup: DatasetGroupMembers
    Datasets: Annotated[list[DatasetMembers], Field(min_length=1, max_length=3)]
    TimestampFormat: TimestampPattern = DATE_AND_TIME
    Predictor: PredictorMembers | None = None
    AutoPredictor: AutoPredictorMembers | None = None
    Forecast: ForecastMembers
    PerformDelete: bool = False
    Pipeline: PipelineMembers = PipelineMembers()


def read_parameters(file: str, content: bytes) -> Parameters:
    """The parameters in a file's bytes; ParameterError, with all that is wrong, names members by their path."""
    tree = _tree(file, content)
    try:
        parameters = Parameters.model_validate(tree)
    except ValidationError as error:
        raise ParameterError.of(file, problems_of(error, Parameters)) from error
    if problems := rule_problems(tree):
        raise ParameterError.of(file, problems)
    return parameters


def request(members: Members) -> dict[str, Any]:
    """The request tree as the user wrote it, without the members that were not given."""
    return members.model_dump(exclude_none=True)


def _tree(file: str, content: bytes) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParameterError(f"{file}: byte {error.start} is not UTF-8.") from error
    try:
        tree = json.loads(text, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        raise ParameterError(f"{file}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}).") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets a thousand deep
        raise ParameterError(f"{file}: not a file of parameters ({error}).") from error
    except _RepeatedMemberError as error:
        raise ParameterError(f"{file}: member {error} is there twice in one object.") from error
    if not isinstance(tree, dict):
        known = ", ".join(Parameters.model_fields)
        raise ParameterError(f"{file}: found {shown(tree)}, wanted an object with {known}.")
    return tree


class _RepeatedMemberError(Exception):
    """A member that is there twice; JSON would silently take the second."""


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _RepeatedMemberError(name)
        members[name] = value
    return members
