"""A file as it goes into the data bucket: which columns, under which names of a schema, written how."""

import re
from collections.abc import Collection, Sequence

from forecast_contract.sql import identifier, literal
from forecast_contract.timestamp_formats import DATE
from local_aws.guessing.roles import Roles
from local_aws.upload.user_file import RewrittenFile

ONE_SERIES = "all"  # the item_id of a file that has no column for one
NAME_LENGTH = 63
RESERVED = ("timestamp", "item_id", "target_value", "date", "count")  # what a schema has already, or may not have
PATTERNS = {True: "%Y-%m-%d", False: "%Y-%m-%d %H:%M:%S"}


def attribute_names(columns: Sequence[str], fallback: str, taken: Collection[str] = ()) -> list[str]:
    """The columns' names as a schema may have them: letters, digits and underscores, a letter first, each once.

    >>> attribute_names(["Price (EUR)", "count", "Price EUR"], "column")
    ['Price_EUR', 'column_2', 'column_3']
    """
    names: list[str] = []
    for number, column in enumerate(columns, start=1):
        name = re.sub(r"[^a-zA-Z0-9]+", "_", column).strip("_")[:NAME_LENGTH]
        used = {other.lower() for other in (*RESERVED, *taken, *names)}
        names.append(name if name[:1].isalpha() and name.lower() not in used else f"{fallback}_{number}")
    return names


def dimension_names(roles: Roles) -> dict[str, str]:
    """Column -> attribute of each dimension."""
    return dict(zip(roles.dimensions, attribute_names(roles.dimensions, "dimension"), strict=True))


def time_column(moment: str, time_format: str) -> str:
    """SQL for a timestamp, given in SQL too, in one of Amazon Forecast's two formats."""
    return f"strftime({moment}, '{PATTERNS[time_format == DATE]}') AS timestamp"


def item_column(roles: Roles) -> str:
    """SQL for the item of each row."""
    return f"{identifier(roles.item)} AS item_id" if roles.item else f"'{ONE_SERIES}' AS item_id"


def renamed(columns: dict[str, str]) -> list[str]:
    """SQL for columns under their attributes' names."""
    return [f"{identifier(column)} AS {identifier(name)}" for column, name in columns.items()]


def write(file: RewrittenFile, columns: Sequence[str]) -> RewrittenFile:
    """Write the columns, given in SQL, in the order of the lines; a row without one comes last."""
    header = "true" if file.table.has_header else "false"
    selection = f"SELECT {', '.join(columns)} FROM {file.rows} ORDER BY {file.line} NULLS LAST, 2"
    file.table.connection.execute(f"COPY ({selection}) TO {literal(file.path)} (HEADER {header})")
    return file
