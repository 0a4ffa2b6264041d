"""The Glue job on real Spark: what it makes of raw files of any form, rule by rule, with values by hand."""

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from forecast_files import csv_rows
from forecast_files.csv_part import CsvPart
from forecast_files.file_format import FileFormat
from forecast_files.schema import Column, Schema
from tests.glue.raw_files import ITEM, TARGET_VALUE, TIMESTAMP, Prepared, case

EUROPEAN = TARGET_VALUE | {"From": "수량", "DecimalComma": True, "Thousands": "."}
KOREAN = [
    TIMESTAMP | {"From": "날짜", "Formats": ["yyyy.MM.dd", "dd/MM/yyyy"]},
    ITEM | {"From": "상품"},
    EUROPEAN,
]
MESSY = (
    "날짜;상품;수량\n2020.01.01;사과;1.234,5\n02/01/2020;사과;1\n2020.01.03;배;\n2020.01.04;;5\n"
    "2020.01.05;배;seven\n2020-01-06;배;3\n2020.01.01;배;1\n"
).encode("euc-kr")
KOREAN_CSV = {"Format": {"sep": ";", "encoding": "EUC-KR"}, "Columns": KOREAN}
HEADER = b"timestamp,item_id,target_value\n"


@case({"forecast_data.csv": HEADER + b"2018/01/31,item_1,5\n2018/2/1,item_1,12345678901.25\n2018-02-02,item_1,0.10\n"})
def test_the_workshops_dates_are_rewritten_and_numbers_keep_their_digits(prepared: Prepared) -> None:
    assert prepared.sentence is None
    assert prepared.text() == b"2018-01-31,item_1,5\n2018-02-01,item_1,12345678901.25\n2018-02-02,item_1,0.10\n"
    (counts,) = prepared.counts()
    assert counts["Target"].endswith("tmp/prepared/run/train/")
    assert {name: counts[name] for name in ("Read", "Used", "LeftOut", "Reasons")} == {
        "Read": 3,
        "Used": 3,
        "LeftOut": 0,
        "Reasons": {},
    }


@case({"messy.csv": MESSY}, KOREAN_CSV)
def test_more_rows_left_out_than_allowed_end_the_run_with_their_counts(prepared: Prepared) -> None:
    assert prepared.sentence is not None
    assert prepared.sentence.partition(": ")[0].endswith("raw_data/messy.csv")
    assert "messy.csv: 3 of 7 rows cannot be used for train/ (item_id is empty: 1; target_value is no number: 1;" in (
        prepared.sentence
    )
    assert "timestamp is no yyyy.MM.dd or dd/MM/yyyy: 1); they are in file://" in prepared.sentence
    assert prepared.sentence.endswith("/quarantine/run/rows/")
    assert prepared.text() == b""
    assert prepared.left_out()[0] == (
        "messy.csv",
        "item_id is empty",
        '{"날짜":"2020.01.04","상품":null,"수량":"5"}',
    )
    (counts,) = prepared.counts()
    assert (counts["Read"], counts["Used"], counts["LeftOut"]) == (7, 4, 3)


@case({"messy.csv": MESSY}, KOREAN_CSV, most_left_out=0.43)
def test_fewer_rows_left_out_than_allowed_are_told_and_the_others_used(prepared: Prepared) -> None:
    assert prepared.sentence is None
    assert prepared.rows() == [
        ["2020-01-01", "배", "1"],
        ["2020-01-01", "사과", "1234.5"],
        ["2020-01-02", "사과", "1"],
        ["2020-01-03", "배", ""],
    ]
    assert len(prepared.left_out()) == 3


@case({"wide.csv": b"sku,2020-01-01,2020-01-02,2020-1-3\nA,1,2,\nB,x,5,6\nC,1\n"}, {
    "Columns": [TIMESTAMP, ITEM | {"From": "sku"}, TARGET_VALUE],
    "Wide": {"Ids": ["sku"], "Name": "timestamp", "Value": "target_value"},
}, most_left_out=0.5)  # fmt: skip
def test_a_column_for_each_date_becomes_a_row_for_each_date(prepared: Prepared) -> None:
    assert prepared.rows() == [
        ["2020-01-01", "A", "1"],
        ["2020-01-02", "A", "2"],
        ["2020-01-02", "B", "5"],
        ["2020-01-03", "A", ""],
        ["2020-01-03", "B", "6"],
    ]
    assert prepared.left_out() == [
        ("wide.csv", "not 4 fields", "C,1"),
        ("wide.csv", "target_value is no number", '{"sku":"B","timestamp":"2020-01-01","target_value":"x"}'),
    ]
    (counts,) = prepared.counts()
    assert (counts["Read"], counts["Used"], counts["LeftOut"]) == (7, 5, 2)


PRICE = {"Name": "price", "From": "price", "Type": "float", "Optional": True}
CATEGORY = {"Name": "category", "From": "category", "Type": "string", "Optional": True}
SHOP = (
    b"timestamp,item_id,target_value,price,category\n2020-01-01,A,1,2.5,fruit\n2020-01-01,A,2,3.5,fruit\n"
    b"2020-01-02,B,3,,\n2020-01-03,B,,7,nut\n"
)
METADATA = {"Target": "metadata/", "Columns": [ITEM, CATEGORY], "Keys": ["item_id"], "Duplicates": "distinct"}


@case(
    {"shop.csv": SHOP},
    {"Duplicates": "sum"},
    {"Target": "related/", "Columns": [TIMESTAMP, ITEM, PRICE], "Duplicates": "mean"},
    METADATA,
)
def test_one_file_fills_train_related_and_metadata(prepared: Prepared) -> None:
    assert prepared.sentence is None
    assert prepared.rows("train") == [["2020-01-01", "A", "3"], ["2020-01-02", "B", "3"], ["2020-01-03", "B", ""]]
    assert prepared.rows("related") == [["2020-01-01", "A", "3"], ["2020-01-02", "B", ""], ["2020-01-03", "B", "7"]]
    assert prepared.rows("metadata") == [["A", "fruit"], ["B", "nut"]]
    assert [counts["Used"] for counts in prepared.counts()] == [4, 4, 4]


@case({"shop.csv": SHOP.replace(b"nut", b"nut\n2020-01-04,B,1,1,fruit")}, METADATA)
def test_an_item_of_two_categories_is_refused_by_name(prepared: Prepared) -> None:
    assert prepared.sentence is not None
    assert prepared.sentence.endswith("raw_data/shop.csv: item_id B: found category 'fruit' and 'nut', wanted one")


TWICE = HEADER + b"2020-01-01,A,0.1\n2020-01-01,A,0.2\n2020-01-01,A,\n2020-01-02,A,20000000000\n2020-01-02,A,1e3\n"


@case({"twice.csv": TWICE}, {"Duplicates": "sum"})
def test_rows_of_one_key_are_summed_exactly_and_written_without_an_exponent(prepared: Prepared) -> None:
    assert prepared.rows() == [["2020-01-01", "A", "0.3"], ["2020-01-02", "A", "20000001000"]]


@case({"twice.csv": TWICE}, {"Duplicates": "mean"})
def test_rows_of_one_key_are_averaged_over_those_with_a_value(prepared: Prepared) -> None:
    assert prepared.rows() == [["2020-01-01", "A", "0.15"], ["2020-01-02", "A", "10000000500"]]


@case({"twice.csv": TWICE}, {"Duplicates": "max"})
def test_of_rows_of_one_key_the_largest_is_kept_as_it_was_written(prepared: Prepared) -> None:
    assert prepared.rows() == [["2020-01-01", "A", "0.2"], ["2020-01-02", "A", "20000000000"]]


@case({"twice.csv": TWICE}, {"Duplicates": "refuse"})
def test_rows_of_one_key_are_refused_where_they_should_be(prepared: Prepared) -> None:
    assert prepared.sentence is not None
    assert prepared.sentence.endswith("twice.csv: timestamp 2020-01-01, item_id A: found 3 rows, wanted one")


@case(
    {"log.csv": b"timestamp,item_id,target_value,version\n2020-01-01,A,5,v2\n2020-01-01,A,9,v10\n2020-01-01,A,1,v1\n"},
    {"Duplicates": "last", "OrderBy": "version"},
)
def test_the_last_row_by_text_of_another_column_is_kept(prepared: Prepared) -> None:
    assert prepared.rows() == [["2020-01-01", "A", "5"]]  # "v2" stands behind "v10"


@case(
    {"log.csv": b"item_id,category,timestamp\nA,old,2020-9-1\nA,new,2020-10-1\n"},
    {"Columns": [ITEM, CATEGORY, TIMESTAMP], "Keys": ["item_id"], "Duplicates": "last", "OrderBy": "timestamp"},
)
def test_the_last_row_by_time_is_kept(prepared: Prepared) -> None:
    assert prepared.rows() == [["A", "new", "2020-10-01"]]


ODD = ["a,b", 'say "hi"', "C:\\new\\", "two\nlines", "  kept ", "carriage\rreturn", "사과"]


@case({"odd.csv": HEADER + b"".join(
    b'2020-01-01,"%s",1\n' % item.replace('"', '""').encode() for item in ODD
)})  # fmt: skip
def test_identifiers_are_written_so_that_an_import_reads_them_as_they_were(prepared: Prepared, tmp_path: Path) -> None:
    assert prepared.sentence is None
    columns = (
        Column("timestamp", "timestamp", "timestamp"),
        Column("item_id", "string", "item_id"),
        Column("target_value", "float", "target"),
    )
    file_format = FileFormat(Schema("TARGET_TIME_SERIES", columns), "yyyy-MM-dd")
    with duckdb.connect() as connection:
        declared = ", ".join(f"{column.canonical} {column.sql_type}" for column in columns)
        connection.execute(f"CREATE TABLE rows ({declared})")
        left_out = csv_rows.load(connection, CsvPart.of(prepared.text(), "train/"), file_format, "rows", tmp_path)
        read = connection.execute("SELECT item_id FROM rows").fetchall()
    assert left_out.total == 0
    assert sorted(item for (item,) in read) == sorted(ODD)


@case({"fields.csv": HEADER + b"2020-01-01,A,1\n2020-01-02,A\n2020-01-03,A,3,4\n\n2020-01-04,A,4\n"}, most_left_out=0.5)
def test_rows_of_another_number_of_fields_are_left_out_whole(prepared: Prepared) -> None:
    assert [row[0] for row in prepared.rows()] == ["2020-01-01", "2020-01-04"]
    assert prepared.left_out() == [
        ("fields.csv", "not 3 fields", "2020-01-02,A"),
        ("fields.csv", "not 3 fields", "2020-01-03,A,3,4"),
    ]


@case({"a.csv": HEADER + b"2020-01-01,A,1\n", "b [1].csv": HEADER + b"2020-01-02,A,x\n"}, most_left_out=0.5)
def test_rows_left_out_tell_their_file_whatever_its_name(prepared: Prepared) -> None:
    assert [left_out[0] for left_out in prepared.left_out()] == ["b [1].csv"]
    assert prepared.rows() == [["2020-01-01", "A", "1"]]


@case({"a.csv": HEADER + b"2020-01-01,A,1\n", "b.csv": b"item_id,timestamp,target_value\nA,2020-01-02,2\n"})
def test_a_file_with_other_columns_than_the_first_is_refused(prepared: Prepared) -> None:
    assert prepared.sentence is not None
    assert "raw_data/b.csv: found the columns item_id, timestamp, target_value; wanted those of" in prepared.sentence


@case({"a.csv": b"\xef\xbb\xbfdate,item_id,target_value\n2020-01-01,A,1\n"})
def test_a_column_that_the_file_lacks_is_named(prepared: Prepared) -> None:
    assert prepared.sentence is not None
    found = "raw_data/a.csv: found only date, item_id, target_value, wanted one column 'timestamp'"
    assert prepared.sentence.endswith(found)


@case({"a.csv": b""})
def test_an_empty_file_is_refused(prepared: Prepared) -> None:
    assert prepared.sentence is not None
    assert prepared.sentence.endswith("raw_data/a.csv: found an empty file, wanted a header and rows")


@case({"a.csv": HEADER})
def test_a_file_without_rows_is_refused(prepared: Prepared) -> None:
    assert prepared.sentence is not None
    assert prepared.sentence.endswith("raw_data/a.csv: found a header and no rows, wanted a header and rows")


@case({"a.csv": HEADER + b"2020-01-01,A,1\n"}, {"Format": {"sep": ",", "encoding": "Klingon"}})
def test_an_unknown_encoding_is_refused(prepared: Prepared) -> None:
    assert prepared.sentence is not None
    assert "raw_data/a.csv: found the encoding 'Klingon', wanted one that Java knows" in prepared.sentence


@case({"a.csv": HEADER + b"2020-01-01,A,1\n2020-01-02,\xb0\xa1,2\n"}, most_left_out=0.5)
def test_a_row_that_is_not_in_the_encoding_is_left_out(prepared: Prepared) -> None:
    assert prepared.rows() == [["2020-01-01", "A", "1"]]
    assert [left_out[1] for left_out in prepared.left_out()] == ["item_id is not in UTF-8"]


@case({"a.csv": HEADER.decode().encode("utf-16") + "2020-01-01,사과,1\n".encode("utf-16-le")}, {
    "Format": {"sep": ",", "encoding": "UTF-16"},
})  # fmt: skip
def test_utf_16_is_read(prepared: Prepared) -> None:
    assert prepared.sentence is None
    assert prepared.rows() == [["2020-01-01", "사과", "1"]]


@case(
    {"a.csv.gz": gzip.compress(HEADER + b"2020-01-01,A,1\n"), "b.csv.gz": gzip.compress(HEADER + b"2020-01-02,A,2\n")}
)
def test_packed_files_are_read(prepared: Prepared) -> None:
    assert prepared.rows() == [["2020-01-01", "A", "1"], ["2020-01-02", "A", "2"]]


LINES: list[Any] = [
    {"timestamp": "2020-01-01", "item_id": "A", "target_value": 12345678901.25, "more": 1},
    {"item_id": 7, "timestamp": "2020-01-02", "target_value": None},
]


@case(
    {"a.jsonl": "\n".join([json.dumps(line) for line in LINES] + ['{"item_id": ']).encode()},
    {"Reader": "json"},
    most_left_out=0.4,
)
def test_json_lines_are_read(prepared: Prepared) -> None:
    assert prepared.rows() == [["2020-01-01", "A", "12345678901.25"], ["2020-01-02", "7", ""]]
    assert prepared.left_out() == [("a.jsonl", "no JSON object", '{"item_id": ')]


def parquet(query: str) -> bytes:
    """The rows of a query as a Parquet file."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{folder}/rows.parquet'")
        return Path(folder, "rows.parquet").read_bytes()


TYPED = """SELECT * FROM (VALUES
    (DATE '2020-01-01', 7, 12345678901.25::DOUBLE, 0.1::FLOAT, 1.50::DECIMAL(9, 2)),
    (DATE '2020-01-02', 8, NULL, 'nan'::FLOAT, 0::DECIMAL(9, 2)),
    (DATE '2020-01-03', 9, 'infinity'::DOUBLE, 1::FLOAT, 2::DECIMAL(9, 2))
) AS rows(timestamp, item_id, target_value, price, discount)"""


@case(
    {"a.parquet": parquet(TYPED)},
    {"Reader": "parquet", "Columns": [TIMESTAMP, ITEM, TARGET_VALUE, PRICE, PRICE | {"Name": "d", "From": "discount"}]},
    most_left_out=0.5,
)
def test_the_types_of_parquet_become_texts(prepared: Prepared) -> None:
    assert prepared.rows() == [
        ["2020-01-01", "7", "12345678901.25", "0.1", "1.5"],
        ["2020-01-02", "8", "", "", "0"],
    ]
    assert [left_out[1] for left_out in prepared.left_out()] == ["target_value is no number"]


@case(
    {"a.parquet": parquet(TYPED), "b.parquet": parquet("SELECT 1 AS item_id")},
    {"Reader": "parquet"},
)
def test_a_parquet_file_of_other_columns_is_refused(prepared: Prepared) -> None:
    assert prepared.sentence is not None
    assert "raw_data/b.parquet: found the columns item_id int; wanted those of" in prepared.sentence


FORMATS = [
    "d. MMMM yyyy",
    "dd.MM.yy",
    "yyyy'년' M'월' d'일'",
    "yyyy-MM-dd'T'HH:mm:ssXXX",
    "yyyyMMdd",
    "yyyy/M/d[ H:mm]",
]
MOMENTS = [
    "3. March 2020",
    "04.03.20",
    "2020년 3월 5일",
    "2020-03-06T00:30:00+09:00",
    "20200307",
    "2020/3/8 9:15",
    "2020-3",
]


@case({"a.csv": HEADER + b"".join(f"{moment},A,1\n".encode() for moment in MOMENTS)}, {
    "Columns": [TIMESTAMP | {"Formats": FORMATS}, ITEM, TARGET_VALUE],
}, most_left_out=0.5)  # fmt: skip
def test_dates_are_read_in_any_notation_of_the_plan(prepared: Prepared) -> None:
    days = [row[0] for row in prepared.rows()]
    assert days == ["2020-03-03", "2020-03-04", "2020-03-05", "2020-03-05", "2020-03-07", "2020-03-08"]  # +09:00
    assert len(prepared.left_out()) == 1


NUMBERS = ["1", "+2.50", "-3", ".5", "1e-3", "1,5", "1 000", "0x1", "", "NaN", "1.2.3", "Infinity"]


@case({"a.csv": HEADER + b"".join(
    f'2020-01-{day:02},A,"{number}"\n'.encode() for day, number in enumerate(NUMBERS, 1)
)}, most_left_out=0.5)  # fmt: skip
def test_what_is_no_number_is_never_read_as_one(prepared: Prepared) -> None:
    assert [row[2] for row in prepared.rows()] == ["1", "2.50", "-3", ".5", "0.001", "", ""]
    assert len(prepared.left_out()) == 5


GROUPS = ["1.234.567", "1.23", "12.34.567,5", "1234,5", "1.234", "1,234"]


@case({"a.csv": b"timestamp;item_id;target_value\n" + b"".join(
    f"2020-01-{day:02};A;{number}\n".encode() for day, number in enumerate(GROUPS, 1)
)}, {
    "Format": {"sep": ";"},
    "Columns": [TIMESTAMP, ITEM, TARGET_VALUE | {"DecimalComma": True, "Thousands": "."}],
}, most_left_out=0.5)  # fmt: skip
def test_groups_of_digits_are_read_as_such_and_nothing_else_is(prepared: Prepared) -> None:
    assert [row[2] for row in prepared.rows()] == ["1234567", "1234567.5", "1234.5", "1234", "1.234"]
    assert [left_out[1] for left_out in prepared.left_out()] == ["target_value is no number"]


@case({"a.csv": HEADER + b"2020-02-30,A,1\n2020-01-01T05:30:00,A,2\n2020-01-02 7:15,A,3\n"}, {
    "Columns": [
        TIMESTAMP | {"Formats": ["yyyy-M-d'T'H:mm:ss", "yyyy-M-d H:mm", "yyyy-M-d"], "Written": "yyyy-MM-dd HH:mm:ss"},
        ITEM,
        TARGET_VALUE | {"Type": "integer"},
    ],
}, most_left_out=0.5)  # fmt: skip
def test_times_are_written_in_one_form_and_days_that_do_not_exist_are_left_out(prepared: Prepared) -> None:
    assert prepared.rows() == [["2020-01-01 05:30:00", "A", "2"], ["2020-01-02 07:15:00", "A", "3"]]
    assert len(prepared.left_out()) == 1


@case({"a.csv": HEADER + b"2020-01-01,A,2.0\n2020-01-02,A,2.5\n"}, {
    "Columns": [TIMESTAMP, ITEM, TARGET_VALUE | {"Type": "integer"}],
}, most_left_out=0.5)  # fmt: skip
def test_a_whole_number_may_have_a_point_and_zeros(prepared: Prepared) -> None:
    assert prepared.rows() == [["2020-01-01", "A", "2"]]
    assert [left_out[1] for left_out in prepared.left_out()] == ["target_value is no whole number"]


@case({"a.csv": HEADER + b"x,A,2\n"}, most_left_out=1.0)
def test_a_file_without_a_row_that_can_be_used_is_refused_whatever_may_be_left_out(prepared: Prepared) -> None:
    assert prepared.sentence is not None
    assert "none of 1 rows can be used for train/" in prepared.sentence
