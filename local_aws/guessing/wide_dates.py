"""A file with a column for each date, turned into one with a row for each."""

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
    if len(names) < FEWEST or not all(_holds_numbers(table, name) for name in names[:SHOWN]):
        return ()
    others = [name for name in table.columns if name not in names]
    if any(says(name, TIME_NAMES) and _is_time(table.sample[name]) for name in others):
        return ()
    return tuple(names)


def with_dates_down(table: Table, names: tuple[str, ...]) -> Table:
    """The table with the columns of the dates in rows: a date and a value, beside all other columns."""
    others = [name for name in table.columns if name not in names]
    *_, date, value = unique([*others, "date", "value"])
    listed = ", ".join(map(identifier, names))
    kept = ", ".join(map(identifier, [*others, date, value]))
    table.connection.execute(
        f"""CREATE OR REPLACE TABLE data AS SELECT {kept}, line FROM data
            UNPIVOT INCLUDE NULLS ({identifier(value)} FOR {identifier(date)} IN ({listed}))"""
    )
    return replace(table, columns=(*others, date, value), is_own=False, pieces=None)  # a row was a whole series


def _holds_numbers(table: Table, name: str) -> bool:
    texts = [text for text in table.sample[name] if text.strip().lower() not in UNKNOWN]
    notations = (NumberNotation("."), NumberNotation(","))
    return sum(any(notation.reads(text) for notation in notations) for text in texts) >= MOST * len(texts)


def _is_time(texts: list[str]) -> bool:
    return bool(texts) and bool(grammars_of(texts, MOST, numbers=True, weeks=False))
