"""A file with a column for each series, read as one with a row for each series and time."""

from dataclasses import replace

from forecast_contract.sql import identifier
from forecast_language import said
from local_aws.guessing.roles import Roles
from local_aws.guessing.table import DataError, Table
from local_aws.notations.numbers import POINT

SERIES, VALUE = "series", "value"
TIMES = "times"  # the table of the times as they are written, with their lines
IN_LONG_FORM = "try_strptime({column}, '%Y-%m-%d %H:%M:%S')"  # reads the time of a table in long form


def in_long_form(table: Table, roles: Roles) -> Table:
    """The table with the columns of the time, of the series' name and of its value, each row in its own line as before.

    An empty field is no row. DataError for the first field that is no number.
    """
    moment = f"{roles.timestamp}_of_row" if roles.timestamp in (SERIES, VALUE) else roles.timestamp
    texts = ", ".join(f"{table.number(identifier(name))} AS {identifier(name)}" for name in roles.series)
    time = roles.notation.reading(identifier(roles.timestamp))
    written = ", ".join(map(identifier, roles.moment.columns))
    table.connection.execute(f"CREATE OR REPLACE TABLE {TIMES} AS SELECT {written}, line FROM data")
    listed = ", ".join(identifier(name) for name in roles.series)
    table.connection.execute(
        f"""CREATE OR REPLACE TABLE data AS SELECT {identifier(moment)}, {SERIES}, {VALUE}, line FROM (
              SELECT strftime({time}, '%Y-%m-%d %H:%M:%S') AS {identifier(moment)}, line, {texts} FROM data)
            UNPIVOT ({VALUE} FOR {SERIES} IN ({listed}))"""
    )
    wrong = table.query(
        f"SELECT line, {SERIES}, {VALUE} FROM data WHERE try_cast({VALUE} AS DOUBLE) IS NULL ORDER BY line LIMIT 1"
    )
    if wrong:
        line, series, found = wrong[0]
        raise DataError(
            said(
                "{place}, column {series}: found {found!r}, wanted a number",
                place=table.place(line),
                series=series,
                found=found,
            )
        )
    return replace(table, columns=(moment, SERIES, VALUE), decimal=POINT)
