"""What became of the rows and files of a run, in sentences: the same for the mail, the report and the terminal."""

from collections.abc import Callable, Iterator

from forecast_language import counted, said
from forecast_pipeline.runs.came_true import came_true_sentences, drift_sentence
from forecast_pipeline.runs.data_files import FOLDERS
from forecast_pipeline.runs.period_words import counted_periods, period_name
from forecast_pipeline.runs.published import ChangedItems, MonitorEvaluation, PartOfPeriod, Published, RowFigures

NAMED_ITEMS = 5  # of those that are new, and of those that have vanished
NAMED_SHARE = 0.01  # of rows left out, from which the subject of a mail says so
_AGGREGATED: dict[str, Callable[[], str]] = {
    "sum": lambda: said("were summed"),
    "avg": lambda: said("were averaged"),
    "first": lambda: said("count by the first of them"),
    "min": lambda: said("count by the least of them"),
    "max": lambda: said("count by the greatest of them"),
}


def account(published: Published) -> Iterator[str]:
    """All that a person should know of the rows, the most important first; nothing if all is as it should be."""
    if published.PartialPeriod:
        yield partial_period_sentence(published.PartialPeriod)
    if published.PartialFirstPeriod:
        yield partial_period_sentence(published.PartialFirstPeriod, is_first=True)
    yield from came_true_account(published)
    for dataset_type, rows in published.Rows.items():
        if rows.LeftOut:
            yield f"{FOLDERS[dataset_type]}: {rows_sentence(rows)}"
        if rows.Unknown:
            yield counted(
                "{folder}: {number} row has no value. It is unknown, and filled as gaps are.",
                "{folder}: {number} rows have no value. They are unknown, and filled as gaps are.",
                rows.Unknown,
                folder=FOLDERS[dataset_type],
            )
    if published.AggregatedRowCount:
        yield aggregation_sentence(published)
    if published.ItemChanges and (sentence := item_changes_sentence(published.ItemChanges)):
        yield sentence


def came_true_account(published: Published) -> Iterator[str]:
    """Whether the forecast of the run before came true and whether it drifts; what could not be compared or measured.

    A monitor of the service tells of the latest forecast that it has measured.
    """
    if published.CameTrue:
        yield from came_true_sentences(published.CameTrue[0])
    if published.Drift:
        yield drift_sentence(published.Drift)
    yield from published.NotCompared
    if published.Monitored:
        yield monitored_sentence(published.Monitored[0])
    if published.NotMonitored:
        yield said("What the monitors of the service found is not known: {reason}", reason=published.NotMonitored)


def monitored_sentence(evaluation: MonitorEvaluation) -> str:
    """What a monitor measured, beside what was measured at the training.

    >>> figures = {"Monitor": "watch_9f3c1a2b7d", "Evaluated": "2024-08-01T06:00:00", "Items": 50}
    >>> months = {"First": "2024-05-01T00:00:00", "Last": "2024-07-01T00:00:00"}
    >>> monitored_sentence(MonitorEvaluation(**figures, **months, AverageWeightedQuantileLoss=0.25, WAPE=0.5))
    'Monitor watch_9f3c1a2b7d measured the forecast from 2024-05-01 to 2024-07-01: average weighted quantile loss 0.25.'
    """
    return said(
        "Monitor {monitor} measured the forecast from {first} to {last}: {measure}.",
        monitor=evaluation.Monitor,
        first=_moment(evaluation.First),
        last=_moment(evaluation.Last),
        measure=_measure(evaluation),
    )


def _measure(evaluation: MonitorEvaluation) -> str:
    loss, baseline = evaluation.AverageWeightedQuantileLoss, evaluation.BaselineAverageWeightedQuantileLoss
    if loss is not None and baseline is not None:
        return said(
            "average weighted quantile loss {loss:.4g}, at training {baseline:.4g}", loss=loss, baseline=baseline
        )
    if loss is not None:
        return said("average weighted quantile loss {loss:.4g}", loss=loss)
    if evaluation.WAPE is not None:
        return said("WAPE {wape:.4g}", wape=evaluation.WAPE)
    return said("no measure is defined")


def rows_sentence(rows: RowFigures) -> str:
    """The sum of the rows.

    >>> rows_sentence(RowFigures(Read=40, Used=38, LeftOut={"fields": 2}, FirstLeftOut={"fields": "a.csv, line 7"}))
    '40 rows read = 38 used + 2 left out: 2 with another number of fields (the first: a.csv, line 7).'
    """
    left_out = rows.Read - rows.Used
    reasons = f": {rows.reasons}" if left_out else ""
    return said(
        "{read} rows read = {used} used + {left_out} left out{reasons}.",
        read=rows.Read,
        used=rows.Used,
        left_out=left_out,
        reasons=reasons,
    )


def aggregation_sentence(published: Published) -> str:
    """How many rows share a period with another, and what became of them."""
    return counted(
        "{number} row shared a period with another row of their series and {became}.",
        "{number} rows shared a period with another row of their series and {became}.",
        published.AggregatedRowCount,
        became=_AGGREGATED[published.Aggregation](),
    )


def item_changes_sentence(changes: ChangedItems) -> str:
    """Which items are new since the run before, and which have vanished; "" where they are the same.

    >>> item_changes_sentence(ChangedItems(Since="8c01", New=2, NewNames=["a", "b"], Vanished=1, VanishedNames=["c"]))
    'Since run 8c01, 2 items are new: a, b; 1 has vanished: c.'
    """
    clauses = []
    if changes.New:
        names = _names(changes.New, changes.NewNames)
        clauses.append(
            counted("{number} item is new: {names}", "{number} items are new: {names}", changes.New, names=names)
        )
    if changes.Vanished:
        clauses.append(_vanished(changes, is_first=not clauses))
    return said("Since run {run}, {changes}.", run=changes.Since, changes="; ".join(clauses)) if clauses else ""


def _vanished(changes: ChangedItems, *, is_first: bool) -> str:
    names = _names(changes.Vanished, changes.VanishedNames)
    if is_first:
        return counted(
            "{number} item has vanished: {names}",
            "{number} items have vanished: {names}",
            changes.Vanished,
            names=names,
        )
    return counted("{number} has vanished: {names}", "{number} have vanished: {names}", changes.Vanished, names=names)


def _names(count: int, names: list[str]) -> str:
    """
    >>> _names(7, ["a", "b", "c", "d", "e", "f", "g"])
    'a, b, c, d, e, ...'
    """
    return ", ".join([*names[:NAMED_ITEMS], *(["..."] if count > NAMED_ITEMS else [])])


def partial_period_sentence(part: PartOfPeriod, *, is_first: bool = False) -> str:
    """
    >>> partial_period_sentence(PartOfPeriod(Start="2024-02-26T00:00:00", Period="W", Held=2, Steps=7, Step="D"))
    'The last week, from 2024-02-26 on, holds 2 of 7 days and counts as a whole one.'
    """
    figures = {
        "period": period_name(part.Period),
        "start": _moment(part.Start),
        "held": part.Held,
        "steps": counted_periods(part.Steps, part.Step),
    }
    if is_first and part.IsLeftOut:
        return said("The first {period}, from {start} on, holds {held} of {steps} and is left out.", **figures)
    if is_first:
        return said(
            "The first {period}, from {start} on, holds {held} of {steps} and counts as a whole one.", **figures
        )
    if part.IsLeftOut:
        return said("The last {period}, from {start} on, holds {held} of {steps} and is left out.", **figures)
    return said("The last {period}, from {start} on, holds {held} of {steps} and counts as a whole one.", **figures)


def _moment(timestamp: str) -> str:
    """A timestamp for people: a whole day is a date."""
    return timestamp.removesuffix("T00:00:00").replace("T", " ")
