"""Which column is what: guessed from names and contents, and said so that a person can object."""

import re
from dataclasses import dataclass

from forecast_contract.sql import identifier
from local_aws.guessing.table import DataError, Table
from local_aws.guessing.timestamps import NOTATIONS, Notation

TIME_NAMES = (
    "timestamp",
    "datetime",
    "date",
    "time",
    "ds",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "period",
    "start",
)
TARGET_NAMES = (
    "target_value",
    "target",
    "demand",
    "value",
    "y",
    "sales",
    "quantity",
    "qty",
    "units",
    "amount",
    "count",
)
ITEM_NAMES = ("item_id", "item", "sku", "product_id", "product", "series_id", "series", "unique_id", "id", "name")
MAX_DIMENSIONS = 10  # Amazon Forecast's limit
KEY_NAMES = re.compile(
    r"(.*_)?(id|key|code|nr|nbr|no|number|item|product|sku|store|shop|branch|site|warehouse|dept|department|region"
    r"|customer|client|sensor|meter|station|zone|line|route|category|family|brand)"
)  # names of things, whose numbers are no measurements
NUMBERING = "another value in every row"
SAMPLE_ROWS = 1000
CALENDAR_NAMES = (
    *(
        "weekday",
        "day_of_week",
        "dayofweek",
        "dow",
        "day_of_year",
        "week_of_year",
        "hour",
        "minute",
        "second",
        "weekend",
    ),
    *("is_weekend", "isweekend", "holiday", "is_holiday", "isholiday", "season"),
)


@dataclass(frozen=True)
class Roles:
    """Columns of a target file by what they mean; `left_out` gives a reason for each column that means nothing."""

    timestamp: str
    notation: Notation
    target: str
    item: str | None  # None: the file is one series
    dimensions: tuple[str, ...]
    left_out: dict[str, str]
    target_is_guessed: bool = False  # other numbers might have been meant
    series: tuple[str, ...] = ()  # columns of numbers of which each is a series: the file has no column for the target

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that together name a series."""
        return (*([self.item] if self.item else []), *self.dimensions)


def guess_roles(table: Table, wanted_target: str | None = None) -> Roles:
    """Find out what each column means. DataError if there is no timestamp or no number to forecast."""
    timestamp, notation = find_timestamp(table)
    numbering = [name for name in _numbering(table, timestamp) if name != wanted_target]
    others = [name for name in table.columns if name != timestamp and name not in numbering]
    numeric = [name for name in others if is_numeric(table, name)]
    item = _named(ITEM_NAMES, [name for name in others if name != wanted_target])
    names = [n for n in others if n != wanted_target and (n not in numeric or names_a_thing(n))]
    keys, left_out = _keys(table, timestamp, item, names)
    candidates = [name for name in numeric if name not in keys]
    target = _wanted(table, candidates, wanted_target) if wanted_target else _target(table, candidates)
    series = [] if wanted_target or keys else _uncounted(candidates)
    reasons = {name: "another number" for name in numeric} | left_out | {name: NUMBERING for name in numbering}
    item = item or max(keys, key=lambda name: _distinct(table, [name]), default=None)
    dimensions = tuple(key for key in keys if key != item)
    left_out = {name: reason for name, reason in reasons.items() if name not in (target, *keys)}
    is_guessed = target != _named(TARGET_NAMES, candidates) and len(candidates) > 1
    is_wide = is_guessed and len(series) > 1
    return Roles(timestamp, notation, target, item, dimensions, left_out, is_guessed, tuple(series) if is_wide else ())


def find_timestamp(table: Table) -> tuple[str, Notation]:
    """The column that holds the time, and how it is written."""
    named = [name for name in table.columns if _base(name) in TIME_NAMES]
    for columns, digits_count in ((named, False), (table.columns, False), (named, True)):
        for name in columns:
            fitting = [n for n in NOTATIONS if n.digits_only == digits_count and _fits(table, name, n)]
            if fitting:
                return name, _decided(table, name, fitting)
    raise DataError(
        f"{table.path}: none of the columns {', '.join(table.columns)} holds timestamps;"
        " wanted one such as 2019-01-31 or 2019-01-31 13:00:00"
    )


def is_numeric(table: Table, name: str) -> bool:
    """Whether the first values of the column are numbers (later ones are checked when they are imported)."""
    column = identifier(name)
    values, numbers = table.query(
        "SELECT count(v), count(try_cast(v AS DOUBLE))"
        f" FROM (SELECT {table.number(column)} AS v FROM data LIMIT {SAMPLE_ROWS})"
    )[0]
    return bool(values) and numbers > 0.9 * values  # a few wrong ones get a message with their line, not another role


def require_timestamps(table: Table, name: str, notation: Notation) -> None:
    """DataError with the first line whose timestamp cannot be read."""
    column = identifier(name)
    wrong = table.query(
        f"SELECT line, {column} FROM data WHERE {notation.reading(column)} IS NULL ORDER BY line LIMIT 1"
    )
    if wrong:
        line, found = wrong[0]
        raise DataError(f"{table.path}: line {line}, column {name}: found {found or ''!r}, wanted {notation.name}")


def _fits(table: Table, name: str, notation: Notation) -> bool:
    """Whether nearly all of the first values are written so: one typing error must not hide which column it is."""
    column = identifier(name)
    values, read = table.query(
        f"SELECT count(*), count({notation.reading('v')}) FROM (SELECT {column} AS v FROM data LIMIT {SAMPLE_ROWS})"
    )[0]
    return bool(read > 0.9 * values)


def _decided(table: Table, name: str, fitting: list[Notation]) -> Notation:
    """The notation that fits; of day/month and month/day the notation that reads every value."""
    if len(fitting) == 1:
        return fitting[0]
    column = identifier(name)
    counts = [table.query(f"SELECT count({n.reading(column)}) FROM data")[0][0] for n in fitting]
    best = [notation for notation, count in zip(fitting, counts, strict=True) if count == max(counts)]
    if len(best) > 1 and {"dd/MM", "MM/dd"} <= {notation.name[:5] for notation in best}:
        raise DataError(
            f"{table.path}: column {name} can be read as day/month and as month/day; write it as yyyy-MM-dd"
        )
    return best[0]


def _target(table: Table, numeric: list[str]) -> str:
    if not numeric:
        raise DataError(f"{table.path}: none of the columns {', '.join(table.columns)} holds numbers to forecast")
    return _named(TARGET_NAMES, numeric) or (_uncounted(numeric) or numeric)[-1]


def _uncounted(numeric: list[str]) -> list[str]:
    """The columns of numbers that are not parts of a date."""
    return [name for name in numeric if _base(name) not in (*TIME_NAMES, *CALENDAR_NAMES)]


def _wanted(table: Table, numeric: list[str], target: str) -> str:
    if target not in numeric:
        raise DataError(f"{table.path}: --target {target}: wanted a column of numbers ({', '.join(numeric) or 'none'})")
    return target


def _keys(table: Table, timestamp: str, item: str | None, names: list[str]) -> tuple[list[str], dict[str, str]]:
    """The columns that keep apart the rows of one time, and why the others do not: they describe an item or a day."""
    keys, left_out = [item] if item else [], {}
    for name in sorted(names, key=lambda name: (not names_a_thing(name), -_distinct(table, [name]))):
        if name == item:
            continue
        series, with_name = _distinct(table, keys), _distinct(table, [*keys, name])
        if series == with_name and keys:
            left_out[name] = "the same for all rows of a series"
        elif with_name > 1 and _distinct(table, [timestamp, *keys, name]) == _distinct(table, [timestamp, *keys]):
            left_out[name] = "changes within a series"
        elif len(keys) > MAX_DIMENSIONS:
            left_out[name] = f"more than {MAX_DIMENSIONS} dimensions"
        else:
            keys.append(name)
    return [name for name in table.columns if name in keys], left_out


def names_a_thing(name: str) -> bool:
    """Whether a column called so holds names, though numbers may stand for them."""
    return bool(KEY_NAMES.fullmatch(_base(name)))


def _numbering(table: Table, timestamp: str) -> list[str]:
    """The columns that are called an id and have another value in every row: they name rows, and no series."""
    rows = table.query("SELECT count(*) FROM data")[0][0]
    named = [name for name in table.columns if name != timestamp and (_base(name) in ITEM_NAMES or names_a_thing(name))]
    if not named or _distinct(table, [timestamp]) == 1:
        return []
    return [name for name in named if _distinct(table, [name]) == rows]


def _distinct(table: Table, names: list[str]) -> int:
    columns = ", ".join(["1", *(identifier(name) for name in names)])
    count: int = table.query(f"SELECT count(*) FROM (SELECT DISTINCT {columns} FROM data)")[0][0]
    return count


def _named(candidates: tuple[str, ...], names: tuple[str, ...] | list[str]) -> str | None:
    """The first column whose name is one of the candidates, in the order of the candidates."""
    by_name = {_base(name): name for name in reversed(names)}
    return next((by_name[name] for name in candidates if name in by_name), None)


def _base(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
