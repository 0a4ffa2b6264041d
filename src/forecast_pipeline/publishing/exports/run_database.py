"""The duckdb file that holds the rows of a run, and SQL for the files that go into it."""

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from forecast_contract.sql import literal

# Half of a Lambda's memory for duckdb; the other half holds numpy's chunks and the report. The default is a laptop's.
MEMORY_SHARE = 0.5
DEFAULT_MEMORY_MB = 1769


def connect(directory: Path, name: str = "run") -> duckdb.DuckDBPyConnection:
    """Open an empty database file in the directory, bounded in memory, with nothing fetched from the network."""
    memory = int(float(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", DEFAULT_MEMORY_MB)) * MEMORY_SHARE)
    return duckdb.connect(
        str(directory / f"{name}.duckdb"),
        config={
            "memory_limit": f"{memory}MB",
            "temp_directory": str(directory / "spill"),
            "preserve_insertion_order": False,  # every result here is ordered by its query, or does not need order
            "autoinstall_known_extensions": False,
        },
    )


def paths(files: Sequence[Path]) -> str:
    """Files as a list of strings in SQL."""
    return "[" + ", ".join(literal(path) for path in files) + "]"


def export_rows(files: Sequence[Path]) -> str:
    """The parts of an export as a table of texts, for a FROM clause; their columns go by name."""
    return (
        f"read_csv({paths(files)}, header = true, all_varchar = true, union_by_name = true,"
        " delim = ',', quote = '\"', escape = '\"')"
    )
