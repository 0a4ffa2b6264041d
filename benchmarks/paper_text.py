"""Answers and exported files as lines of text that are equal if and only if what they say is equal, to the bit.

A number is written with the digits that tell it from every other. ULIDs and the times of the run are masked, names of
parts and the order of their rows are left out: none of them is a forecast.
"""

import csv
import io
import json
import re
from typing import Any

import duckdb

ULID = re.compile(r"_[0-9A-HJKMNP-TV-Z]{26}(?![0-9A-Za-z_])")
TIMES_OF_THE_RUN = {
    "CreationTime",
    "LastModificationTime",
    "EvaluationTime",
    "LastEvaluationTime",
    "Datetime",  # of what happened to a monitored predictor
    "EstimatedTimeRemainingInMinutes",
    "EstimatedEvaluationTimeRemainingInMinutes",
}


def lines_of_answer(answer: dict[str, Any]) -> list[str]:
    """An answer of the API as indented JSON with sorted members."""
    said = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    return json.dumps(_masked(said), indent=1, sort_keys=True, default=str).splitlines()


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "a time" if name in TIMES_OF_THE_RUN else _masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return ULID.sub("_ULID", value) if isinstance(value, str) else value


def lines_of_files(files: dict[str, bytes], prefix: str) -> dict[str, list[str]]:
    """Folder below the prefix -> the sorted lines of its files: marks, columns of the parts, and rows of all parts."""
    headers: dict[str, set[str]] = {}
    rows: dict[str, list[str]] = {}
    for key, content in files.items():
        folder, _, name = key.removeprefix(prefix).rpartition("/")
        header, *part = _lines_of_part(name, content) if content else [f"mark {name}"]
        headers.setdefault(folder, set()).add(header)
        rows.setdefault(folder, []).extend(part)
    return {folder: [*sorted(headers[folder]), *sorted(rows[folder])] for folder in headers}


def _lines_of_part(name: str, content: bytes) -> list[str]:
    """The columns of a part, then its rows; in Parquet the columns have types, and floats all of their digits."""
    if name.endswith(".csv"):
        return ["\t".join(row) for row in csv.reader(io.StringIO(content.decode(), newline=""))]
    table = duckdb.read_parquet(io.BytesIO(content))
    header = "\t".join(f"{column} {kind}" for column, kind in zip(table.columns, table.types, strict=True))
    texts = ([value if isinstance(value, str) else repr(value) for value in row] for row in table.fetchall())
    return [header, *("\t".join(row) for row in texts)]
