"""How a run ended, in words: the mail's subject and text, made from the run document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from forecast_language import said
from forecast_pipeline.compared.sentences import compared_with_before
from forecast_pipeline.forecast_resources import Superseded
from forecast_pipeline.latest_after_failure import RESTORING, cause_of, latest_after_failure
from forecast_pipeline.runs.account import (
    NAMED_SHARE,
    aggregation_sentence,
    came_true_account,
    item_changes_sentence,
    partial_period_sentence,
    rows_sentence,
)
from forecast_pipeline.runs.data_files import FOLDERS
from forecast_pipeline.runs.published import Published
from forecast_pipeline.runs.run_document import EndedRun, WithPublished
from forecast_pipeline.runs.run_requests import DatasetImport

SUBJECT_LENGTH = 100  # SNS takes no longer one
DATASET_TYPES = {
    "TARGET_TIME_SERIES": "target time series",
    "RELATED_TIME_SERIES": "related time series",
    "ITEM_METADATA": "item metadata",
}


@dataclass(frozen=True)
class Notification:
    """A mail; error and cause are None where the run succeeded, and what the machine's Fail state shows elsewhere."""

    subject: str
    text: str
    error: str | None = None
    cause: str | None = None


def failure_mail(run: EndedRun) -> Notification:
    """The mail about a run whose document holds a Problem or a Failure."""
    if run.Problem:
        return _failed(run, "CheckProblem", "Problem", run.Problem)
    step, failure = min(run.Failure.items(), key=lambda each: each[0] == RESTORING)
    if failure.Error == Superseded.__name__:
        return _superseded(run, step, cause_of(failure))
    return _failed(run, step, failure.Error, cause_of(failure))


def _superseded(run: EndedRun, step: str, cause: str) -> Notification:
    """Nothing failed and nothing is to be corrected."""
    lines = [
        f"Run {run.Run.Id} over bucket {run.Run.Bucket} ended without a forecast: its files changed before"
        " or while they were imported.",
        "",
        cause,
        "",
        *latest_after_failure(run),
    ]
    subject = subject_of(f"Forecast superseded: {run.Names.get('Forecast', run.Run.Bucket)}", ", its files changed")
    return Notification(subject, "\n".join(lines), Superseded.__name__, f"step {step}: {cause}")


def _failed(run: EndedRun, step: str, error: str, cause: str) -> Notification:
    where = "the check of its input" if error == "Problem" else f"step {step}"
    lines = [
        f"Run {run.Run.Id} over bucket {run.Run.Bucket} failed in {where}.",
        "",
        cause,
        "",
        *latest_after_failure(run),
        "After a correction, drop the file again (or start the pipeline by hand): the run is then repeated.",
    ]
    name = run.Names.get("Forecast") or run.Run.Bucket
    subject = subject_of(f"Forecast failed: {name}", f", {where}")
    return Notification(subject, "\n".join(lines), error, f"{where}: {cause}")


def approval_mail(document: WithPublished, until: datetime, approve: str, hold: str) -> Notification:
    """The mail about a forecast that waits for a person; ``approve`` and ``hold`` are its links."""
    run = document.Run
    mail = success_mail(
        document.model_copy(update={"Published": document.Published.model_copy(update={"HeldBack": []})})
    )
    lines = [
        said(
            "The forecast of run {run} waits for your approval until {until} UTC. Each link opens a page with one"
            " button; nothing is decided before somebody presses it.",
            run=run.Id,
            until=f"{until:%Y-%m-%d %H:%M}",
        ),
        "",
        said("Publish it: {link}", link=approve),
        said("Hold it back: {link}", link=hold),
        "",
        said("Without a decision it is held back, and almanac publish {run} publishes it later.", run=run.Id),
        "",
    ]
    beginning = f"Forecast waits for approval: {document.Names.Forecast}"
    subject = subject_of(beginning, _gain_insubject_of(document.Published))
    return Notification(subject, "\n".join(lines) + mail.text)


def success_mail(document: WithPublished, cost: Sequence[str] = ()) -> Notification:
    """The mail about a run that published its forecast; ``cost`` are its last lines."""
    published = document.Published
    lines = [
        *_said_first(document.Run.Id, published),
        *_what_ran(document, published),
        "",
        *_accuracy(published),
        *_impact(published),
        *_compared(published),
        "",
        "Files:",
        *(f"  {_spaced(name)}: {path}" for name, path in published.Files.items()),
    ]
    lines += _not_refreshed(document)
    if document.Cleanup and document.Cleanup.InUse:
        lines += ["", f"Not deleted, since something uses them: {', '.join(document.Cleanup.InUse)}."]
    if cost:
        lines += ["", *cost]
    beginning = "Forecast held back" if published.HeldBack else "Forecast ready"
    if published.AsOf:
        beginning = f"Forecast as of {published.AsOf}"
    subject = subject_of(
        f"{beginning}: {document.Names.Forecast}", _left_out(published) + _gain_insubject_of(published)
    )
    return Notification(subject, "\n".join(lines))


def _what_ran(document: WithPublished, published: Published) -> Iterator[str]:
    run = document.Run
    yield f"Run {run.Id} over bucket {run.Bucket} succeeded."
    if published.SupersededBy:
        yield f"Run {published.SupersededBy}, which started later, was faster and stays the latest forecast;"
        yield f"this one is kept under history/clean/{run.Id}/ alone."
    for job in document.Imports:
        files = f"{job.FileCount} file{'s' if job.FileCount != 1 else ''}"
        source = f"{DATASET_TYPES[job.DatasetType]} from {FOLDERS[job.DatasetType]}"
        yield f"Imported {files} of {source}{_rows(job, published)}"
        yield from job.Remarks
    if published.PartialFirstPeriod:
        yield partial_period_sentence(published.PartialFirstPeriod, "first")
    if published.AggregatedRowCount:
        yield aggregation_sentence(published)
    yield (
        f"Trained {document.predictor.PredictorName} and forecast {published.ItemCount} items, "
        f"{published.Horizon} steps from {published.FirstTimestamp} to {published.LastTimestamp}."
    )
    if published.NewItemCount:
        has, is_ = ("has", "is") if published.NewItemCount == 1 else ("have", "are")
        yield f"{published.NewItemCount} of the items {has} no history and {is_} forecast like those they resemble."
    if published.ItemChanges and (sentence := item_changes_sentence(published.ItemChanges)):
        yield sentence


def _not_refreshed(document: WithPublished) -> Iterator[str]:
    """What the dashboard does not show yet, and why."""
    if document.Refreshed and document.Refreshed.NotRefreshed:
        yield from ("", "Not refreshed; the dashboard in QuickSight shows an earlier forecast until the next run:")
        yield from (f"  {data_set}: {reason}" for data_set, reason in document.Refreshed.NotRefreshed.items())


def _said_first(run_id: str, published: Published) -> Iterator[str]:
    """What the reader should know before anything else."""
    if published.AsOf:
        yield said(
            "This is the forecast as it would have been made at the end of {day}: of train/ it knows the periods"
            " that had ended by then; related/, metadata/ and params.json are as they are today.",
            day=published.AsOf,
        )
        yield said("The latest forecast is untouched and stays in place.")
        yield ""
    if published.HeldBack:
        yield f"The forecast of run {run_id} is held back: {'; '.join(published.HeldBack)}."
        yield "The forecast published before is untouched and stays in place."
        yield f"To publish it all the same: almanac publish {run_id}"
        yield ""
    if published.PartialPeriod:
        yield from (partial_period_sentence(published.PartialPeriod), "")
    if came := [*came_true_account(published)]:
        yield from (*came, "")


def _rows(job: DatasetImport, published: Published) -> str:
    """The end of the sentence about an import: the account of its rows, if it is known."""
    rows = published.Rows.get(job.DatasetType)
    if rows is None:
        return "."
    unknown = (
        f" {rows.Unknown} of the rows used have no value: unknown, and filled as gaps are." if rows.Unknown else ""
    )
    return f": {rows_sentence(rows)}{unknown}"


def _accuracy(published: Published) -> Iterator[str]:
    forecast, naive = published.Accuracy, published.SeasonalNaive
    windows = forecast.WindowCount
    yield f"Accuracy in {windows} backtest window{'s' if windows != 1 else ''}, against seasonal naive:"
    for words, error, naive_error in (
        ("average weighted quantile loss", forecast.AverageWeightedQuantileLoss, naive.AverageWeightedQuantileLoss),
        ("WAPE", forecast.WAPE, naive.WAPE),
        ("RMSE", forecast.RMSE, naive.RMSE),
        ("MASE", forecast.MASE, naive.MASE),
    ):
        compared = _beside_naive(error, naive_error)
        yield f"  {words}: {_number(error)}, seasonal naive {_number(naive_error)}{compared}"
    if forecast.Coverage80 is not None:
        yield f"  the 80 % interval held {forecast.Coverage80:.1%} of the actual values"


def _impact(published: Published) -> Iterator[str]:
    """How much each attribute moves the forecast, if the run asked for an explanation.

    The sign of a score is that of its sum over the days to come, among them those without a promotion: it would be read
    as what a promotion does.
    """
    impact = published.AttributeImpact or {}
    if impact and not any(impact.values()):
        yield from ("", f"The history alone moves the forecast, not {', '.join(impact)}.")
    elif len(impact) > 1:  # one alone is compared with itself
        yield ""
        yield "What moves the forecast besides the history, compared with what moves it most:"
        for name, score in impact.items():
            yield f"  {name}: {abs(score):.2f}"


def _compared(published: Published) -> Iterator[str]:
    """What changed since the run before."""
    if lines := [*compared_with_before(published)]:
        yield from ("", *lines)


def _beside_naive(error: float | None, naive_error: float | None) -> str:
    gain = _gain(error, naive_error)
    if gain is None:
        return ""
    return f" ({_judged(gain, '.1%')})"


def _gain(error: float | None, naive_error: float | None) -> float | None:
    """1 - error / naive error: the share of seasonal naive's error that is saved; None where that means nothing."""
    return None if error is None or not naive_error else 1 - error / naive_error


def _gain_insubject_of(published: Published) -> str:
    if published.deciding_measure is None:
        return ""
    _, error, naive_error = published.deciding_measure
    gain = _gain(error, naive_error)
    if gain is None:
        return ", NOT better than seasonal naive" if error >= naive_error else ""
    return f", {_judged(gain, '.0%')} {'as' if gain == 0 else 'than'} seasonal naive"


def _judged(gain: float, number_format: str) -> str:
    if gain == 0:
        return "the same"
    return f"{format(abs(gain), number_format)} {'better' if gain > 0 else 'WORSE'}"


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4g}"


def _left_out(published: Published) -> str:
    """The largest share of rows that were left out of a dataset, for the subject; nothing below NAMED_SHARE."""
    share = max((rows.left_out_share for rows in published.Rows.values()), default=0.0)
    return f", {share:.0%} of rows left out" if share >= NAMED_SHARE else ""


def subject_of(beginning: str, end: str = "") -> str:
    """SNS refuses a subject that is long, or holds anything but ASCII; a long name gives way to what is said of it."""
    room = SUBJECT_LENGTH - len(end)
    text = beginning if len(beginning) <= room else f"{beginning[: room - 3]}..."
    return (text + end).encode("ascii", "replace").decode()[:SUBJECT_LENGTH]


def _spaced(name: str) -> str:
    """
    >>> _spaced("ItemAccuracy")
    'item accuracy'
    """
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
