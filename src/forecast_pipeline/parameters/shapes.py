"""The structures inside Amazon Forecast's requests, each named as Amazon's API reference names it, and Shape.

A test holds their members against botocore's model of the service. Left out are members that the pipeline sets itself
(ARNs). Attributes have the names of the wire.
"""

from typing import Annotated, Literal

from pydantic import Field

from forecast_contract.domains import AttributeTypeName
from forecast_pipeline.parameters.types import Frequency, MonthName, ResourceName, Scaling, StrictObject, Weekday


class TagShape(StrictObject):
    Key: str
    Value: str


class EncryptionConfigShape(StrictObject):
    RoleArn: str
    KMSKeyArn: str


class SchemaAttributeShape(StrictObject):
    AttributeName: ResourceName
    AttributeType: AttributeTypeName


class SchemaShape(StrictObject):
    Attributes: Annotated[list[SchemaAttributeShape], Field(min_length=1, max_length=100)]


class SupplementaryFeatureShape(StrictObject):
    Name: ResourceName
    Value: str


class InputDataConfigShape(StrictObject):
    SupplementaryFeatures: list[SupplementaryFeatureShape] | None = None


class FeaturizationMethodShape(StrictObject):
    FeaturizationMethodName: Literal["filling"]
    FeaturizationMethodParameters: dict[str, str] | None = None


class FeaturizationShape(StrictObject):
    AttributeName: ResourceName
    FeaturizationPipeline: Annotated[list[FeaturizationMethodShape], Field(max_length=1)] | None = None


class FeaturizationConfigShape(StrictObject):
    ForecastFrequency: Frequency
    ForecastDimensions: Annotated[list[ResourceName], Field(min_length=1, max_length=10)] | None = None
    Featurizations: Annotated[list[FeaturizationShape], Field(min_length=1, max_length=50)] | None = None


class EvaluationParametersShape(StrictObject):
    NumberOfBacktestWindows: Annotated[int, Field(ge=1, le=5)] | None = None
    BackTestWindowOffset: Annotated[int, Field(ge=1)] | None = None


class CategoricalParameterRangeShape(StrictObject):
    Name: ResourceName
    Values: list[str]


class ContinuousParameterRangeShape(StrictObject):
    Name: ResourceName
    MaxValue: float
    MinValue: float
    ScalingType: Scaling | None = None


class IntegerParameterRangeShape(StrictObject):
    Name: ResourceName
    MaxValue: int
    MinValue: int
    ScalingType: Scaling | None = None


class ParameterRangesShape(StrictObject):
    CategoricalParameterRanges: list[CategoricalParameterRangeShape] | None = None
    ContinuousParameterRanges: list[ContinuousParameterRangeShape] | None = None
    IntegerParameterRanges: list[IntegerParameterRangeShape] | None = None


class HyperParameterTuningJobConfigShape(StrictObject):
    ParameterRanges: ParameterRangesShape | None = None


class AttributeConfigShape(StrictObject):
    AttributeName: ResourceName
    Transformations: dict[str, str]


class AdditionalDatasetShape(StrictObject):
    Name: ResourceName
    Configuration: dict[str, list[str]] | None = None


class DataConfigShape(StrictObject):
    AttributeConfigs: Annotated[list[AttributeConfigShape], Field(min_length=1, max_length=50)] | None = None
    AdditionalDatasets: Annotated[list[AdditionalDatasetShape], Field(min_length=1, max_length=2)] | None = None


class TimeAlignmentBoundaryShape(StrictObject):
    Month: MonthName | None = None
    DayOfMonth: Annotated[int, Field(ge=1, le=28)] | None = None
    DayOfWeek: Weekday | None = None
    Hour: Annotated[int, Field(ge=0, le=23)] | None = None


class MonitorConfigShape(StrictObject):
    MonitorName: ResourceName


class S3ConfigShape(StrictObject):
    Path: str
    RoleArn: str
    KMSKeyArn: str | None = None


class DataSourceShape(StrictObject):
    S3Config: S3ConfigShape


class TimeSeriesIdentifiersShape(StrictObject):
    DataSource: DataSourceShape | None = None
    Schema: SchemaShape | None = None
    Format: Literal["CSV", "PARQUET"] | None = None


class TimeSeriesSelectorShape(StrictObject):
    TimeSeriesIdentifiers: TimeSeriesIdentifiersShape | None = None
