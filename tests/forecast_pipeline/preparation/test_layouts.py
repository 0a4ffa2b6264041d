"""The files of raw_data/ by their layouts: what is wrong with a file is told by its first bytes."""

import gzip
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from forecast_pipeline.parameters.read import read_parameters
from forecast_pipeline.preparation.layouts import LaidOut, laid_out
from forecast_pipeline.runs.data_files import DataFile
from forecast_pipeline.runs.heads import DataFileError

WORKSHOP = json.loads((Path(__file__).parents[1] / "parameters" / "workshop_params.json").read_text())
RAW = b"timestamp,item_id,target_value\n2018/01/01,item_001,12\n2018/01/02,item_001,9\n"


def layouts(files: dict[str, bytes], **raw_data: Any) -> list[LaidOut]:
    """The layouts of these files beside the workshop's own one."""
    files = {"raw_data/forecast_data.csv": RAW} | files

    def get_object(Key: str, **_: str) -> dict[str, Any]:  # noqa: N803 - the names of the wire
        return {"Body": io.BytesIO(files[Key])}

    listed = [DataFile(key, "etag", len(body)) for key, body in sorted(files.items())]
    content = json.dumps(WORKSHOP | {"Pipeline": {"RawData": raw_data}}).encode()
    s3: Any = SimpleNamespace(get_object=get_object)
    return laid_out(s3, "bucket", listed, read_parameters("params.json", content))


@pytest.mark.parametrize(
    ("key", "body", "sentence"),
    [
        ("raw_data/b.csv", b"", "raw_data/b.csv: found an empty file, wanted a header and rows of data."),
        ("raw_data/b.csv", b"timestamp,item_id,target_value\n", "raw_data/b.csv: found no rows of data, wanted"),
        (
            "raw_data/z.csv",
            b"item_id,timestamp,target_value\na,2018/01/01,1\n",
            "raw_data/z.csv, line 1: found the columns item_id, timestamp, target_value, wanted those of"
            " raw_data/forecast_data.csv (timestamp, item_id, target_value), or a folder and a member",
        ),
        ("raw_data/z.json", b'{"a": 1}\n', "raw_data/z.json: found another format than that of raw_data/forecast_data"),
        ("raw_data/b.json", b"[\n", "raw_data/b.json, line 1: found '[', wanted an object"),
        ("raw_data/b.csv.gz", RAW, "raw_data/b.csv.gz: found something else, wanted gzip as its name says."),
        ("raw_data/b.parquet", RAW, "raw_data/b.parquet: found something else, wanted Parquet as its name says."),
        ("raw_data/b.xlsx", b"PK", "raw_data/b.xlsx: found a format that is not read here, wanted CSV, JSON lines or"),
        (
            "raw_data/b.csv",
            "날짜,상품\n".encode("cp949"),
            "raw_data/b.csv: found bytes that are not UTF-8, wanted a file in UTF-8, or its encoding in Pipeline.",
        ),
    ],
)
def test_a_raw_file_that_is_wrong_is_told_by_its_head(key: str, body: bytes, sentence: str) -> None:
    with pytest.raises(DataFileError) as raised:
        layouts({key: body})
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_that_which_finds_the_columns(delimiter: str) -> None:
    raw = RAW.replace(b",", delimiter.encode())
    assert layouts({"raw_data/forecast_data.csv": raw})[0].head.delimiter == delimiter


def test_a_delimiter_in_a_name_is_none() -> None:
    raw = b'timestamp;item_id;target_value;"a, b, c, d, e"\n2018/01/01;x;1;2\n'
    (layout,) = layouts({"raw_data/forecast_data.csv": raw})
    assert layout.head.columns == ("timestamp", "item_id", "target_value", "a, b, c, d, e")


def test_a_compressed_file_and_one_of_a_folder_have_their_own_layouts() -> None:
    raw = gzip.compress("날짜;상품\n1;2\n".encode("euc_kr"))
    layout = {"Format": {"Encoding": "EUC-KR"}}
    plain, north = layouts({"raw_data/north/2020/a.csv.gz": raw}, north=layout)
    assert (plain.name, north.name, north.head.columns) == ("", "north", ("날짜", "상품"))
    assert (plain.is_crawled, north.is_crawled) == (True, False)
