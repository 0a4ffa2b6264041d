"""A duckdb connection that stays within the memory and the cores of the function it runs in."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb

_MIB_PER_CORE = 1769  # Lambda gives one vCPU per so much memory


def memory_mib() -> int:
    """What the function may use; the smallest that is sensible where nothing says so."""
    return int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048"))


@contextmanager
def database() -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """An empty in-memory database and a scratch folder, both gone afterwards.

    Half of the memory is duckdb's, the other half Python's and numpy's; what does not fit is spilled to the folder.
    """
    with tempfile.TemporaryDirectory(prefix="almanac-") as folder:
        connection = duckdb.connect(config=_settings() | {"temp_directory": folder})
        try:
            yield connection, Path(folder)
        finally:
            connection.close()


@cache
def shared_connection() -> duckdb.DuckDBPyConnection:
    """The in-memory database that queries of a process share, since to open one costs more than a small query.

    A query takes a cursor of it, and leaves no table.
    """
    # The contents of files are not cached: each file is read once.
    return duckdb.connect(config=_settings() | {"temp_directory": "", "enable_external_file_cache": "false"})


def _settings() -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": f"{memory_mib() // 2}MiB",
        "threads": str(max(1, memory_mib() // _MIB_PER_CORE)),
        "preserve_insertion_order": "false",  # every table that is kept is sorted: streaming needs less memory
        "autoinstall_known_extensions": "false",  # nothing is fetched from the network
    }
