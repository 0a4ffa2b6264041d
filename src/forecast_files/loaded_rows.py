"""The table ``loaded``: rows as a file has them, before those without a key are left out."""

from typing import TYPE_CHECKING

from forecast_contract.sql import identifier
from forecast_files.file_format import FileFormat
from forecast_files.left_out import Reason

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NO_IDENTIFIER = "coalesce(item_id, '') = ''"
_NO_TIMESTAMP = "timestamp IS NULL"


def rows_without_key(connection: "DuckDBPyConnection", file_format: FileFormat) -> dict[Reason, int]:
    """How many rows name no item, and how many of the others no time where the schema has one."""
    no_timestamp = f"NOT ({_NO_IDENTIFIER}) AND {_NO_TIMESTAMP}" if file_format.schema.has_timestamp else "false"
    identifiers, timestamps = connection.execute(
        f"SELECT count(*) FILTER ({_NO_IDENTIFIER}), count(*) FILTER ({no_timestamp}) FROM loaded"
    ).fetchall()[0]
    counts: dict[Reason, int] = {"identifier": identifiers, "timestamp": timestamps}
    return {reason: count for reason, count in counts.items() if count}


def keep_rows_with_key(connection: "DuckDBPyConnection", file_format: FileFormat, table: str) -> None:
    """Append the other rows to ``table``."""
    has_time = f" AND NOT ({_NO_TIMESTAMP})" if file_format.schema.has_timestamp else ""
    connection.execute(f"INSERT INTO {identifier(table)} SELECT * FROM loaded WHERE NOT ({_NO_IDENTIFIER}){has_time}")
    connection.execute("DROP TABLE loaded")
