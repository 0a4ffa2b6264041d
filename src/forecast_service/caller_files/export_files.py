"""The files of an export: their names, their parts, ``_CHECK`` before them and ``_SUCCESS`` behind."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_contract.exports import IDS_AS_GIVEN_TAG
from forecast_contract.sql import identifier, literal
from forecast_service.caller_files.caller_bucket import CallerBucket
from forecast_service.records.record import Record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHECK, SUCCESS = "_CHECK", "_SUCCESS"
_FEW_PARTS = 10  # readers exist that expect part numbers of one digit
_MOST_SHARDS_PER_PART = 64
LOWER_CASE = "LowerCase"  # of the environment variable EXPORTED_IDS, the stack's parameter ExportedIds
ISO_Z = "'%Y-%m-%dT%H:%M:%SZ'"  # formats of strftime, as SQL
ISO = "'%Y-%m-%dT%H:%M:%S'"


def parts_of(shards: list[int]) -> list[list[int]]:
    """The shards that go into each part: ten parts at most, unless a part became too large for one worker."""
    size = min(-(-len(shards) // _FEW_PARTS), _MOST_SHARDS_PER_PART) or 1
    return [shards[first : first + size] for first in range(0, len(shards), size)]


class ExportFiles:
    """Writes the files of one export job. Names follow from the record: a repeated step replaces its own file."""

    def __init__(self, record: Record) -> None:
        created = datetime.fromtimestamp(record.creation_time, UTC)
        self._name = f"{record.name}_{created:%Y-%m-%dT%H-%M-%SZ}"
        self._is_parquet = record.request.get("Format", "CSV") == "PARQUET"
        self._has_lower_case_ids = os.environ.get("EXPORTED_IDS") == LOWER_CASE and IDS_AS_GIVEN_TAG not in record.tags
        self._bucket = CallerBucket(record.request["Destination"]["S3Config"])

    def name(self, part: int, prefix: str = "") -> str:
        """The name of a part below the path of the export; ``prefix`` is what precedes it, a folder for example."""
        return f"{prefix}{self._name}_part{part}.{'parquet' if self._is_parquet else 'csv'}"

    def of_series(self, expression: str) -> str:
        """The SQL expression for what tells series apart (item, dimension), in the case that the stack exports."""
        return f"lower({expression})" if self._has_lower_case_ids else expression

    def begin(self) -> None:
        """Test the access and show that an export is on its way. Raises InputRefused."""
        self._bucket.delete(SUCCESS)
        self._bucket.write(CHECK, b"")

    def write(self, connection: "DuckDBPyConnection", query: str, folder: Path, name: str) -> None:
        """Write the rows of a query as one file, with a header row of its column names."""
        path = folder / "export"
        options = "FORMAT parquet, COMPRESSION snappy" if self._is_parquet else "FORMAT csv, HEADER true"
        connection.execute(f"COPY ({query}) TO {literal(path)} ({options})")
        self._bucket.upload(path, name)

    def succeed(self) -> None:
        """Show that all files are there."""
        self._bucket.write(SUCCESS, b"")

    def withdraw(self, prefixes: tuple[str, ...] = ("",)) -> None:
        """Remove the files of an export that failed."""
        for beginning in (*(f"{prefix}{self._name}_part" for prefix in prefixes), CHECK):
            self._bucket.delete(beginning)


def columns_as(columns: list[tuple[str, str]]) -> str:
    """The select list that gives each expression its column name."""
    return ", ".join(f"{expression} AS {identifier(name)}" for name, expression in columns)
