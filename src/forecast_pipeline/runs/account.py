"""What became of the rows and files of a run, in sentences: the same for the mail, the report and the terminal."""

from collections.abc import Iterator

from forecast_pipeline.runs.came_true import came_true_sentences, drift_sentence
from forecast_pipeline.runs.data_files import FOLDERS
from forecast_pipeline.runs.period_words import counted_periods, period_name
from forecast_pipeline.runs.published import ChangedItems, PartOfPeriod, Published, RowFigures

NAMED_ITEMS = 5  # of those that are new, and of those that have vanished
NAMED_SHARE = 0.01  # of rows left out, from which the subject of a mail says so
_AGGREGATED = {
    "sum": "were summed",
    "avg": "were averaged",
    "first": "count by the first of them",
    "min": "count by the least of them",
    "max": "count by the greatest of them",
}


def account(published: Published) -> Iterator[str]:
    """All that a person should know of the rows, the most important first; nothing if all is as it should be."""
    if published.PartialPeriod:
        yield partial_period_sentence(published.PartialPeriod)
    if published.PartialFirstPeriod:
        yield partial_period_sentence(published.PartialFirstPeriod, "first")
    yield from came_true_account(published)
    for dataset_type, rows in published.Rows.items():
        if rows.LeftOut:
            yield f"{FOLDERS[dataset_type]}: {rows_sentence(rows)}"
        if rows.Unknown:
            has, is_ = ("row has", "It is") if rows.Unknown == 1 else ("rows have", "They are")
            yield f"{FOLDERS[dataset_type]}: {rows.Unknown} {has} no value. {is_} unknown, and filled as gaps are."
    if published.AggregatedRowCount:
        yield aggregation_sentence(published)
    if published.ItemChanges and (sentence := item_changes_sentence(published.ItemChanges)):
        yield sentence


def came_true_account(published: Published) -> Iterator[str]:
    """Whether the forecast of the run before came true, whether it drifts, and which could not be held against it."""
    if published.CameTrue:
        yield from came_true_sentences(published.CameTrue[0])
    if published.Drift:
        yield drift_sentence(published.Drift)
    yield from published.NotCompared


def rows_sentence(rows: RowFigures) -> str:
    """The sum of the rows.

    >>> rows_sentence(RowFigures(Read=40, Used=38, LeftOut={"fields": 2}, FirstLeftOut={"fields": "a.csv, line 7"}))
    '40 rows read = 38 used + 2 left out: 2 with another number of fields (the first: a.csv, line 7).'
    """
    left_out = rows.Read - rows.Used
    reasons = f": {rows.reasons}" if left_out else ""
    return f"{rows.Read} rows read = {rows.Used} used + {left_out} left out{reasons}."


def aggregation_sentence(published: Published) -> str:
    """How many rows share a period with another, and what became of them."""
    count = published.AggregatedRowCount
    shared = "1 row shared" if count == 1 else f"{count} rows shared"
    words = _AGGREGATED[published.Aggregation]
    return f"{shared} a period with another row of their series and {words}."


def item_changes_sentence(changes: ChangedItems) -> str:
    """Which items are new since the run before, and which have vanished; "" where they are the same.

    >>> item_changes_sentence(ChangedItems(Since="8c01", New=2, NewNames=["a", "b"], Vanished=1, VanishedNames=["c"]))
    'Since run 8c01, 2 items are new: a, b; 1 has vanished: c.'
    """
    new = _items(changes.New, "is new", "are new", changes.NewNames)
    vanished = _items(changes.Vanished, "has vanished", "have vanished", changes.VanishedNames)
    clauses = [clause for clause in (new, vanished) if clause]
    if not clauses:
        return ""
    count, _, rest = clauses[0].partition(" ")
    clauses[0] = f"{count} {'item' if count == '1' else 'items'} {rest}"
    return f"Since run {changes.Since}, {'; '.join(clauses)}."


def _items(count: int, one: str, many: str, names: list[str]) -> str:
    """
    >>> _items(7, "is new", "are new", ["a", "b", "c", "d", "e", "f", "g"])
    '7 are new: a, b, c, d, e, ...'
    """
    if not count:
        return ""
    shown = [*names[:NAMED_ITEMS], *(["..."] if count > NAMED_ITEMS else [])]
    return f"{count} {one if count == 1 else many}: {', '.join(shown)}"


def partial_period_sentence(part: PartOfPeriod, which: str = "last") -> str:
    """
    >>> partial_period_sentence(PartOfPeriod(Start="2024-02-26T00:00:00", Period="W", Held=2, Steps=7, Step="D"))
    'The last week, from 2024-02-26 on, holds 2 of 7 days and counts as a whole one.'
    """
    start = part.Start.removesuffix("T00:00:00").replace("T", " ")
    steps = f"{part.Held} of {counted_periods(part.Steps, part.Step)}"
    meaning = "is left out" if part.IsLeftOut else "counts as a whole one"
    return f"The {which} {period_name(part.Period)}, from {start} on, holds {steps} and {meaning}."
