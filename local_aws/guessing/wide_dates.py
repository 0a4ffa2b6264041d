"""A file with a column for each date, turned into one with a row for each."""

from collections.abc import Sequence
from dataclasses import replace

from forecast_contract.sql import identifier
from local_aws.guessing.rows.heading import unique
from local_aws.guessing.table import Table
from local_aws.notations.column_names import TIME_NAMES, says
from local_aws.notations.numbers import UNKNOWN, NumberNotation
from local_aws.notations.timestamps import grammars_of

FEWEST = 3  # dates in a row
MOST = 0.9
SHOWN = 20


def date_columns(table: Table) -> tuple[str, ...]:
    """The columns that are called as a date each and hold numbers; none if a column holds the time."""
    likely = [name for name in table.columns if name[:1].isdigit() or grammars_of([name], 0, numbers=True, weeks=False)]
    fitting = [
        [name for name in likely if grammar.fits(name)]
        for grammar in grammars_of(likely, 1 / 2, numbers=True, weeks=False)
    ]
    names = max(fitting, key=len, default=[])
    if len(names) < FEWEST or not all(holds_numbers(table, name) for name in names[:SHOWN]):
        return ()
    others = [name for name in table.columns if name not in names]
    if any(says(name, TIME_NAMES) and is_time(table.sample[name]) for name in others):
        return ()
    return tuple(names)


def with_dates_down(table: Table, names: tuple[str, ...]) -> Table:
    """The table with the columns of the dates in rows: a date and a value, beside all other columns."""
    others = [name for name in table.columns if name not in names]
    *_, date, value = unique([*others, "date", "value"])
    return turned(table, names, others, (date, value), identifier(date))


def turned(table: Table, names: tuple[str, ...], others: Sequence[str], new: tuple[str, str], text: str) -> Table:
    """The table with the columns `names` in rows: what `text` in SQL makes of a name, and a value, called `new`."""
    name, value = map(identifier, new)
    listed = ", ".join(map(identifier, names))
    kept = "".join(f"{identifier(other)}, " for other in others)
    table.connection.execute(
        f"""CREATE OR REPLACE TABLE data AS SELECT {kept}{text} AS {name}, {value}, line FROM data
            UNPIVOT INCLUDE NULLS ({value} FOR {name} IN ({listed}))"""
    )
    return replace(table, columns=(*others, *new), is_own=False, pieces=None)  # a row was a whole series


def holds_numbers(table: Table, name: str) -> bool:
    """Whether the values of a column are numbers, however they are written."""
    texts = [text for text in table.sample[name] if text.strip().lower() not in UNKNOWN]
    notations = (NumberNotation("."), NumberNotation(","))
    return sum(any(notation.reads(text) for notation in notations) for text in texts) >= MOST * len(texts)


def is_time(texts: list[str]) -> bool:
    """Whether the texts are timestamps."""
    return bool(texts) and bool(grammars_of(texts, MOST, numbers=True, weeks=False))
