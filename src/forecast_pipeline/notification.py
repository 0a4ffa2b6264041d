"""How a run ended, in words: the mail's subject and text, made from the run document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from forecast_contract.domains import ITEM_METADATA, RELATED_TIME_SERIES
from forecast_language import counted, said
from forecast_pipeline.accuracy_lines import accuracy_lines, impact_lines
from forecast_pipeline.compared.sentences import compared_with_before
from forecast_pipeline.forecast_resources import Superseded
from forecast_pipeline.latest_after_failure import RESTORING, cause_of, latest_after_failure
from forecast_pipeline.mail_subject import (
    subject_of_approval,
    subject_of_failure,
    subject_of_success,
    subject_of_superseded,
)
from forecast_pipeline.runs.account import (
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
        return _failed(run, None, "Problem", run.Problem)
    step, failure = min(run.Failure.items(), key=lambda each: each[0] == RESTORING)
    if failure.Error == Superseded.__name__:
        return _superseded(run, step, cause_of(failure))
    return _failed(run, step, failure.Error, cause_of(failure))


def _superseded(run: EndedRun, step: str, cause: str) -> Notification:
    """Nothing failed and nothing is to be corrected."""
    lines = [
        said(
            "Run {run} over bucket {bucket} ended without a forecast: its files changed before or while they were"
            " imported.",
            run=run.Run.Id,
            bucket=run.Run.Bucket,
        ),
        "",
        cause,
        "",
        *latest_after_failure(run),
    ]
    subject = subject_of_superseded(run.Names.get("Forecast", run.Run.Bucket))
    return Notification(subject, "\n".join(lines), Superseded.__name__, f"{place_of(step)}: {cause}")


def _failed(run: EndedRun, step: str | None, error: str, cause: str) -> Notification:
    where = place_of(step)
    lines = [
        said("Run {run} over bucket {bucket} failed in {where}.", run=run.Run.Id, bucket=run.Run.Bucket, where=where),
        "",
        cause,
        "",
        *latest_after_failure(run),
        said("After a correction, drop the file again (or start the pipeline by hand): the run is then repeated."),
    ]
    subject = subject_of_failure(run.Names.get("Forecast") or run.Run.Bucket, step)
    return Notification(subject, "\n".join(lines), error, f"{where}: {cause}")


def place_of(step: str | None) -> str:
    """Where a run failed, in words: a step, or None for the check of its input."""
    return said("the check of its input") if step is None else said("step {step}", step=step)


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
    subject = subject_of_approval(document.Names.Forecast, document.Published)
    return Notification(subject, "\n".join(lines) + mail.text)


def success_mail(document: WithPublished, cost: Sequence[str] = ()) -> Notification:
    """The mail about a run that published its forecast; ``cost`` are its last lines."""
    published = document.Published
    lines = [
        *_said_first(document.Run.Id, published),
        *_what_ran(document, published),
        "",
        *accuracy_lines(published),
        *impact_lines(published),
        *_compared(published),
        "",
        said("Files:"),
        *(f"  {_file(name)}: {path}" for name, path in published.Files.items()),
    ]
    lines += _not_refreshed(document)
    if document.Cleanup and document.Cleanup.InUse:
        in_use = ", ".join(document.Cleanup.InUse)
        lines += ["", said("Not deleted, since something uses them: {resources}.", resources=in_use)]
    if cost:
        lines += ["", *cost]
    return Notification(subject_of_success(document.Names.Forecast, published), "\n".join(lines))


def _what_ran(document: WithPublished, published: Published) -> Iterator[str]:
    run = document.Run
    yield said("Run {run} over bucket {bucket} succeeded.", run=run.Id, bucket=run.Bucket)
    if later := published.SupersededBy:
        yield said("Run {run}, which started later, was faster and stays the latest forecast;", run=later)
        yield said("this one is kept under history/clean/{run}/ alone.", run=run.Id)
    for job in document.Imports:
        yield counted(
            "Imported {number} file of {dataset} from {folder}{rows}",
            "Imported {number} files of {dataset} from {folder}{rows}",
            job.FileCount,
            dataset=_dataset(job.DatasetType),
            folder=FOLDERS[job.DatasetType],
            rows=_rows(job, published),
        )
        yield from job.Remarks
    if published.PartialFirstPeriod:
        yield partial_period_sentence(published.PartialFirstPeriod, is_first=True)
    if published.AggregatedRowCount:
        yield aggregation_sentence(published)
    yield said(
        "Trained {predictor} and forecast {items} items, {horizon} steps from {first} to {last}.",
        predictor=document.predictor.PredictorName,
        items=published.ItemCount,
        horizon=published.Horizon,
        first=published.FirstTimestamp,
        last=published.LastTimestamp,
    )
    if published.NewItemCount:
        yield counted(
            "{number} of the items has no history and is forecast like those they resemble.",
            "{number} of the items have no history and are forecast like those they resemble.",
            published.NewItemCount,
        )
    if published.ItemChanges and (sentence := item_changes_sentence(published.ItemChanges)):
        yield sentence


def _dataset(dataset_type: str) -> str:
    if dataset_type == RELATED_TIME_SERIES:
        return said("related time series")
    return said("item metadata") if dataset_type == ITEM_METADATA else said("target time series")


def _not_refreshed(document: WithPublished) -> Iterator[str]:
    """What the dashboard does not show yet, and why."""
    if document.Refreshed and document.Refreshed.NotRefreshed:
        yield ""
        yield said("Not refreshed; the dashboard in QuickSight shows an earlier forecast until the next run:")
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
        reasons = "; ".join(published.HeldBack)
        yield said("The forecast of run {run} is held back: {reasons}.", run=run_id, reasons=reasons)
        yield said("The forecast published before is untouched and stays in place.")
        yield said("To publish it all the same: almanac publish {run}", run=run_id)
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
        said(" {number} of the rows used have no value: unknown, and filled as gaps are.", number=rows.Unknown)
        if rows.Unknown
        else ""
    )
    return said(": {rows}{unknown}", rows=rows_sentence(rows), unknown=unknown)


def _compared(published: Published) -> Iterator[str]:
    """What changed since the run before."""
    if lines := [*compared_with_before(published)]:
        yield from ("", *lines)


def _file(name: str) -> str:
    """What a file of ``Published.Files`` is called; the name of one that is not known here, in words.

    >>> _file("ItemAccuracy"), _file("ItemHolidays")
    ('item accuracy', 'item holidays')
    """
    files = {
        "Forecast": lambda: said("forecast"),
        "ForecastLong": lambda: said("forecast long"),
        "ItemAccuracy": lambda: said("item accuracy"),
        "ItemModels": lambda: said("item models"),
        "Accuracy": lambda: said("accuracy"),
        "Report": lambda: said("report"),
    }
    if name in files:
        return files[name]()
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
