"""Which column is what: guessed from names and contents, and said so that a person can object."""

from collections.abc import Sequence
from dataclasses import dataclass

from forecast_contract.sql import identifier
from forecast_language import said
from local_aws.guessing.moment_parts import is_time_of_day
from local_aws.guessing.moments import Moment, find_moment
from local_aws.guessing.rows.total_rows import is_total
from local_aws.guessing.table import DataError, Table
from local_aws.notations.closest import meant
from local_aws.notations.column_names import (
    BESIDE_A_TARGET,
    CALENDAR_NAMES,
    ITEM_NAMES,
    TARGET_NAMES,
    TIME_NAMES,
    base,
    named,
    names_a_thing,
    says,
)
from local_aws.notations.numbers import UNKNOWN
from local_aws.notations.timestamps import Notation, grammars_of

MAX_DIMENSIONS = 10  # Amazon Forecast's limit
MOST = 0.9
SURE_TARGETS = TARGET_NAMES[
    : TARGET_NAMES.index("revenue")
]  # whoever calls a column so means it, whatever stands beside


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
    more_of_timestamp: tuple[str, ...] = ()  # columns that the notation reads beside the first
    turned: Moment | None = None  # of a file that was turned into long form: the time as the file itself has it

    @property
    def moment(self) -> Moment:
        """The time as the file itself has it."""
        return self.turned or Moment((self.timestamp, *self.more_of_timestamp), self.notation)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that together name a series."""
        return (*([self.item] if self.item else []), *self.dimensions)


def another_number() -> str:
    """Why a column of numbers is left out: another one is forecast."""
    return said("another number")


def another_time() -> str:
    """Why a column of times is left out: another one tells the time."""
    return said("another date or time")


def guess_roles(
    table: Table, wanted_target: str | None = None, moment: Moment | None = None, wanted_keys: Sequence[str] = ()
) -> Roles:
    """Find out what each column means. DataError if there is no timestamp or no number to forecast.

    `wanted_keys` are the columns that name a series, that of the item first, if the user says which.
    """
    moment = moment or find_moment(table)
    _require_columns(table, wanted_keys)
    numbering = [name for name in _numbering(table, moment.columns) if name not in (wanted_target, *wanted_keys)]
    others = [name for name in table.columns if name not in (*moment.columns, *numbering)]
    numeric = [name for name in others if is_numeric(table, name)]
    if not numeric:  # what could number the rows is all there is to forecast
        others, numbering = [name for name in table.columns if name not in moment.columns], []
        numeric = [name for name in others if is_numeric(table, name)]
    times = [name for name in others if name not in numeric and _reads_as_time(table, name)]
    others = [name for name in others if name not in times]
    things = [name for name in numeric if names_a_thing(name)]
    to_forecast = [wanted_target] if wanted_target or things != numeric else things[-1:]
    names = [n for n in others if n not in to_forecast and (n not in numeric or n in things)]
    item = named(ITEM_NAMES, [name for name in others if name not in to_forecast])
    keys, left_out = _keys(table, moment.columns, item, names)
    if wanted_keys:
        item, keys = wanted_keys[0], [*wanted_keys]
        left_out = {name: said("names no series") for name in names if name not in wanted_keys}
    candidates = [name for name in numeric if name not in keys]
    target = _wanted(table, candidates, wanted_target) if wanted_target else _target(table, candidates)
    reasons = {name: another_number() for name in numeric} | left_out
    reasons |= {name: said("another value in every row") for name in numbering} | {
        name: another_time() for name in times
    }
    item = item or max(keys, key=lambda name: _distinct(table, [name]), default=None)
    dimensions = tuple(key for key in keys if key != item)
    left_out = {name: reasons[name] for name in table.columns if name in reasons and name not in (target, *keys)}
    is_guessed = target != named(SURE_TARGETS, candidates) and len(candidates) > 1
    series = [] if wanted_target or keys or not is_guessed or _one_is_meant(candidates) else _uncounted(candidates)
    series, totals = _without_totals(series) if len(series) > 1 else ([], [])
    left_out |= dict.fromkeys(totals, said("a total of the others"))
    timestamp, *more = moment.columns
    return Roles(timestamp, moment.notation, target, item, dimensions, left_out, is_guessed, tuple(series), tuple(more))


def _require_columns(table: Table, wanted_keys: Sequence[str]) -> None:
    for name in wanted_keys:
        if name not in table.columns:
            raise DataError(
                said(
                    "{file}: --item-id {column}: wanted one of the columns {names}",
                    file=table.path,
                    column=name,
                    names=", ".join(table.columns),
                )
            )


def _without_totals(series: list[str]) -> tuple[list[str], list[str]]:
    """The columns that are a series each, and those that sum up several others."""
    totals = [name for name in series if is_total(name)] if len(series) > 2 else []
    return [name for name in series if name not in totals], totals


def _reads_as_time(table: Table, name: str) -> bool:
    """Whether a column holds dates or times of day, which name no series."""
    texts = table.sample[name]
    return bool(texts) and bool(grammars_of(texts, MOST, numbers=False, weeks=False) or is_time_of_day(texts))


def is_numeric(table: Table, name: str) -> bool:
    """Whether the first values of the column are numbers; a column of unknown ones is, if it is called as a target."""
    texts = table.sample[name]
    values = [text for text in texts if text.strip().lower() not in UNKNOWN]
    if not values:
        return bool(texts) and says(name, TARGET_NAMES)
    notation = table.notation_of(name)
    return sum(map(notation.reads, values)) > MOST * len(values)  # a few wrong ones get a message with their line


def _target(table: Table, numeric: list[str]) -> str:
    """The column that is called as what people forecast, or the last one; none whose value never changes."""
    if not numeric:
        raise DataError(_no_numbers(table))
    spans = ", ".join(f"min({identifier(name)}) IS DISTINCT FROM max({identifier(name)})" for name in numeric)
    changes = table.query(f"SELECT {spans} FROM data")[0]
    varying = [name for name, varies in zip(numeric, changes, strict=True) if varies] or numeric
    meant = [name for name in varying if _says_target(name)]
    rest = _uncounted(varying) or varying
    plain = [name for name in rest if not says(name, BESIDE_A_TARGET)] or rest
    return named(TARGET_NAMES, varying) or (meant or plain)[-1]


def _no_numbers(table: Table) -> str:
    """What was found where a number was wanted, with its line."""
    named_so = [name for name in table.columns if says(name, TARGET_NAMES)]
    name = (named_so or [*table.columns])[-1]
    column = identifier(name)
    is_number = f"try_cast({table.number(column)} AS DOUBLE) IS NOT NULL"  # one of some, among texts
    order = f"{column} IS NULL, {is_number}, line"
    line, found = table.query(f"SELECT line, {column} FROM data ORDER BY {order} LIMIT 1")[0]
    return said(
        "{file}: none of the columns {names} holds numbers to forecast; {place}, column {column}: "
        "found {found!r:.60}, wanted a number",
        file=table.path,
        names=", ".join(table.columns),
        place=table.line(line),
        column=name,
        found=found,
    )


def _says_target(name: str) -> bool:
    return says(name, TARGET_NAMES) and not says(name, BESIDE_A_TARGET)


def _one_is_meant(numeric: list[str]) -> bool:
    """Whether one column alone is called as what people forecast: the others then stand beside it."""
    return sum(map(_says_target, numeric)) == 1


def _uncounted(numeric: list[str]) -> list[str]:
    """The columns of numbers that are not parts of a date."""
    return [name for name in numeric if base(name) not in (*TIME_NAMES, *CALENDAR_NAMES)]


def _wanted(table: Table, numeric: list[str], target: str) -> str:
    if target not in numeric:
        names, closest = ", ".join(numeric) or said("none"), meant(target, numeric)
        raise DataError(
            said(
                "{file}: --target {target}: wanted a column of numbers ({names}){closest}",
                file=table.path,
                target=target,
                names=names,
                closest=closest,
            )
        )
    return target


def _keys(table: Table, time: Sequence[str], item: str | None, names: list[str]) -> tuple[list[str], dict[str, str]]:
    """The columns that keep apart the rows of one time, and why the others do not: they describe an item or a day."""
    keys, left_out = [item] if item else [], {}
    for name in sorted(names, key=lambda name: (not names_a_thing(name), -_distinct(table, [name]))):
        if name == item:
            continue
        series, with_name = _distinct(table, keys), _distinct(table, [*keys, name])
        if series == with_name and keys:
            left_out[name] = said("the same for all rows of a series")
        elif with_name > 1 and _distinct(table, [*time, *keys, name]) == _distinct(table, [*time, *keys]):
            left_out[name] = said("changes within a series")
        elif len(keys) > MAX_DIMENSIONS:
            left_out[name] = said("more than {most} dimensions", most=MAX_DIMENSIONS)
        else:
            keys.append(name)
    return [name for name in table.columns if name in keys], left_out


def _numbering(table: Table, time: Sequence[str]) -> list[str]:
    """The columns that are called an id and have another value in every row: they name rows, and no series."""
    rows = table.query("SELECT count(*) FROM data")[0][0]
    things = [name for name in table.columns if name not in time and (base(name) in ITEM_NAMES or names_a_thing(name))]
    if not things or _distinct(table, [*time]) == 1:
        return []
    return [name for name in things if _distinct(table, [name]) == rows]


def _distinct(table: Table, names: list[str]) -> int:
    columns = ", ".join(["1", *(identifier(name) for name in names)])
    count: int = table.query(f"SELECT count(*) FROM (SELECT DISTINCT {columns} FROM data)")[0][0]
    return count
