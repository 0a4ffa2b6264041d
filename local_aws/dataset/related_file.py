"""A file of related time series: numbers beside the target, of which some are known for the time of the forecast."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.dataset.bucket_file import (
    attribute_names,
    dimension_names,
    item_column,
    key_attributes,
    renamed,
    schema,
    time_column,
    write,
)
from local_aws.dataset.frequency import step_of
from local_aws.dataset.plan import Plan
from local_aws.dataset.roles import find_timestamp, is_numeric, require_timestamps
from local_aws.dataset.table import DataError, Table, open_table, quoted
from local_aws.dataset.timestamps import Notation

MOST_ROWS = 5_000_000  # of a file that is written with all of its rows for each item; some 200 MB


@dataclass(frozen=True)
class RelatedFile:
    """The file, and its columns by what they mean: `features` and `dimensions` map a column to its attribute.

    Without a column for the `item` its rows hold for every item of the target, as the weather does.
    """

    table: Table
    item: str | None
    timestamp: str
    notation: Notation
    dimensions: dict[str, str]
    features: dict[str, str]
    left_out: dict[str, str]


@dataclass(frozen=True)
class Coverage:
    """How far a feature is known, in steps; `is_flag` if most of its values are zero.

    `middle`, `back` and `future` count the steps without a value: between two values, from the last value of a series
    to the end of the target, and from there to the end of the forecast. `future` counts nothing where no value at all
    lies behind the target: the feature is then known for the past alone.
    """

    is_forward: bool
    is_flag: bool
    middle: int
    back: int
    future: int

    @property
    def fillings(self) -> dict[str, str]:
        """Amazon's transformations for the gaps there are: a flag that is not set is zero, a price is as it was."""
        kind = "zero" if self.is_flag else "median"
        counts = {"middlefill": self.middle, "backfill": self.back, "futurefill": self.future}
        return {name: kind for name, count in counts.items() if count}


def read_related(path: Path, plan: Plan) -> RelatedFile:
    """Find out what each column means. DataError if none of them holds numbers."""
    table, roles = open_table(path), plan.roles
    timestamp, notation = find_timestamp(table)
    require_timestamps(table, timestamp, notation)
    dimensions = {column: name for column, name in dimension_names(roles).items() if column in table.columns}
    rest = [name for name in table.columns if name not in (timestamp, roles.item, *dimensions)]
    features = [name for name in rest if name != roles.target and is_numeric(table, name)]
    if not features:
        found = ", ".join(table.columns)
        raise DataError(f"{path}: found the columns {found}, wanted a number besides the time and what names a series")
    names = attribute_names(features, "column", dimension_names(roles).values())
    return RelatedFile(
        table,
        roles.item if roles.item in table.columns else None,
        timestamp,
        notation,
        dimensions,
        dict(zip(features, names, strict=True)),
        {name: "the target" if name == roles.target else "not numbers" for name in rest if name not in features},
    )


def write_related(related: RelatedFile, target: Table, plan: Plan, folder: Path) -> Path:
    """The file under its schema's names; DataError if it would grow too large with a row for each item."""
    if plan.roles.item and related.item is None:
        _repeat_for_each_item(related, target, plan.roles.item)
    columns = [
        time_column(related.timestamp, related.notation, plan.time_format),
        item_column(plan.roles),
        *renamed(related.dimensions),
        *(f"{related.table.number(quoted(c))} AS {quoted(name)}" for c, name in related.features.items()),
    ]
    return write(related.table, columns, folder / "related.csv")


def _repeat_for_each_item(related: RelatedFile, target: Table, item: str) -> None:
    """Give the table a column of items, with all rows for each."""
    items = [row[0] for row in target.query(f"SELECT DISTINCT {quoted(item)} FROM data ORDER BY 1")]
    lines = related.table.query("SELECT count(*) FROM data")[0][0]
    if lines * len(items) > MOST_ROWS:
        found = f"found {lines} rows without a column {item} for {len(items)} items"
        raise DataError(f"{related.table.path}: {found}, wanted at most {MOST_ROWS} rows in all")
    related.table.connection.execute(
        f"CREATE OR REPLACE TABLE data AS SELECT * FROM data, (SELECT unnest(?::VARCHAR[]) AS {quoted(item)}) AS items",
        [items],
    )


def dataset_of(related: RelatedFile, plan: Plan) -> dict[str, Any]:
    """Its dataset in params.json, without the name."""
    features = [(name, "float") for name in related.features.values()]
    attributes = [("timestamp", "timestamp"), *key_attributes(related.dimensions.values()), *features]
    return {
        "DatasetType": "RELATED_TIME_SERIES",
        "DataFrequency": plan.frequency,
        "Schema": schema(*attributes),
    }


def coverage_of(related: RelatedFile, target: Table, plan: Plan) -> dict[str, Coverage]:
    """Feature -> how far it is known. DataError if two values of a feature lie in one step, or none in any."""
    roles, table = plan.roles, related.table
    first, last = target.query(
        f"SELECT min(t), max(t) FROM (SELECT {roles.notation.reading(quoted(roles.timestamp))} AS t FROM data) AS times"
    )[0]
    begin, end = f"TIMESTAMP '{first}'", f"TIMESTAMP '{last}'"
    moment = related.notation.reading(quoted(related.timestamp))
    item = quoted(related.item) if related.item else "''"
    columns = [
        f"{step_of(plan.frequency, begin, moment)} AS step",
        f"{item} AS item_id",
        *renamed(related.dimensions),
        *(f"try_cast({table.number(quoted(c))} AS DOUBLE) AS {quoted(n)}" for c, n in related.features.items()),
    ]
    table.connection.execute(f"CREATE OR REPLACE TEMP TABLE steps AS SELECT line, {', '.join(columns)} FROM data")
    history: int = table.query(f"SELECT {step_of(plan.frequency, begin, end)} + 1")[0][0]
    keys = ", ".join(quoted(key) for key in ("item_id", *related.dimensions.values()))
    told_apart = "" if related.item or not roles.item else f", or a column {roles.item} that tells them apart"
    steps = _Steps(table, keys, history, history + plan.horizon, told_apart)
    return {column: steps.coverage(column, name) for column, name in related.features.items()}


@dataclass(frozen=True)
class _Steps:
    """The table `steps` of a related file: `history` steps of the target, and up to `end` those of the forecast.

    `told_apart` ends a complaint about two values in one step.
    """

    table: Table
    keys: str
    history: int
    end: int
    told_apart: str

    def coverage(self, column: str, name: str) -> Coverage:
        self._require_one_value_per_step(column, name)
        middle, back, ahead, series = self.table.query(
            f"""SELECT sum(least(last, {self.history} - 1) - first + 1 - past) FILTER (first < {self.history}),
                       sum({self.history} - 1 - last) FILTER (last < {self.history}), sum(ahead), count(*)
                FROM (SELECT min(step) AS first, max(step) AS last, count(*) FILTER (step < {self.history}) AS past,
                             count(*) FILTER (step >= {self.history}) AS ahead
                      FROM (SELECT DISTINCT {self.keys}, step FROM steps
                            WHERE {quoted(name)} IS NOT NULL AND step BETWEEN 0 AND {self.end} - 1) AS known
                      GROUP BY {self.keys}) AS series"""
        )[0]
        if not series:
            raise DataError(
                f"{self.table.path}: no value of {column} lies in the time of the target or of the forecast"
            )
        is_flag = bool(self.table.query(f"SELECT median({quoted(name)}) = 0 FROM steps")[0][0])
        future = series * (self.end - self.history) - ahead if ahead else 0
        return Coverage(ahead > 0, is_flag, int(middle or 0), int(back or 0), int(future))

    def _require_one_value_per_step(self, column: str, name: str) -> None:
        several = self.table.query(
            f"""SELECT min(line), max(line) FROM steps WHERE {quoted(name)} IS NOT NULL
                GROUP BY {self.keys}, step HAVING count(DISTINCT {quoted(name)}) > 1 ORDER BY 1 LIMIT 1"""
        )
        if several:
            first, last = several[0]
            raise DataError(
                f"{self.table.path}: lines {first} and {last} hold two values of {column} for one period of the"
                f" forecast, wanted one{self.told_apart}: related time series are not added up"
            )


def sentences_of(related: RelatedFile, coverage: dict[str, Coverage], *, has_items: bool) -> Iterator[str]:
    """What the features are taken for, and how their gaps are filled."""
    file = related.table.path.name
    of_all = "" if related.item or not has_items else ", the same for every item"
    for known, words in ((True, "known for the time of the forecast"), (False, "known for the past alone")):
        names = [column for column, each in coverage.items() if each.is_forward is known]
        if names:
            yield f"related     {', '.join(names)} of {file}  ({words}{of_all})"
    for column, each in coverage.items():
        if each.fillings:
            count, filling = each.middle + each.back + each.future, next(iter(each.fillings.values()))
            filled = "0" if filling == "zero" else "the median of those before"
            yield f"gaps        {count} steps have no {column} and get {filled}  (--params can say otherwise)"
    for name, reason in related.left_out.items():
        yield f"left out    {name} of {file} ({reason})"


def attribute_configs(related: RelatedFile, coverage: dict[str, Coverage]) -> list[dict[str, Any]]:
    """What an AutoPredictor says of the features with gaps."""
    return [
        {"AttributeName": name, "Transformations": coverage[column].fillings}
        for column, name in related.features.items()
        if coverage[column].fillings
    ]
