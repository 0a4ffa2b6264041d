"""What publish_forecast says of the forecast it published: accuracy, counts, and where the files are.

The state machine keeps it as ``$.Published``. The mail and the command ``almanac`` read it, and accuracy.json holds it.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict

from forecast_contract.domains import TARGET_TIME_SERIES
from forecast_files import left_out
from forecast_files.row_counts import RowCounts
from forecast_pipeline.runs import came_true


class AccuracyFigures(BaseModel):
    """Means over the backtest windows; None where nothing defines the measure.

    ``Coverage80`` is the share of actual values inside the band, if that is one of 80 %, such as p10 to p90.
    """

    model_config = ConfigDict(defer_build=True)

    AverageWeightedQuantileLoss: float | None = None
    WAPE: float | None = None
    RMSE: float | None = None
    MASE: float | None = None
    Coverage80: float | None = None
    WindowCount: int | None = None


def deciding_measure(forecast: AccuracyFigures, naive: AccuracyFigures) -> tuple[str, float, float] | None:
    """The measure by which a forecast is held against seasonal naive; see ``Published.deciding_measure``."""
    if forecast.AverageWeightedQuantileLoss is not None and naive.AverageWeightedQuantileLoss is not None:
        return "average wQL", forecast.AverageWeightedQuantileLoss, naive.AverageWeightedQuantileLoss
    if forecast.WAPE is not None and naive.WAPE is not None:
        return "WAPE", forecast.WAPE, naive.WAPE
    return None


class RowFigures(BaseModel):
    """The rows of one dataset's files: Read = Used + the sum of LeftOut.

    ``LeftOut`` maps a reason (fields, identifier, timestamp, period) to its rows, ``FirstLeftOut`` to file and line of
    the first. ``Unknown`` of the rows used have no target.
    """

    model_config = ConfigDict(defer_build=True)

    Read: int
    Used: int
    LeftOut: dict[left_out.Reason, int] = {}
    FirstLeftOut: dict[left_out.Reason, str] = {}
    Unknown: int = 0

    @classmethod
    def of(cls, rows: RowCounts) -> Self:
        """The figures of counted rows."""
        return cls(
            Read=rows.read,
            Used=rows.used,
            LeftOut=dict(rows.left_out.counts),
            FirstLeftOut=dict(rows.left_out.first),
            Unknown=rows.unknown,
        )

    @property
    def reasons(self) -> str:
        """Why rows were left out, in words."""
        return left_out.LeftOut(self.LeftOut, self.FirstLeftOut).reasons

    @property
    def left_out_share(self) -> float:
        """The share of the rows that were left out, though nobody asked for it."""
        asked_for = self.LeftOut.get("period", 0)
        return (self.Read - self.Used - asked_for) / self.Read if self.Read else 0.0


class PartOfPeriod(BaseModel):
    """The last period of the history, or the first, that the data hold a part of: ``Held`` of its ``Steps`` steps.

    ``Start`` is its first timestamp, ``Step`` the frequency of the data, ``Period`` that of the forecast. It counts as
    a whole one unless it ``IsLeftOut``: the forecast then begins with it.
    """

    model_config = ConfigDict(defer_build=True)

    Start: str
    Period: str
    Held: int
    Steps: int
    Step: str
    IsLeftOut: bool = False


class ChangedItems(BaseModel):
    """The items against the ``Earlier`` ones of the run before, ``Since``: how many are new, how many have vanished.

    ``NewNames`` and ``VanishedNames`` are the first of them by name, keys joined by a dot where there are several.
    """

    model_config = ConfigDict(defer_build=True)

    Since: str
    Earlier: int = 0
    New: int
    NewNames: list[str] = []
    Vanished: int
    VanishedNames: list[str] = []


class RunBefore(BaseModel):
    """The run whose forecast was in place before, as far as a run is compared with it.

    ``Total`` sums its point forecast over the steps that both runs have forecast, ``SharedTotal`` the new one's; None
    where there is no such step. ``ChangedParameters`` are sentences, "Forecast.ForecastTypes: 0.5 -> 0.1, 0.9"; None
    where what made the run before is not known. ``ChangedFiles`` are sentences on files beside those of the target.
    """

    model_config = ConfigDict(defer_build=True)

    Run: str
    Horizon: int
    Accuracy: AccuracyFigures
    SeasonalNaive: AccuracyFigures
    Total: float | None = None
    SharedTotal: float | None = None
    ChangedParameters: list[str] | None = None
    ChangedFiles: list[str] = []

    @property
    def deciding_measure(self) -> tuple[str, float, float] | None:
        """As ``Published.deciding_measure``."""
        return deciding_measure(self.Accuracy, self.SeasonalNaive)


class MonitorEvaluation(BaseModel):
    """What a monitor of the service measured when the values of an earlier forecast had come, and when it did (UTC).

    ``First`` and ``Last`` are the starts of the first and the last step of that forecast, ``Items`` how many series
    were measured. ``BaselineAverageWeightedQuantileLoss`` is what the training of its predictor said. None where
    nothing defines a measure.
    """

    model_config = ConfigDict(defer_build=True)

    Monitor: str
    Evaluated: str
    First: str
    Last: str
    Items: int
    AverageWeightedQuantileLoss: float | None = None
    WAPE: float | None = None
    BaselineAverageWeightedQuantileLoss: float | None = None


class ApprovalWait(BaseModel):
    """How many seconds a forecast waits for a person's decision, and the address of the function that takes it."""

    model_config = ConfigDict(defer_build=True)

    Seconds: int
    Url: str


class Published(BaseModel):
    """One published forecast.

    ``Rows`` maps a dataset type to its rows; the run before used ``RowsBefore`` of the target's, None where there was
    none. ``AggregatedRowCount`` rows of the target share series and period with another one, and ``Aggregation``
    (sum, avg, first, min, max) made one value of them. ``PartialPeriod`` is the last period of the history where the
    data end within it, ``PartialFirstPeriod`` the first where they begin within it. ``ItemChanges`` are None where no
    run was before. ``CameTrue`` are the forecasts of earlier runs as far as their time has come, the latest run first,
    ``NotCompared`` sentences about those that cannot be held against it, and ``Drift`` what says that the latest of
    them went astray, or that the input has changed.
    ``Monitored`` is the newest evaluation of each monitor, that of the latest forecast first; ``NotMonitored`` says why
    the service did not tell.
    ``ModelShares`` maps a model to its mean weight over all items, {} if the service does not say.
    ``AttributeImpact`` maps an attribute to its score, the largest first; it is None if no explanation was asked
    for. ``SupersededBy`` is the run that started later and was faster, if there is one. ``HeldBack`` says why the
    forecast does not replace the one in place; its files are in the history alone. So are those of a forecast as of an
    old date, ``AsOf``, the last day whose history it knows. ``Approval`` is there while a person is asked. ``Files``
    maps the name of a file to its path in S3. ``Before`` is the run that it is compared with, None where there was
    none. ``Engine`` is what forecast, with its version.
    """

    model_config = ConfigDict(defer_build=True)

    Accuracy: AccuracyFigures
    SeasonalNaive: AccuracyFigures
    ItemCount: int
    NewItemCount: int = 0
    Horizon: int
    FirstTimestamp: str
    LastTimestamp: str
    ModelShares: dict[str, float] = {}
    Rows: dict[str, RowFigures] = {}
    RowsBefore: int | None = None
    AggregatedRowCount: int = 0
    Aggregation: str = "sum"
    PartialFirstPeriod: PartOfPeriod | None = None
    PartialPeriod: PartOfPeriod | None = None
    ItemChanges: ChangedItems | None = None
    CameTrue: list[came_true.CameTrue] = []
    NotCompared: list[str] = []
    Drift: list[str] = []
    Monitored: list[MonitorEvaluation] = []
    NotMonitored: str | None = None
    HeldBack: list[str] = []
    AsOf: str | None = None
    Approval: ApprovalWait | None = None
    SupersededBy: str | None = None
    Files: dict[str, str] = {}
    AttributeImpact: dict[str, float] | None = None
    Before: RunBefore | None = None
    Engine: str | None = None

    @property
    def target_rows(self) -> int | None:
        """How many rows of the target were used, if that is known."""
        rows = self.Rows.get(TARGET_TIME_SERIES)
        return rows.Used if rows else None

    @property
    def deciding_measure(self) -> tuple[str, float, float] | None:
        """What tells whether the forecast is better than seasonal naive: a measure's name, its value, naive's value.

        Average wQL, or WAPE where no quantile was forecast; None where nothing was measured.
        """
        return deciding_measure(self.Accuracy, self.SeasonalNaive)


class PublishingWork(BaseModel):
    """What publish_forecast answers where a run is too large for one worker: the numbers of its tasks and shards."""

    model_config = ConfigDict(defer_build=True)

    Tasks: list[int]
    Shards: list[int]
