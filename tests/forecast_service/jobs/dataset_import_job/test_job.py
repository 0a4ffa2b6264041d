"""Imports: what is read, what is tolerated, what is refused and with which words."""

import statistics
from pathlib import Path

import pytest

from forecast_service.storage.bucket import resource_prefix
from tests.forecast_service.jobs.sample_data import ROWS, TARGET, rows_of
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service


def test_an_import_keeps_every_row_and_says_what_it_found(service: Service, tmp_path: Path) -> None:
    path = service.put("train/a.csv", ROWS)
    record = service.import_data(service.dataset(*TARGET), path)
    assert record.status == "ACTIVE"
    assert rows_of(service, record, tmp_path) == [
        ("a", "2020-01-01", 1.5),
        ("a", "2020-01-02", 3.25),
        ("b", "2020-01-01", 2.0),
    ]
    assert record.facts == {
        "row_count": 3,
        "item_count": 2,
        "first_timestamp": "2020-01-01T00:00:00",
        "last_timestamp": "2020-01-02T00:00:00",
        "length": 2,
        "shard_count": 1,
        "merged_row_count": 0,
        "left_out_row_count": 0,
    }
    assert record.outcome["DataSize"] == len(ROWS) / 2**30


def test_field_statistics_agree_with_pythons_own_statistics(service: Service) -> None:
    values = [0.0, 209.99170812603649, 3.5, 3.5, -2.0]
    lines = [f"item_{i % 2},2020-01-{i + 1:02},{value!r}" for i, value in enumerate(values)]
    lines += ["item_0,2020-02-01,", "item_1,2020-02-01,NaN"]
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", "\n".join(lines)))
    found = record.outcome["FieldStatistics"]
    assert found["item_id"] == {
        "Count": 7,
        "CountLong": 7,
        "CountDistinct": 2,
        "CountDistinctLong": 2,
        "CountNull": 0,
        "CountNullLong": 0,
    }
    assert found["timestamp"]["Min"] == "2020-01-01T00:00:00Z"
    assert found["timestamp"]["Max"] == "2020-02-01T00:00:00Z"
    assert found["timestamp"]["CountDistinct"] == 6
    target = found["target_value"]
    counts = {name: target[name] for name in ("Count", "CountDistinct", "CountNull", "CountNan")}
    assert counts == {"Count": 6, "CountDistinct": 4, "CountNull": 1, "CountNan": 1}
    assert (target["Min"], target["Max"]) == ("-2.0", "209.99170812603649")
    assert target["Avg"] == pytest.approx(statistics.mean(values))
    assert target["Stddev"] == pytest.approx(statistics.stdev(values))


@pytest.mark.parametrize(
    "content",
    [
        "item_id,timestamp,target_value\n" + ROWS,
        "Model,Timestamp,Quantity\n" + ROWS,
        "\ufeff" + ROWS,
        "\ufeffitem_id,timestamp,target_value\n" + ROWS,
        ROWS.replace("\n", "\r\n"),
        ROWS.replace("a,", '"a",'),
        "\n" + ROWS.replace("\n", "\n\n"),
        ROWS.rstrip("\n"),
        ROWS.replace("\n", "\r\n", 1),
    ],
    ids=["header", "other names", "bom", "bom and header", "crlf", "quotes", "empty lines", "no last break", "mixed"],
)
def test_every_way_to_write_the_same_rows_gives_the_same_rows(service: Service, tmp_path: Path, content: str) -> None:
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", content))
    assert record.message is None
    assert rows_of(service, record, tmp_path) == [
        ("a", "2020-01-01", 1.5),
        ("a", "2020-01-02", 3.25),
        ("b", "2020-01-01", 2.0),
    ]


@pytest.mark.parametrize("path", ["s3://caller-data/train/", "s3://caller-data/train", "s3://caller-data"])
def test_all_files_below_a_path_are_read_but_no_markers(service: Service, tmp_path: Path, path: str) -> None:
    first, second, third = ROWS.splitlines(keepends=True)
    service.put("train/part0.csv", first)
    service.put("train/deeper/part1.csv", "item_id,timestamp,target_value\n" + second)
    service.put("train/part2.csv", third)
    for marker in ("train/", "train/_SUCCESS", "train/_CHECK", "train/.DS_Store", "train/deeper_$folder$/"):
        service.put(marker, "" if marker.endswith("/") else "no rows")
    service.put("train/header_only.csv", "item_id,timestamp,target_value\n")
    record = service.import_data(service.dataset(*TARGET), path)
    assert record.message is None
    assert len(rows_of(service, record, tmp_path)) == 3


def test_a_file_is_read_although_a_folder_has_its_name(service: Service) -> None:
    path = service.put("train/a", ROWS)
    service.put("train/a/b.csv", ROWS)
    assert service.import_data(service.dataset(*TARGET), path).facts["row_count"] == 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (ROWS.encode() + "caf\xe9,2020-01-01,1\n".encode("latin-1"), "line 4: found bytes that are not UTF-8"),
        (b"", "s3://caller-data/train/a.csv: found no rows, wanted item_id, timestamp, target_value."),
        (b"item_id,timestamp,target_value\n", "found no rows"),
        (ROWS + "a,2020-01-03,many\n", "line 4, column target_value: found 'many', wanted a number."),
        (ROWS + '\na,2020-01-03,"1,000"\n', "line 5, column target_value: found '1,000', wanted a number."),
        (
            ROWS + "a,2020/01/03,1\n",
            "line 4, column timestamp: found '2020/01/03', wanted a timestamp of the form yyyy-MM-dd.",
        ),
        (ROWS.replace("-", "/"), "line 1, column timestamp: found '2020/01/01', wanted a timestamp"),
        (ROWS + "a,2020-02-30,1\n", "line 4, column timestamp: found '2020-02-30'"),
        (ROWS + "a,2020-01-03,inf\n", "line 4, column target_value: found 'inf', wanted a finite number."),
        (
            ROWS + "a,2020-01-03,-1e101\n",
            "line 4, column target_value: found '-1e101', wanted a number between -1e+100 and 1e+100.",
        ),
        (ROWS + "a,9999-12-31,1\n", "line 4, column timestamp: found '9999-12-31', wanted a timestamp before the year"),
        (
            "a,2020-01-01,NaN\nb,2020-01-02,\n",
            "found no value in column target_value: all of its 2 rows are empty or NaN, wanted at least one number.",
        ),
        (ROWS.replace("a,", "a,x,"), "line 1: found 4 columns, wanted the 3 of the schema (item_id, timestamp, target"),
        ("item_id,timestamp\n", "line 1: found 2 columns, wanted the 3 of the schema"),
        (ROWS + '"a,2020-01-03,1\n', "line 4: found a quotation mark that is not closed"),
    ],
)
def test_what_cannot_be_read_fails_with_one_sentence(service: Service, content: str | bytes, sentence: str) -> None:
    path = service.put("train/a.csv", content)
    record = service.import_data(service.dataset(*TARGET), path)
    assert record.status == "CREATE_FAILED"
    assert record.message is not None
    assert sentence in record.message
    assert record.message.startswith(path)
    assert record.message.count(". ") == 0
    assert service.keys(resource_prefix(record), SERVICE_BUCKET) == []
    assert "WriteFailure" in service.machine.visited
    assert service.machine.visited[-1] == "Failed"
    assert service.records.get(record.parents["dataset"]).status == "ACTIVE"


def test_the_largest_number_and_the_latest_year_are_read(service: Service, tmp_path: Path) -> None:
    path = service.put("train/a.csv", "a,8999-12-30,1e100\na,8999-12-31,-1e100\n")
    record = service.import_data(service.dataset(*TARGET), path)
    assert record.message is None
    assert len(rows_of(service, record, tmp_path)) == 2


def test_the_first_of_several_bad_files_is_named(service: Service) -> None:
    service.put("train/a.csv", ROWS)
    service.put("train/b.csv", ROWS + "b,never,1\n")
    service.put("train/c.csv", "c,never,1\n")
    record = service.import_data(service.dataset(*TARGET), "s3://caller-data/train/")
    assert record.message is not None
    assert record.message.startswith("s3://caller-data/train/b.csv, line 4, column timestamp: found 'never'")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("s3://caller-data/nothing/", "s3://caller-data/nothing/: found no file, wanted at least one with data."),
        ("s3://nobody-has-it/train/", "s3://nobody-has-it/train/: the bucket nobody-has-it does not exist"),
    ],
)
def test_a_path_without_data_fails_with_one_sentence(service: Service, path: str, sentence: str) -> None:
    record = service.import_data(service.dataset(*TARGET), path)
    assert record.status == "CREATE_FAILED"
    assert record.message is not None
    assert sentence in record.message


def test_rows_that_cannot_count_are_left_out_and_counted(service: Service, tmp_path: Path) -> None:
    dirty = ",2020-01-01,5\n" + "a,,5\n" + "a,2020-01-05\n" + "a,2020-01-06,1,2\n"
    record = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", ROWS + dirty))
    assert record.status == "ACTIVE"
    assert len(rows_of(service, record, tmp_path)) == 3
    assert record.facts["left_out_row_count"] == 4


def test_rows_of_one_period_are_counted_as_merged(service: Service) -> None:
    lines = "a,2020-01-01 01:00:00,1\na,2020-01-01 23:59:59,2\na,2020-01-02 00:00:00,3\nb,2020-01-01 01:00:00,1\n"
    path = service.put("train/a.csv", lines + lines[:24])
    record = service.import_data(service.dataset(*TARGET), path, TimestampFormat="yyyy-MM-dd hh:mm:ss")
    assert record.status == "ACTIVE"
    assert record.facts["merged_row_count"] == 2
    assert record.facts["length"] == 2


def test_lower_case_hours_are_those_of_24(service: Service, tmp_path: Path) -> None:
    path = service.put("train/a.csv", "a,2020-01-01 13:00:00,1\na,2020-01-01 01:00:00,1\n")
    dataset = service.dataset(*TARGET, frequency="H")
    record = service.import_data(dataset, path, TimestampFormat="yyyy-MM-dd hh:mm:ss")
    assert record.facts["length"] == 13


def test_integers_take_whole_numbers_only(service: Service) -> None:
    dataset = service.dataset("item_id:string", "timestamp:timestamp", "target_value:integer")
    record = service.import_data(dataset, service.put("a.csv", "a,2020-01-01,3\na,2020-01-02,4.0\n"), name="good")
    assert record.outcome["FieldStatistics"]["target_value"]["Max"] == "4"
    record = service.import_data(dataset, service.put("b.csv", "a,2020-01-01,3\na,2020-01-02,4.5\n"), name="bad")
    assert record.message == "s3://caller-data/b.csv, line 2, column target_value: found '4.5', wanted an integer."


def test_other_types_of_datasets_are_imported_with_their_columns(service: Service) -> None:
    related = service.dataset(
        "metric_name:string",
        "region:string",
        "timestamp:timestamp",
        "price:float",
        name="prices",
        domain="METRICS",
        dataset_type="RELATED_TIME_SERIES",
    )
    record = service.import_data(related, service.put("related/a.csv", "a,north,2020-01-01,9.5\na,,2020-01-01,8\n"))
    assert record.status == "ACTIVE"
    assert record.outcome["FieldStatistics"]["price"]["Max"] == "9.5"
    assert record.outcome["FieldStatistics"]["region"]["CountNull"] == 1
    metadata = service.dataset(
        "item_id:string", "brand:string", name="items", dataset_type="ITEM_METADATA", frequency=None
    )
    record = service.import_data(metadata, service.put("metadata/a.csv", "item_id,brand\na,x\nb,y\nb,z\n"))
    assert record.status == "ACTIVE"
    assert record.facts["row_count"] == 3
    assert record.facts["merged_row_count"] == 1
    assert record.facts["first_timestamp"] is None


def test_an_incremental_import_adds_rows_and_replaces_those_of_the_same_key(service: Service, tmp_path: Path) -> None:
    dataset = service.dataset(*TARGET)
    first = service.import_data(dataset, service.put("a.csv", ROWS), name="first")
    service.records.update(dataset.arn, status="UPDATE_PENDING")
    source = first.request["DataSource"] | {}
    source["S3Config"] = source["S3Config"] | {"Path": service.put("b.csv", "a,2020-01-02,100\nc,2020-01-04,7\n")}
    added = service.create(
        "dataset_import_job",
        "dataset-import-job/sales/second",
        request=first.request | {"DataSource": source, "ImportMode": "INCREMENTAL"},
        parents={"dataset": dataset.arn},
        inputs={"previous": first.arn},
    )
    record = service.run(added)
    assert record.status == "ACTIVE"
    assert rows_of(service, record, tmp_path) == [
        ("a", "2020-01-01", 1.5),
        ("a", "2020-01-02", 100.0),
        ("b", "2020-01-01", 2.0),
        ("c", "2020-01-04", 7.0),
    ]
    assert record.facts["length"] == 4
    assert record.outcome["FieldStatistics"]["target_value"]["Count"] == 4
