"""Which earlier runs published a forecast that this run can hold against what has come since."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from forecast_language import said
from forecast_pipeline.published_runs import published_runs
from forecast_pipeline.publishing.exports.file_ranges import CALLS_AT_A_TIME
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.s3_location import S3File, S3Location
from forecast_pipeline.publishing.outputs.latest_forecast import LatestForecast, history_key
from forecast_pipeline.runs.period_words import period_name
from forecast_pipeline.runs.published import AccuracyFigures

MOST_RUNS = 30  # a month of daily runs
SMALL = 64 * 2**20  # bytes of forecasts that any run reads; beyond, no more than its own files have


@dataclass(frozen=True)
class EarlierRun:
    """An earlier run: ``made`` is when it began (ISO 8601), the promised figures are those of its backtest."""

    run_id: str
    made: str
    promised_loss: float | None
    promised_inside: float | None


class _Mark(BaseModel):
    """accuracy.json, as far as it is read here; older ones have neither Frequency nor Keys."""

    RunId: str
    StartedAt: datetime
    DatasetGroup: str | None = None
    Frequency: str | None = None
    Keys: list[str] | None = None
    Accuracy: AccuracyFigures


@dataclass(frozen=True)
class EarlierRuns:
    """The runs, the latest first; of each its published forecast, one file or parts; and which cannot be compared."""

    runs: list[EarlierRun]
    files: list[S3File]
    not_compared: list[str]

    @classmethod
    def of(cls, latest: LatestForecast, run: FinishedRun, own_bytes: int) -> "EarlierRuns":
        """The earlier runs of this run's dataset group; ``own_bytes`` is the size of the files it reads besides.

        The latest run that forecast something else is told of: its numbers are of other periods or other series.
        """
        runs: list[EarlierRun] = []
        files: list[S3File] = []
        not_compared: list[str] = []
        marks = [each for each in _marks(latest) if each.DatasetGroup == run.name and each.StartedAt < run.started_at]
        for mark in marks:
            if reason := _difference(mark, run):
                if mark is marks[0]:
                    not_compared.append(
                        said(
                            "The forecast of run {run} cannot be held against what came: {reason}.",
                            run=mark.RunId,
                            reason=reason,
                        )
                    )
                continue
            of_run = [*S3Location(run.bucket, history_key(mark.RunId, "forecast.csv")).files(latest.client)]
            if sum(each.size for each in [*files, *of_run]) > max(SMALL, own_bytes):
                break
            if of_run:
                figures = mark.Accuracy
                loss, inside = figures.AverageWeightedQuantileLoss, figures.Coverage80
                runs.append(EarlierRun(mark.RunId, mark.StartedAt.isoformat(), loss, inside))
                files += of_run
        return cls(runs, files, not_compared)


def _difference(mark: _Mark, run: FinishedRun) -> str | None:
    """Why the forecast of an earlier run is of other things than this run's history."""
    if mark.Frequency is not None and mark.Frequency != run.frequency:
        return said(
            "it is by the {earlier}, that of this run by the {now}",
            earlier=period_name(mark.Frequency),
            now=period_name(run.frequency),
        )
    if mark.Keys is not None and mark.Keys != [*run.key_columns]:
        return said(
            "its series are told apart by {earlier}, those of this run by {now}",
            earlier=", ".join(mark.Keys),
            now=", ".join(run.key_columns),
        )
    return None


def _marks(latest: LatestForecast) -> list[_Mark]:
    """What the newest runs said when they were published, the newest first; the history may have been swept."""
    written = published_runs(latest.client, latest.bucket)
    newest = sorted(written, key=lambda run_id: (written[run_id], run_id), reverse=True)[:MOST_RUNS]
    with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
        documents = list(pool.map(latest.mark_of, newest))
    marks = [_Mark.model_validate(each) for each in documents if each is not None]
    return sorted(marks, key=lambda each: each.StartedAt, reverse=True)
