"""The run document: what start_pipeline says of a run, and what each step adds to it on its way through the machine.

Each state of forecast_pipeline.asl.json adds the member that its ResultPath names. So a class here has one more member
than the class before it, and a handler parses its event by the class that has the members it reads:

    RunDocument      what start_pipeline wrote
    WithDatasets     and Arns, of create_dataset
    WithImports      and Imported, of import_data
    WithPredictor    and PredictorArn, of train_predictor
    WithForecast     and ForecastArn, of create_forecast
    WithPublished    and Published, of publish_forecast; Refreshed, of refresh_dashboard; Cleanup, of delete_resources
    WithDashboard    and Dashboard, which the machine itself writes; refresh_dashboard reads it
    EndedRun         the little that every document has, also one with a Problem: what the mail about a failure reads
                     and Restored, of restore_latest, where publishing failed

``model_validate`` raises pydantic's ValidationError, which names the member that is missing or of another type.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from forecast_pipeline.parameters import publishing_rules
from forecast_pipeline.runs import published
from forecast_pipeline.runs.run_requests import (
    AutoPredictorRequest,
    DatasetGroupRequest,
    DatasetImport,
    DatasetRequest,
    Export,
    ForecastRequest,
    LegacyPredictorRequest,
    Part,
)


class RunIdentity(Part):
    """Which run it is, and over which bucket."""

    Id: str
    Bucket: str


class RunHead(RunIdentity):
    """``StartedAt`` is when start_pipeline wrote the document (ISO 8601), ``Event`` the id of its event.

    ``Execution`` is the run's ARN; None in a document that was written by hand. ``AsOf`` is the last day whose history
    the run may know (ISO 8601); it is there only where somebody asked for an old one. ``Parameters``
    is a fingerprint of the bytes of params.json.
    """

    ParameterFile: str
    Event: str | None
    Execution: str | None = None
    Parameters: str | None = None
    StartedAt: str
    AsOf: str | None = None

    @property
    def started_at(self) -> datetime:
        """``StartedAt`` as a time."""
        return datetime.fromisoformat(self.StartedAt)


class StepFailure(Part):
    """What a Catch of the state machine says; Cause is JSON if a Lambda function failed."""

    Error: str
    Cause: str | None = None


class RestoredForecast(Part):
    """What step restore_latest found after a failed publishing, and ``RunId``, which latest/accuracy.json names.

    State: "kept", nothing was to be done; "restored", the run before is in its place again; "replaced", the run had
    become the latest; "mixed", putting back was refused. Refused maps an object or table to the reason, Objects each
    object and table to the run that it is of, in words. Replacing is another run that is becoming the latest.
    """

    State: Literal["kept", "restored", "replaced", "mixed"]
    RunId: str | None
    Replacing: str | None = None
    Refused: dict[str, str] = Field(default_factory=dict)
    Objects: dict[str, str] = Field(default_factory=dict)


class EndedRun(Part):
    """A document at its end, whatever became of the run.

    ``Problem`` says what is wrong with params.json or the files. ``Failure`` maps the step that failed to its failure.
    """

    Run: RunIdentity
    Names: dict[str, str] = Field(default_factory=dict)
    PerformDelete: bool = False
    Problem: str | None = None
    Failure: dict[str, StepFailure] = Field(default_factory=dict)
    Published: dict[str, Any] | None = None
    Restored: RestoredForecast | None = None

    @property
    def is_published(self) -> bool:
        """Whether publishing had ended: of a large run ``Published`` holds the work of its workers before."""
        return bool(self.Published) and "Shards" not in (self.Published or {})


class RunExports(Part):
    """The exports of a run; Explainability is there if the run asked for an explanation."""

    Forecast: Export
    Backtest: Export
    Explainability: Export | None = None


class GivenNames(Part):
    """The names as params.json gives them; the requests have the run in theirs."""

    DatasetGroup: str
    Predictor: str
    Forecast: str


class RunSettings(Part):
    """KeepRuns: how many runs keep their resources in the service. MaxLeftOutShare: of the rows of an import.

    Periods: "all", or "observed" for those that occur in the history of their series. DropPartialPeriod: whether an
    unfinished last period is left out. PublishIf and DriftLimits: see ``parameters.publishing_rules``.
    """

    KeepRuns: int
    MaxLeftOutShare: float = 0.1
    Periods: str = "all"
    DropPartialPeriod: bool = False
    PublishIf: publishing_rules.PublishIf = Field(default_factory=publishing_rules.PublishIf)
    DriftLimits: publishing_rules.DriftLimits = Field(default_factory=publishing_rules.DriftLimits)


class RunDocument(Part):
    """What start_pipeline wrote. It has one of AutoPredictor and Predictor, the legacy request."""

    Run: RunHead
    DatasetGroup: DatasetGroupRequest
    Datasets: list[DatasetRequest]
    Imports: list[DatasetImport]
    AutoPredictor: AutoPredictorRequest | None = None
    Predictor: LegacyPredictorRequest | None = None
    Forecast: ForecastRequest
    Exports: RunExports
    Names: GivenNames
    PerformDelete: bool
    Pipeline: RunSettings
    Problem: str | None = None

    @property
    def predictor(self) -> AutoPredictorRequest | LegacyPredictorRequest:
        """The request for the predictor; ValueError if there is none."""
        request = self.AutoPredictor or self.Predictor
        if request is None:
            raise ValueError("Predictor and AutoPredictor: found neither, wanted one of the two")
        return request

    def dataset(self, name: str) -> DatasetRequest:
        """The request for a dataset of this name."""
        return next(each for each in self.Datasets if each.DatasetName == name)

    @property
    def quantile_count(self) -> int:
        """How many quantiles are forecast; where nothing is said of them, three."""
        for request in (self.Forecast, self.predictor):
            if types := request.as_given().get("ForecastTypes"):
                return len(types)
        return 3


class DatasetArns(Part):
    """``DatasetArns`` maps the name of a dataset to its ARN."""

    DatasetGroupArn: str
    DatasetArns: dict[str, str]


class WithDatasets(RunDocument):
    """The document after create_dataset."""

    Arns: DatasetArns


class ImportedRows(Part):
    """An import job that is ACTIVE, and what became of the rows of its files."""

    ImportJobArn: str
    DatasetType: str
    Rows: published.RowFigures


class WithImports(WithDatasets):
    """The document after import_data."""

    Imported: list[ImportedRows] = Field(default_factory=list)


class WithPredictor(WithImports):
    """The document after train_predictor."""

    PredictorArn: str


class PublishingPiece(Part):
    """An event of publish_forecast; ``Number`` is that of a task or a shard of a run that many workers publish."""

    Step: Literal["publish", "read", "shard", "finish", "decided"] = "publish"
    Number: int = 0
    Document: WithPredictor


class WithForecast(WithPredictor):
    """The document after create_forecast."""

    ForecastArn: str


class RunCleanup(Part):
    """``InUse`` are the ARNs that delete_resources left, since something uses them."""

    InUse: list[str] = Field(default_factory=list)


class StackDashboard(Part):
    """``DataSets`` are the ids of QuickSight's data sets, separated by commas, or ``none``."""

    DataSets: str

    @property
    def data_sets(self) -> list[str]:
        """The ids, one by one.

        >>> StackDashboard(DataSets="almanac-forecast,almanac-runs").data_sets
        ['almanac-forecast', 'almanac-runs']
        """
        return self.DataSets.split(",")


class RefreshedDashboard(Part):
    """The ids of the data sets whose ingestion was started; of the others, what QuickSight said."""

    DataSets: list[str] = Field(default_factory=list)
    NotRefreshed: dict[str, str] = Field(default_factory=dict)


class Decision(Part):
    """What a person decided of a forecast that waited: ``Approved`` is None where nobody did in time."""

    Approved: bool | None = None


class WithPublished(WithForecast):
    """The document of a run that published its forecast."""

    Published: published.Published
    Approval: Decision | None = None
    Refreshed: RefreshedDashboard | None = None
    Cleanup: RunCleanup | None = None

    @property
    def forecast_points(self) -> int:
        """What Amazon Forecast counts: series x steps x quantiles."""
        return self.Published.ItemCount * self.Published.Horizon * self.quantile_count


class WithDashboard(WithPublished):
    """The document of a run that published its forecast, in a stack with a dashboard."""

    Dashboard: StackDashboard
