"""CSV files as the world sends them: each imports right, or fails with the file, the line and what is wanted."""

import gzip
import io
import itertools
import zipfile
from pathlib import Path

import pytest

from forecast_service.caller_files.caller_bucket import CallerBucket, CallerFile
from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.records.record import Record
from tests.forecast_service.jobs.sample_data import ROWS, TARGET, parquet, rows_of
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service

HEADER = "item_id,timestamp,target_value\n"
FOLDER = "s3://caller-data/train/"
EXPECTED = [("a", "2020-01-01", 1.5), ("a", "2020-01-02", 3.25), ("b", "2020-01-01", 2.0)]


def imported(service: Service, content: str | bytes) -> Record:
    return service.import_data(service.dataset(*TARGET), service.put("train/a.csv", content))


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ('"a\nb",2020-01-03,7\n', "a\nb"),
        ('"a ""b"", c",2020-01-03,7\n', 'a "b", c'),
        ('a"b,2020-01-03,7\n', 'a"b'),
        (" a ,2020-01-03,7\n", " a "),
        ("소주 1병,2020-01-03,7\n", "소주 1병"),
        ("\N{PILE OF POO},2020-01-03,7\n", "\N{PILE OF POO}"),
        ("A\N{COMBINING RING ABOVE},2020-01-03,7\n", "A\N{COMBINING RING ABOVE}"),
        ("=1+1,2020-01-03,7\n", "=1+1"),
        ("NULL,2020-01-03,7\n", "NULL"),
        ("'; DROP TABLE rows; --,2020-01-03,7\n", "'; DROP TABLE rows; --"),
    ],
)
def test_an_identifier_stays_what_it_is(service: Service, tmp_path: Path, line: str, item: str) -> None:
    record = imported(service, ROWS + line)
    assert record.message is None
    assert rows_of(service, record, tmp_path) == sorted([*EXPECTED, (item, "2020-01-03", 7.0)], key=str)


@pytest.mark.parametrize(
    "content",
    [
        ROWS.replace("\n", "\r"),
        ROWS.replace(",", ", "),
        '\ufeff"item_id","timestamp","target_value"\r\n' + ROWS.replace("\n", "\r\n"),
        "item_id,timestamp,gr\xf6\xdfe\n".encode("latin-1") + ROWS.encode(),
        ROWS + "a",  # torn within its item: a row of too few fields is left out
        ROWS + "a,2020-01-0",
    ],
    ids=["old breaks", "spaces", "bom and quoted header", "header of another encoding", "torn item", "torn timestamp"],
)
def test_odd_forms_hold_the_same_rows(service: Service, tmp_path: Path, content: str | bytes) -> None:
    record = imported(service, content)
    assert record.message is None
    assert rows_of(service, record, tmp_path) == EXPECTED


@pytest.mark.parametrize(("text", "value"), [("1e3", 1000.0), ("+5", 5.0), (".5", 0.5), ("-0.5", -0.5), ("", None)])
def test_numbers_may_be_written_in_every_usual_way(
    service: Service, tmp_path: Path, text: str, value: float | None
) -> None:
    record = imported(service, f"{ROWS}c,2020-01-03,{text}\n")
    assert rows_of(service, record, tmp_path)[-1] == ("c", "2020-01-03", value)


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", ROWS)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            gzip.compress(ROWS.encode(), mtime=0),
            ": found a file compressed with gzip, wanted plain CSV: decompress it.",
        ),
        (zipped(), ": found a zip archive or an Excel workbook, wanted plain CSV: unpack it, or save it as CSV."),
        (ROWS.encode("utf-16"), ": found text in UTF-16, wanted UTF-8."),
        (ROWS.encode("utf-16-be"), ", line 1: found a NUL byte, wanted text in UTF-8."),
        (ROWS.encode() + b"a\0b,2020-01-03,1\n", ", line 4: found a NUL byte, wanted text in UTF-8."),
        (ROWS.encode() + bytes(3_000_000), ", line 4: found a NUL byte, wanted text in UTF-8."),
        (
            b"x" * 10_000_000 + b",2020-01-03,1\n",
            ", line 1: found a line of more than 2 MB, wanted rows of the schema.",
        ),
        (
            ROWS.encode() + b"a,2020-01-03," + b"1" * 10_000_000,
            ", line 4: found a line of more than 2 MB, wanted rows of the schema.",
        ),
        (b"x" * 10_000_000, ", line 1: found 1 column, wanted the 3 of the schema (item_id, timestamp, target_value)."),
        (ROWS + '"a"b,2020-01-03,1\n', ", line 4: found '\"a\"b', wanted nothing behind the closing quotation mark."),
        (ROWS + '"a\nb",2020-01-03,1\nc,never,1\n', ", line 6, column timestamp: found 'never', wanted a timestamp"),
        (
            ROWS + HEADER + ROWS,
            ", line 4, column timestamp: found 'timestamp', wanted a timestamp of the form yyyy-MM-dd.",
        ),
        (
            ROWS.replace(",", ";"),
            ", line 1: found 1 column, wanted the 3 of the schema (item_id, timestamp, target_value).",
        ),
        (ROWS + "a,2020-01-03,1e400\n", ", line 4, column target_value: found '1e400', wanted a finite number."),
        (ROWS + "a,2020-01-03,NA\n", ", line 4, column target_value: found 'NA', wanted a number."),
        ("<html><body>Access denied</body></html>\n", ", line 1: found 1 column, wanted the 3 of the schema"),
    ],
    ids=lambda value: value.split("found ")[1].split(",")[0] if isinstance(value, str) and "found" in value else "",
)
def test_what_is_no_such_csv_is_told_with_its_line(service: Service, content: str | bytes, sentence: str) -> None:
    record = imported(service, content)
    assert record.status == "CREATE_FAILED"
    assert record.message is not None
    assert record.message.startswith(f"{FOLDER}a.csv{sentence}")


def test_a_parquet_file_is_told_to_those_who_asked_for_csv(service: Service, tmp_path: Path) -> None:
    made = parquet("SELECT 'a' AS item_id, DATE '2020-01-01' AS timestamp, 1.5 AS target_value", tmp_path)
    wanted = "wanted CSV, or PARQUET as the Format of the import."
    assert imported(service, made).message == f"{FOLDER}a.csv: found a Parquet file, {wanted}"


# One row each, in every form that a file may have beside others.
FORMS = [
    "{}",
    "{}\n",
    HEADER + "{}\n",
    "Model,Day,Quantity\n{}\n",
    "\ufeff{}\n",
    "\ufeff" + HEADER + "{}\n",
    "\n\n{}\n\n",
    "{}\r\n",
    HEADER.replace("\n", "\r\n") + "{}\r\n",
    '"item_id","timestamp","target_value"\n{}\n',
    HEADER.replace("\n", "\r") + "{}\r",
]


def mixed_folder(service: Service, count: int) -> list[tuple[str, str, float]]:
    """Put files of one row each, of all forms in turn, among others without rows; gives the rows."""
    rows = [(f"item_{number % 7}", f"2020-01-{number // 7 + 1:02}", float(number)) for number in range(count)]
    for number, (form, row) in enumerate(zip(itertools.cycle(FORMS), rows, strict=False)):
        service.put(f"train/{number:04}.csv", form.format(",".join(map(str, row))))
    for name, content in {"empty": "", "header": HEADER, "break": "\n", "mark": "\ufeff"}.items():
        service.put(f"train/{name}.csv", content)
    return sorted(rows, key=str)


@pytest.mark.parametrize("pieces", [1000, 10, 1])
def test_files_of_all_forms_lie_beside_each_other(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    monkeypatch.setattr(read_files, "MOST_RANGES", pieces)
    rows = mixed_folder(service, 2 * len(FORMS))
    record = service.import_data(service.dataset(*TARGET), FOLDER)
    assert record.message is None
    assert rows_of(service, record, tmp_path) == rows
    assert record.facts["left_out_row_count"] == 0


@pytest.mark.parametrize("quote", ["", '"'])
def test_the_one_bad_file_among_many_is_named_with_its_line(service: Service, quote: str) -> None:
    mixed_folder(service, 20)
    service.put("train/0007b.csv", f"{HEADER}{quote}c{quote},2020-01-01,1\nc,2020-01-02,many\n")
    record = service.import_data(service.dataset(*TARGET), FOLDER)
    assert record.message == f"{FOLDER}0007b.csv, line 3, column target_value: found 'many', wanted a number."


def test_rows_left_out_of_small_files_are_counted(service: Service) -> None:
    service.put("train/a.csv", ROWS + ",2020-01-05,5\na,2020-01-05\n")
    service.put("train/b.csv", ROWS.replace("2020", "2021") + "a,,5\na,2020-01-06,1,2\n")
    record = service.import_data(service.dataset(*TARGET), FOLDER)
    assert (record.facts["row_count"], record.facts["left_out_row_count"]) == (6, 4)
    assert record.outcome["Message"] == (
        "4 of 10 rows were left out: 2 with another number of fields (the first: s3://caller-data/train/a.csv, line 5),"
        " 1 without an identifier (s3://caller-data/train/a.csv, line 4),"
        " 1 without a timestamp (s3://caller-data/train/b.csv, line 4)."
    )


def test_no_row_vanishes_without_a_word(service: Service) -> None:
    quoted = "".join(f'"b","2020-01-{day:02}","{day}"\n' for day in range(1, 31))
    service.put("train/a.csv", ROWS)
    service.put("train/b.csv", f'"item_id","timestamp","target_value" (EUR)\n{quoted}')
    record = service.import_data(service.dataset(*TARGET), FOLDER)
    wanted = "wanted nothing behind the closing quotation mark"
    assert record.message == f"{FOLDER}b.csv, line 1: found '\"target_value\" (EUR)', {wanted}."


@pytest.mark.parametrize("content", [ROWS.replace("\n", "\r\n", 2), "\r" + ROWS, ROWS.replace("\n", "\r", 1)])
def test_line_breaks_of_several_kinds_end_the_same_rows(service: Service, tmp_path: Path, content: str) -> None:
    assert rows_of(service, imported(service, content), tmp_path) == EXPECTED


def test_digits_in_groups_are_no_number(service: Service) -> None:
    record = imported(service, ROWS + "a_1_2,2020-01-03,1_000\n")
    assert record.message == f"{FOLDER}a.csv, line 4, column target_value: found '1_000', wanted a number."


def test_ten_thousand_files_are_read_by_several_workers(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    # A bucket of the test's own: one of moto's would take a minute to fill.
    days = [f"20{year:02}-01-{day:02}" for year in range(20, 24) for day in range(1, 26)]
    files = {
        f"train/{item}_{day}.csv": f"{HEADER}item_{item},{day},1\n".encode() for item in range(100) for day in days
    }
    monkeypatch.setattr(CallerBucket, "files", lambda _: [CallerFile(k, len(v)) for k, v in files.items()])
    monkeypatch.setattr(CallerBucket, "read", lambda _, key, first, length: files[key][first : first + length])
    record = service.import_data(service.dataset(*TARGET), FOLDER)
    assert record.message is None
    assert (record.facts["row_count"], record.facts["item_count"], record.facts["length"]) == (10_000, 100, 1121)
    assert service.keys("work/", SERVICE_BUCKET) == []
    steps = service.machine.visited
    assert steps.count("RunShards") == 1  # those of the files; what they gather is one shard, which takes no map
