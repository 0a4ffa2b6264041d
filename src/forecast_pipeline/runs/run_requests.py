"""The requests to Amazon Forecast that the run document carries, as far as the pipeline reads them.

params.json was checked whole when the run began (parameters/), and Amazon Forecast checks each request again. So
members that the pipeline does not read pass through unseen, and a request is sent as it was given.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

HOLIDAY = "holiday"  # the data set of public holidays, as a request names it


class Part(BaseModel):
    """An object of the run document. The members that the pipeline reads are declared; all others are kept."""

    model_config = ConfigDict(extra="allow", defer_build=True)  # the first parse builds validators, not the import

    def as_given(self) -> dict[str, Any]:
        """The JSON object that was parsed, with the members that it had and no others."""
        return self.model_dump(exclude_unset=True)


class DatasetGroupRequest(Part):
    """CreateDatasetGroup; create_dataset adds DatasetArns."""

    DatasetGroupName: str
    Domain: str


class SchemaAttribute(Part):
    """A column of a dataset's files."""

    AttributeName: str
    AttributeType: str


class DatasetSchema(Part):
    """The columns of a dataset's files, in their order."""

    Attributes: list[SchemaAttribute]


class DatasetRequest(Part):
    """CreateDataset."""

    DatasetName: str
    Domain: str
    DatasetType: str
    DataFrequency: str | None = None
    Schema: DatasetSchema


class InputFile(Part):
    """A file of the data bucket as it was when the run began; its version where that is known."""

    Key: str
    Size: int
    ETag: str
    VersionId: str | None = None


class InputContent(Part):
    """What lay in a folder when the run began: fingerprints of its ETags and of its bytes, and its files.

    ``Files`` are empty where they are too many for the run document.
    """

    ETags: str
    Bytes: str
    Files: list[InputFile] = []


class DatasetImport(Part):
    """The import job of one dataset: ``FileCount`` files lie below ``Path``. ``Remarks`` are sentences about them.

    ``Content`` is what the run was started for; None in a document that was written by hand.
    """

    DatasetName: str
    DatasetType: str
    DatasetImportJobName: str
    Path: str
    FileCount: int
    TimestampFormat: str | None = None
    Content: InputContent | None = None
    Remarks: list[str] = []


class AttributeConfig(Part):
    """How an auto predictor aggregates and fills one attribute."""

    AttributeName: str
    Transformations: dict[str, str]


class AdditionalDataset(Part):
    """A data set that the service itself has: ``holiday`` of the country that its configuration names."""

    Name: str
    Configuration: dict[str, list[str]] = {}


class AutoPredictorData(Part):
    """What an auto predictor is trained on; train_predictor adds DatasetGroupArn."""

    AttributeConfigs: list[AttributeConfig] = []
    AdditionalDatasets: list[AdditionalDataset] = []


class AutoPredictorRequest(Part):
    """CreateAutoPredictor."""

    PredictorName: str
    ForecastHorizon: int
    ForecastFrequency: str
    ForecastDimensions: list[str] = []
    DataConfig: AutoPredictorData = AutoPredictorData()
    TimeAlignmentBoundary: dict[str, Any] = {}

    @property
    def frequency(self) -> str:
        """The frequency of the forecast."""
        return self.ForecastFrequency

    @property
    def dimensions(self) -> list[str]:
        """The attributes that name a series besides the item."""
        return self.ForecastDimensions

    @property
    def boundary(self) -> dict[str, Any]:
        """Where periods begin: Month, DayOfMonth, DayOfWeek, Hour."""
        return self.TimeAlignmentBoundary

    @property
    def holiday_country(self) -> str | None:
        """The country whose public holidays the predictor knows."""
        found = [
            each.Configuration["CountryCode"] for each in self.DataConfig.AdditionalDatasets if each.Name == HOLIDAY
        ]
        return found[0][0] if found else None

    def transformations_of(self, attribute: str) -> dict[str, str]:
        """Aggregation and fillings of the attribute of this lower-case name; {} if the request has none."""
        configs = [each for each in self.DataConfig.AttributeConfigs if each.AttributeName.lower() == attribute]
        return configs[-1].Transformations if configs else {}


class LegacyFeaturizationMethod(Part):
    """Filling, the one method there is."""

    FeaturizationMethodParameters: dict[str, str] = {}


class LegacyFeaturization(Part):
    """How a legacy predictor aggregates and fills one attribute."""

    AttributeName: str
    FeaturizationPipeline: list[LegacyFeaturizationMethod] = []


class LegacyFeaturizationConfig(Part):
    """A legacy predictor's frequency, series and fillings."""

    ForecastFrequency: str
    ForecastDimensions: list[str] = []
    Featurizations: list[LegacyFeaturization] = []


class LegacyFeature(Part):
    """A data set that the service itself has: ``holiday`` of the country that is its value."""

    Name: str
    Value: str


class LegacyInput(Part):
    """What a legacy predictor is trained on."""

    SupplementaryFeatures: list[LegacyFeature] = []


class LegacyPredictorRequest(Part):
    """CreatePredictor, which older params.json hold; train_predictor adds InputDataConfig.DatasetGroupArn."""

    PredictorName: str
    ForecastHorizon: int
    FeaturizationConfig: LegacyFeaturizationConfig
    InputDataConfig: LegacyInput = LegacyInput()

    @property
    def frequency(self) -> str:
        """The frequency of the forecast."""
        return self.FeaturizationConfig.ForecastFrequency

    @property
    def dimensions(self) -> list[str]:
        """The attributes that name a series besides the item."""
        return self.FeaturizationConfig.ForecastDimensions

    @property
    def boundary(self) -> dict[str, Any]:
        """A legacy request cannot say where periods begin."""
        return {}

    @property
    def holiday_country(self) -> str | None:
        """The country whose public holidays the predictor knows."""
        found = [each.Value for each in self.InputDataConfig.SupplementaryFeatures if each.Name == HOLIDAY]
        return found[0] if found else None

    def transformations_of(self, attribute: str) -> dict[str, str]:
        """Aggregation and fillings of the attribute of this lower-case name; {} if the request has none."""
        methods = [
            method
            for each in self.FeaturizationConfig.Featurizations
            if each.AttributeName.lower() == attribute
            for method in each.FeaturizationPipeline
        ]
        return methods[-1].FeaturizationMethodParameters if methods else {}


class ForecastRequest(Part):
    """CreateForecast; create_forecast adds PredictorArn."""

    ForecastName: str


class Export(Part):
    """An export job's name and the folder that it writes to."""

    Name: str
    Path: str
