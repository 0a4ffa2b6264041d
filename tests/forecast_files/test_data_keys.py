"""Which keys are data: by the name of the file and of every folder on the way."""

import pytest

from forecast_files.data_keys import is_data, is_hidden


@pytest.mark.parametrize(
    "path",
    [
        "sales.csv",
        "SALES.CSV",
        "2026/01/Sales.Csv",
        "store=north/part-00000-1c2d.c000.csv",
        "part-00000",
        "0003_part_00",
        "판매.csv",
        "sales.v2.csv",
        "sales.parquet",
    ],
)
def test_what_the_reader_reads_is_data_in_any_case_and_in_any_folder(path: str) -> None:
    assert is_data(path)


@pytest.mark.parametrize("path", ["sales.xlsx", "SALES.XLS", "sales.csv.gz", "sales.zip", "sales.tsv", "sales.jsonl"])
def test_what_people_mean_to_be_read_is_data_so_that_it_is_refused_by_its_name(path: str) -> None:
    assert is_data(path)


@pytest.mark.parametrize(
    "path",
    [
        "_SUCCESS",
        "_temporary/0/task_1/part-00000.csv",
        "2026/_temporary/part-00000.csv",
        "_spark_metadata/0",
        ".part-00000.csv.crc",
        "2026/.sales.csv",
        ".ipynb_checkpoints/sales-checkpoint.csv",
        "__MACOSX/._sales.csv",
        "~$sales.xlsx",
        "",
        "2026/",
        "2026_$folder$",
    ],
)
def test_markers_and_what_is_hidden_anywhere_on_the_way_are_no_data(path: str) -> None:
    assert not is_data(path)
    assert is_hidden(path)


@pytest.mark.parametrize(
    "path", ["sales.csv.bak", "sales.csv~", "sales.csv.tmp", "sales.csv.filepart", "sales.csv.1", "notes.txt", "a.json"]
)
def test_copies_halves_and_notes_are_no_data_though_nobody_hid_them(path: str) -> None:
    assert not is_data(path)
    assert not is_hidden(path)
