"""Random and mutated CSV and Parquet files through the reader of files: no internal error, no silent loss.

    python benchmarks/mutated_files.py [--files 10000] [--seed 1]

Each file is a good one of a few rows with some bytes changed, cut, doubled or moved. The reader answers with rows, or
with one sentence. Where a CSV file is read, rows kept and rows left out are together the records that Python's own
``csv`` module counts in the text. Anything else is printed with the file that did it, and the exit code is 1.
"""

import argparse
import csv
import io
import random
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

import duckdb

from forecast_files import csv_rows, parquet_rows
from forecast_files.csv_file import CsvFile
from forecast_files.csv_part import CsvPart
from forecast_files.file_format import FileFormat
from forecast_files.header import without_header
from forecast_files.input_refused import InputRefused
from forecast_files.left_out import LeftOut
from forecast_files.schema import Column, Schema

SCHEMA = Schema(
    "TARGET_TIME_SERIES",
    (
        Column("item_id", "string", "item_id"),
        Column("timestamp", "timestamp", "timestamp"),
        Column("target_value", "float", "target"),
        Column("store", "string", "dimension"),
    ),
)
FORMAT = FileFormat(SCHEMA, "yyyy-MM-dd")
NAMES = ["tea", "milk, whole", 'TV 55"', "두부", "a\\b", "two\nlines", " x ", "", "NULL", "1_2"]
PIECES = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"NaN",
    b"1e400",
    b"1_000",
    b"9999-12-31",
    b" ",
    b"\\",
]
TABLE = "rows"


def csv_bytes(chance: random.Random) -> bytes:
    """A good file: some rows, with or without a header, in one of the usual forms."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator=chance.choice(["\n", "\r\n", "\r"]), quoting=chance.choice([0, 1, 2]))
    if chance.random() < 0.5:
        writer.writerow(SCHEMA.names)
    for _ in range(chance.randrange(12)):
        day = f"2024-01-{chance.randrange(1, 29):02}"
        writer.writerow([chance.choice(NAMES), day, chance.choice([1, 2.5, "", "NaN"]), chance.choice(["", "north"])])
    return file.getvalue().encode()


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The same with up to three bytes or pieces changed, put in, taken out, cut off or doubled."""
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(data) + 1)
        length = chance.randrange(1, 12)
        data = chance.choice(
            [
                data[:at] + chance.choice(PIECES) + data[at:],
                data[:at] + chance.choice(PIECES) + data[at + 1 :],
                data[:at] + data[at + length :],
                data[:at],
                data[:at] + data[at : at + length] + data[at:],
                data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :],
            ]
        )
    return data


def parquet_bytes(chance: random.Random, folder: Path) -> bytes:
    """A good file of Parquet, with names or positions of the schema and of one of some types."""
    value = chance.choice(["1.5::DOUBLE", "2::INTEGER", "'3'::VARCHAR", "NULL::DOUBLE"])
    moment = chance.choice(
        ["DATE '2024-01-01' + i::INTEGER", "'2024-01-02'::VARCHAR", "TIMESTAMP '2024-01-01 00:00:00'"]
    )
    path = folder / "made.parquet"
    duckdb.sql(
        f"COPY (SELECT 'item ' || i AS item_id, {moment} AS timestamp, {value} AS target_value, 's' AS store"
        f" FROM range({chance.randrange(1, 9)}) AS t(i)) TO '{path}' (FORMAT parquet)"
    )
    return path.read_bytes()


def records_of(data: bytes) -> int:
    """The records behind the header, counted by Python's csv module."""
    text = without_header(CsvPart.of(data, "file"), FORMAT).text.decode(errors="replace")
    return sum(1 for row in csv.reader(io.StringIO(text, newline="")) if row)


def is_sentence(text: str, folder: Path) -> bool:
    """Whether a refusal names the file and what was found, and nothing of what is inside."""
    return text.startswith("file") and "found " in text and "duckdb" not in text.lower() and str(folder) not in text


def outcome_of(data: bytes, is_parquet: bool, connection: duckdb.DuckDBPyConnection, folder: Path) -> str:
    """What the reader answers: rows, nothing, or a refusal. AssertionError where rows are lost."""
    connection.execute(f"DELETE FROM {TABLE}")
    path = folder / "file"
    path.write_bytes(data)
    try:
        if is_parquet:
            left_out = parquet_rows.load(connection, path, "file", FORMAT, TABLE)
        else:
            file = CsvFile.local(path, "file", len(SCHEMA.columns))
            left_out = LeftOut.sum(csv_rows.load(connection, part, FORMAT, TABLE, folder) for part in file.parts())
    except InputRefused as refused:
        if not is_sentence(str(refused), folder):
            raise
        return "refused"
    (kept,) = connection.execute(f"SELECT count(*) FROM {TABLE}").fetchall()[0]
    if not is_parquet and data:
        wanted = records_of(data)
        assert kept + left_out.total == wanted, f"{kept} kept and {left_out} of {wanted}"
    return "left out" if left_out.total else "read" if kept else "no rows"


def main() -> int:
    """Try the files; print how often each outcome was met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    wish = parser.parse_args()
    chance = random.Random(wish.seed)  # noqa: S311 - the same files at every call
    outcomes, failures = Counter[str](), 0
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE {TABLE} ({', '.join(f'{c.canonical} {c.sql_type}' for c in SCHEMA.columns)})")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(wish.files):
            is_parquet = number % 5 == 0
            made = parquet_bytes(chance, Path(folder)) if is_parquet else csv_bytes(chance)
            data = mutated(made, chance)
            try:
                outcome = outcome_of(data, is_parquet, connection, Path(folder))
                outcomes[f"{'Parquet' if is_parquet else 'CSV'} {outcome}"] += 1
            except Exception:
                failures += 1
                print(data, traceback.format_exc(), sep="\n", file=sys.stderr)
    for outcome, count in sorted(outcomes.items()):
        print(f"{outcome:20}{count:8,}")
    print(f"{'failed':20}{failures:8,}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
