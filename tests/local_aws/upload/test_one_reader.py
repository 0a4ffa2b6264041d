"""Whatever reads a file reads the same rows: the import, publishing, the count without duckdb, and the command.

What is read is held against the rows that were written, not against another reader.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_contract.sql import identifier
from forecast_files import csv_rows
from forecast_files.csv_file import CsvFile
from forecast_files.file_format import FileFormat
from forecast_files.head import check_head
from forecast_files.left_out import LeftOut
from forecast_files.row_counts import RowCounts, count_rows
from forecast_files.schema import Column, Schema
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.staging import Staging
from local_aws.guessing.options import Options
from local_aws.opening.named_file import Reading
from local_aws.upload.upload import upload_from_guesses

COLUMNS = (
    Column("timestamp", "timestamp", "timestamp"),
    Column("item_id", "string", "item_id"),
    Column("target_value", "float", "target"),
)
FORMAT = FileFormat(Schema("TARGET_TIME_SERIES", COLUMNS), "yyyy-MM-dd")
ITEMS = ("tea", "milk, whole", 'TV 55" OLED', "두부", "two\nlines", "a\\b", "NULL", "it's", "1_2", "a;b|c")
FIRST = date(2024, 1, 1)
TORN = (("2024-01-03", "tea"), ("2024-01-03", "", "5"), ("", "tea", "5"), ("2024-01-03", "tea", "5", "6"))
Row = tuple[datetime, str, float | None]


@dataclass(frozen=True)
class Written:
    """Records as fields with how each is written, the rows that are in them, and how many records are none."""

    records: list[tuple[list[tuple[str, str]], str]]  # and what stands behind each
    rows: Counter[Row]
    left_out: int

    def text(self, delimiter: str = ",") -> str:
        """The file with this between its fields."""
        return "".join(
            delimiter.join(_written(field, how, delimiter) for field, how in fields) + end
            for fields, end in self.records
        )


def _written(field: str, how: str, delimiter: str) -> str:
    if how == "spaced":
        return f" {field} "
    if how == "bare" and not any(mark in field for mark in (delimiter, "\n", '"')):
        return field
    quoted = '"' + field.replace('"', '""') + '"'
    return f" {quoted} " if how == "blanks" else quoted


@st.composite
def files(draw: st.DrawFn) -> Written:
    """Some items with a value for each day, written in whatever way; up to a tenth of the records are no rows."""
    items = draw(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3, unique=True))
    days = draw(st.integers(8, 12))
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\n", "\r\n", "\r"]]))
    how, end = st.sampled_from(["bare", "quoted", "blanks"]), st.sampled_from([*ends, ends[0] * 2])
    gaps = draw(st.sets(st.integers(0, days - 2), max_size=2))  # the last day is known: an open end is to be forecast
    rows: Counter[Row] = Counter()
    records = [[(column.name, "bare") for column in COLUMNS]] if draw(st.booleans()) else []
    for day in range(days):
        for item in items:
            number = draw(st.integers(-900, 900)) / 4
            value = draw(st.sampled_from(["", "NaN"])) if day in gaps else f"{number}"
            moment = datetime.combine(FIRST + timedelta(days=day), datetime.min.time())
            rows[moment, item, None if day in gaps else number] += 1
            of_day, of_value = draw(how | st.just("spaced")), draw(how | st.just("spaced") if value else how)
            records.append([(f"{moment:%Y-%m-%d}", of_day), (item, draw(how)), (value, of_value)])
    torn = draw(st.sampled_from([None, *TORN])) if len(rows) >= 10 else None
    if torn:
        records.insert(draw(st.integers(2, len(records))), [(field, "bare") for field in torn])
    return Written([(fields, draw(end)) for fields in records], rows, int(torn is not None))


def rows_of(table: str, connection: duckdb.DuckDBPyConnection) -> Counter[Row]:
    """The rows of a table with the columns of the schema."""
    value = "CASE WHEN NOT isnan(target) THEN target END"
    return Counter(connection.execute(f"SELECT timestamp, item_id, {value} FROM {table}").fetchall())


def imported(path: Path, folder: Path, cut: int) -> tuple[Counter[Row], int]:
    """The rows of a file as an import reads them in two pieces, and how many it leaves out."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE rows (timestamp TIMESTAMP, item_id VARCHAR, target DOUBLE)")
    file = CsvFile.local(path, "file", len(COLUMNS))
    pieces = [(0, cut), (cut, file.size - cut)]
    parts = [file.part(first, length) for first, length in pieces if length > 0]
    left_out = LeftOut.sum([csv_rows.load(connection, part, FORMAT, "rows", folder) for part in parts])
    return rows_of("rows", connection), left_out.total


def published(path: Path, folder: Path) -> tuple[Counter[Row], RowCounts]:
    """The rows of a file as publishing reads them, and what it counts."""
    connection = duckdb.connect()
    run = cast(FinishedRun, SimpleNamespace(train_format=FORMAT, key_columns=["item_id"]))
    facts = Staging(connection, run).train(CsvFile.local(path, "file", len(COLUMNS)).parts(), folder)
    connection.execute("CREATE TABLE rows AS SELECT timestamp, item_id, target FROM train_rows")
    return rows_of("rows", connection), facts.rows


def commanded(path: Path, folder: Path, encoding: str) -> tuple[Counter[Row], Counter[Row], int]:
    """The rows of a file as the command observes them, those of what it uploads, and how many it says are left out."""
    reading = Reading(encoding=encoding if encoding == "cp949" else None)
    upload = upload_from_guesses(path, Options(missing="unknown", aggregate="sum", reading=reading), folder)
    assert upload.form
    item = identifier(upload.form.roles.item) if upload.form.roles.item else "'all'"
    observed = upload.form.table.query(
        f"SELECT moment, {item}, number FROM data JOIN observations ON data.rowid = place"
    )
    target = next(file for file in upload.files if file.key.startswith("train/"))
    uploaded, _ = imported(target.path, folder, target.path.stat().st_size)
    return Counter(observed), uploaded, sum(sentence.startswith("left out") for sentence in upload.sentences)


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.floats(0, 1), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp949"]), st.sampled_from(",;\t|"))
def test_every_reader_reads_the_rows_that_were_written(
    written: Written, cut: float, encoding: str, delimiter: str
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        path, other = folder / "sales.csv", folder / "other.csv"
        data = written.text().encode("utf-8-sig" if encoding == "utf-8-sig" else "utf-8")
        path.write_bytes(data)
        other.write_bytes(written.text(delimiter).encode(encoding, "replace"))
        assert imported(path, folder, int(cut * len(data))) == (written.rows, written.left_out)
        rows, counts = published(path, folder)
        assert rows == written.rows
        assert (counts.read, counts.used) == (rows.total() + written.left_out, rows.total())
        counted = count_rows(CsvFile.local(path, "file", len(COLUMNS)).parts(), FORMAT)
        assert (counted.read, counted.left_out.total) == (counts.read, written.left_out)
        assert check_head("file", data, is_cut=False, file_format=FORMAT) <= counts.read
        observed, uploaded, left_out = commanded(other, folder, encoding)
        assert observed == uploaded == written.rows
        assert left_out == written.left_out
