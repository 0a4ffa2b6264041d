"""The rows of a related file as the service will see them: one number per series and step, and where there is none."""

from dataclasses import dataclass

from forecast_contract.sql import identifier
from forecast_language import said
from local_aws.guessing.table import DataError, Table
from local_aws.periods.frequency import step_of
from local_aws.periods.plan import Plan
from local_aws.upload.bucket_file import dimension_names, item_column, renamed

# The names of our own columns begin as no attribute's name can.
ROWS = "related_rows"  # _line, _moment, _step, item_id, the dimensions, the features as texts
STARTS = "target_starts"  # item_id, the dimensions, _moment, _step: where each series of the target begins
MOST_ROWS = 5_000_000  # of a file that is written with all of its rows for each item; some 200 MB


@dataclass(frozen=True)
class RelatedColumns:
    """Columns by what they mean: `moment` in SQL, `dimensions` and `features` as column -> attribute.

    `is_named` is SQL for whether a row names a series; others are not read.

    Without a column for the `item` the rows hold for every item of the target, as the weather does.
    """

    moment: str
    item: str | None
    dimensions: dict[str, str]
    features: dict[str, str]
    is_named: str = "true"


@dataclass(frozen=True)
class Coverage:
    """How far a feature is known, in steps; `is_flag` if it is 0 wherever nothing is said.

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


class RelatedRows:
    """The tables ROWS and STARTS in the connection of the related file."""

    def __init__(self, table: Table, columns: RelatedColumns, target: Table, plan: Plan) -> None:
        """Fill the tables. DataError if the file would grow too large with its rows for each item."""
        self.table, self.columns, self.item = table, columns, plan.roles.item
        self.keys = ", ".join(identifier(key) for key in ("item_id", *columns.dimensions.values()))
        first, last = plan.rows.query("SELECT min(moment), max(moment) FROM observations")[0]
        self.begin, self.frequency = f"TIMESTAMP '{first}'", plan.frequency
        last_step = self._step(f"TIMESTAMP '{last}'")
        self.history: int = table.query(f"SELECT {last_step} + 1")[0][0]
        self.end = self.history + plan.calendar_horizon
        self._load_starts(target, plan)
        self._load_rows()

    def coverage(self) -> dict[str, Coverage]:
        """Column -> how far it is known, after flags are made to begin where the target does.

        DataError if a step has two values, if no step has a value, or if a column that is no flag begins too late.
        """
        for column, name in self.columns.features.items():
            self._require_one_value_per_step(column, name)
        flags = [name for name in self.columns.features.values() if self._is_flag(name)]
        if flags:
            self._begin_with_zero(flags)
        for column, name in self.columns.features.items():
            self._require_start(column, name)
        return {column: self._coverage(column, name, name in flags) for column, name in self.columns.features.items()}

    def _step(self, moment: str) -> str:
        return step_of(self.frequency, self.begin, moment)

    def _load_starts(self, target: Table, plan: Plan) -> None:
        dimensions = {
            column: name for column, name in dimension_names(plan.roles).items() if column in self.columns.dimensions
        }
        keys = ", ".join([item_column(plan.roles), *renamed(dimensions)])
        starts = target.connection.execute(
            f"""SELECT {keys}, min(_observed) AS _moment
                FROM data JOIN (SELECT place AS _place, moment AS _observed FROM observations) ON data.rowid = _place
                GROUP BY ALL"""
        ).fetchnumpy()
        self.table.connection.register("starts", starts)
        self.table.connection.execute(
            f"CREATE OR REPLACE TABLE {STARTS} AS SELECT *, {self._step('_moment')} AS _step FROM starts"
        )
        self.table.connection.unregister("starts")

    def _load_rows(self) -> None:
        item, source = identifier(self.columns.item) if self.columns.item else "item_id", "data"
        if self.columns.item is None:
            source = f"data, (SELECT DISTINCT item_id FROM {STARTS}) AS items"
            rows, items = self.table.query(
                f"SELECT (SELECT count(*) FROM data), (SELECT count(DISTINCT item_id) FROM {STARTS})"
            )[0]
            if rows * items > MOST_ROWS:
                raise DataError(
                    said(
                        "{file}: found {rows} rows without a column {column} for {items} items, wanted at most "
                        "{most} rows in all",
                        file=self.table.path,
                        rows=rows,
                        column=self.item,
                        items=items,
                        most=MOST_ROWS,
                    )
                )
        features = [
            f"{self.table.number(identifier(c))} AS {identifier(name)}" for c, name in self.columns.features.items()
        ]
        selected = ", ".join(
            [
                "line AS _line",
                f"{self.columns.moment} AS _moment",
                f"{self._step(self.columns.moment)} AS _step",
                f"{item} AS item_id",
                *renamed(self.columns.dimensions),
                *features,
            ]
        )
        self.table.connection.execute(
            f"CREATE OR REPLACE TABLE {ROWS} AS SELECT {selected} FROM {source} WHERE {self.columns.is_named}"
        )

    def _is_flag(self, name: str) -> bool:
        """Mostly zero, or nothing but ones: then the rows of zeros were left out."""
        value = _number(name)
        is_flag = self.table.query(f"SELECT median({value}) = 0 OR min({value}) = 1 AND max({value}) = 1 FROM {ROWS}")
        return bool(is_flag[0][0])

    def _begin_with_zero(self, flags: list[str]) -> None:
        """Add a row where a series of the target begins without a flag: Amazon fills gaps, and no beginnings."""
        firsts = [f"min(_step) FILTER ({_number(name)} IS NOT NULL) AS _first_{n}" for n, name in enumerate(flags)]
        late = [f"(_first_{number} IS NULL OR _first_{number} > target._step)" for number in range(len(flags))]
        zeros = [f"CASE WHEN {late[number]} THEN '0' END AS {identifier(name)}" for number, name in enumerate(flags)]
        self.table.connection.execute(
            f"""INSERT INTO {ROWS} BY NAME
                SELECT {self.keys}, target._moment, target._step, {", ".join(zeros)} FROM {STARTS} AS target
                LEFT JOIN (SELECT {self.keys}, {", ".join(firsts)} FROM {ROWS} GROUP BY {self.keys}) AS related
                USING ({self.keys}) WHERE {" OR ".join(late)}"""
        )

    def _require_one_value_per_step(self, column: str, name: str) -> None:
        several = self.table.query(
            f"""SELECT min(_line), max(_line) FROM {ROWS} WHERE {_number(name)} IS NOT NULL GROUP BY {self.keys}, _step
                HAVING count(DISTINCT {_number(name)}) > 1 ORDER BY 1 LIMIT 1"""
        )
        if several:
            first, last = several[0]
            is_unnamed = self.item and self.columns.item is None
            told_apart = said(", or a column {column} that tells them apart", column=self.item) if is_unnamed else ""
            raise DataError(
                said(
                    "{file}: {lines} hold two values of {column} for one period of the forecast, wanted "
                    "one{told_apart}: related time series are not added up",
                    file=self.table.path,
                    lines=self.table.lines(first, last),
                    column=column,
                    told_apart=told_apart,
                )
            )

    def _require_start(self, column: str, name: str) -> None:
        late = self.table.query(
            f"""SELECT {self.keys}, related._moment, target._moment
                FROM (SELECT {self.keys}, min(_step) AS _step, min(_moment) AS _moment FROM {ROWS}
                      WHERE {_number(name)} IS NOT NULL GROUP BY {self.keys}) AS related
                JOIN {STARTS} AS target USING ({self.keys})
                WHERE related._step > target._step ORDER BY {self.keys} LIMIT 1"""
        )
        if late:
            *keys, found, wanted = late[0]
            of_series = said(" of {series}", series=", ".join(keys)) if self.item else ""
            raise DataError(
                said(
                    "{file}: {column}{of_series} begins at {found}, wanted it from {wanted} on, where the "
                    "target begins",
                    file=self.table.path,
                    column=column,
                    of_series=of_series,
                    found=found,
                    wanted=wanted,
                )
            )

    def _coverage(self, column: str, name: str, is_flag: bool) -> Coverage:
        middle, back, ahead, series = self.table.query(
            f"""SELECT sum(least(_last, {self.history} - 1) - _first + 1 - _past) FILTER (_first < {self.history}),
                       sum({self.history} - 1 - _last) FILTER (_last < {self.history}), sum(_ahead), count(*)
                FROM (SELECT min(_step) AS _first, max(_step) AS _last,
                             count(*) FILTER (_step < {self.history}) AS _past,
                             count(*) FILTER (_step >= {self.history}) AS _ahead
                      FROM (SELECT DISTINCT {self.keys}, _step FROM {ROWS}
                            WHERE {_number(name)} IS NOT NULL AND _step BETWEEN 0 AND {self.end} - 1) AS known
                      GROUP BY {self.keys}) AS series"""
        )[0]
        if not series:
            raise DataError(
                said(
                    "{file}: no value of {column} lies in the time of the target or of the forecast",
                    file=self.table.path,
                    column=column,
                )
            )
        future = series * (self.end - self.history) - ahead if ahead else 0
        return Coverage(ahead > 0, is_flag, int(middle or 0), int(back or 0), int(future))


def _number(name: str) -> str:
    """SQL for the number in a column of texts, NULL where it is none."""
    return f"try_cast({identifier(name)} AS DOUBLE)"
