"""plan_preparation: what the job is told of raw files, one preparation per content, and what is refused without it."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from forecast_pipeline.preparation.plan import DAY_FORMATS, MIDNIGHT_FORMATS, TIME_FORMATS, prepared_folder
from tests.functions.watched_bucket import BUCKET, RAW, Preparation, file_event

TIMESTAMP = {"Name": "timestamp", "From": "timestamp", "Type": "timestamp", "Formats": [*DAY_FORMATS, *TIME_FORMATS]}
SHOP = [
    {
        "DatasetName": "shop",
        "Domain": "RETAIL",
        "DatasetType": "TARGET_TIME_SERIES",
        "DataFrequency": "D",
        "Schema": {
            "Attributes": [
                {"AttributeName": name, "AttributeType": of}
                for name, of in (("item_id", "string"), ("timestamp", "timestamp"), ("demand", "float"))
            ]
        },
    },
    {
        "DatasetName": "prices",
        "Domain": "RETAIL",
        "DatasetType": "RELATED_TIME_SERIES",
        "DataFrequency": "D",
        "Schema": {
            "Attributes": [
                {"AttributeName": name, "AttributeType": of}
                for name, of in (("item_id", "string"), ("timestamp", "timestamp"), ("price", "float"))
            ]
        },
    },
    {
        "DatasetName": "goods",
        "Domain": "RETAIL",
        "DatasetType": "ITEM_METADATA",
        "Schema": {
            "Attributes": [{"AttributeName": name, "AttributeType": "string"} for name in ("item_id", "category")]
        },
    },
]
MEMBERS = {
    "DatasetGroup": {"DatasetGroupName": "shop", "Domain": "RETAIL"},
    "TimestampFormat": "yyyy-MM-dd",
    "Predictor": None,
    "AutoPredictor": {"PredictorName": "shop", "ForecastHorizon": 7, "ForecastFrequency": "D"},
}
MESSY = "날짜;상품;수량;단가;분류\n2018.01.01;사과;1.234,5;2,5;과일\n"
LAYOUT = {
    "Format": {"Encoding": "CP949", "DecimalComma": True, "Thousands": "."},
    "Columns": {
        "timestamp": {"From": "날짜", "Formats": ["yyyy.MM.dd", "dd/MM/yyyy"]},
        "item_id": "상품",
        "demand": "수량",
        "price": "단가",
        "category": "분류",
    },
    "Duplicates": "sum",
}


def shop(preparation: Preparation, raw_data: dict[str, Any], **pipeline: Any) -> None:
    """Parameters of a shop with prices and categories."""
    preparation.bucket.parameters(Datasets=SHOP, Pipeline={"RawData": raw_data} | pipeline, **MEMBERS)


def problem(preparation: Preparation) -> str:
    """The sentence that a start now leads to."""
    document = preparation.document()
    assert "Plan" not in document
    return str(document["Problem"])


def test_the_workshops_raw_file_is_planned_unmodified(
    preparation: Preparation, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = file_event(load_event("plan_preparation")) | {"time": datetime.now(UTC).isoformat()}
    run = preparation.plan(event)["Run"]
    document = preparation.bucket.document(run)
    assert document["Problem"] is None
    assert document["Crawl"] is True
    assert document["Plan"] == {
        "Outputs": [
            {
                "Source": [f"s3://{BUCKET}/raw_data/forecast_data.csv"],
                "Reader": "csv",
                "Format": {"sep": ",", "encoding": "UTF-8"},
                "Target": f"s3://{BUCKET}/{prepared_folder(run)}train/",
                "Columns": [
                    TIMESTAMP | {"Written": "yyyy-MM-dd HH:mm:ss"},
                    {"Name": "target_value", "From": "target_value", "Type": "float", "Optional": True},
                    {"Name": "item_id", "From": "item_id", "Type": "string"},
                ],
                "Keys": ["timestamp", "item_id"],
                "Duplicates": "keep",
            }
        ],
        "Quarantine": f"s3://{BUCKET}/quarantine/{run}/",
        "MaxLeftOutShare": 0.0,
    }
    assert set(document) == set(load_event("replace_train_data"))


def test_events_of_one_drop_and_repeated_ones_start_one_preparation(
    preparation: Preparation, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = file_event(load_event("plan_preparation")) | {"time": datetime.now(UTC).isoformat()}
    first = preparation.plan(event)
    again = preparation.plan(event)
    assert (first["Started"], again["Started"]) == (True, False)
    assert preparation.bucket.executions() == [first["Run"]]
    preparation.bucket.put("raw_data/forecast_data.csv", RAW + b"2018/01/03,item_001,1\n")
    assert preparation.plan(event)["Started"] is True


def test_what_is_no_data_by_its_name_starts_nothing(
    preparation: Preparation, load_event: Callable[[str], dict[str, Any]]
) -> None:
    event = file_event(load_event("plan_preparation"))
    event["detail"]["object"]["key"] = "raw_data/_SUCCESS"
    assert preparation.plan(event) == {
        "Started": False,
        "Reason": "raw_data/_SUCCESS is no data under raw_data/ by its name",
    }


def test_one_raw_file_feeds_all_three_datasets_each_with_its_own_columns(preparation: Preparation) -> None:
    shop(preparation, LAYOUT, MaxLeftOutShare=0.01)
    preparation.bucket.put("raw_data/forecast_data.csv", MESSY.encode("cp949"))
    document = preparation.document()
    plan = document["Plan"]
    assert document["Crawl"] is False  # Athena reads no CP949
    assert plan["MaxLeftOutShare"] == 0.01
    assert [output["Target"].split("/")[-2] for output in plan["Outputs"]] == ["train", "related", "metadata"]
    assert [output["Duplicates"] for output in plan["Outputs"]] == ["sum", "mean", "distinct"]
    assert [output["Keys"] for output in plan["Outputs"]] == [["timestamp", "item_id"]] * 2 + [["item_id"]]
    assert all(output["Format"] == {"sep": ";", "encoding": "x-windows-949"} for output in plan["Outputs"])
    written = {"Formats": ["yyyy.MM.dd", "dd/MM/yyyy"], "Written": "yyyy-MM-dd"}
    number = {"Type": "float", "DecimalComma": True, "Thousands": ".", "Optional": True}
    assert plan["Outputs"][1]["Columns"] == [
        {"Name": "item_id", "From": "상품", "Type": "string"},
        {"Name": "timestamp", "From": "날짜", "Type": "timestamp"} | written,
        {"Name": "price", "From": "단가"} | number,
    ]
    assert plan["Outputs"][2]["Columns"][1] == {
        "Name": "category", "From": "분류", "Type": "string", "Optional": True
    }  # fmt: skip


def test_a_dataset_whose_own_columns_the_raw_file_lacks_is_left_alone(preparation: Preparation) -> None:
    shop(preparation, {})
    preparation.bucket.put("raw_data/forecast_data.csv", b"Item_ID ,demand,timestamp\na,1,2018-01-01\n")
    (output,) = preparation.document()["Plan"]["Outputs"]
    assert [column["From"] for column in output["Columns"]] == ["Item_ID ", "timestamp", "demand"]
    # The file is written with days alone, so an hour that is not midnight is a bad row and no day.
    assert output["Columns"][1]["Formats"] == [*DAY_FORMATS, *MIDNIGHT_FORMATS]


def test_a_column_for_each_date_is_planned_as_wide(preparation: Preparation) -> None:
    preparation.bucket.parameters(Pipeline={"RawData": {"Wide": {"Ids": ["sku"]}, "Columns": {"item_id": "sku"}}})
    preparation.bucket.put("raw_data/forecast_data.csv", b"sku,2018/01/01,2018/01/02\na,1,2\n")
    (output,) = preparation.document()["Plan"]["Outputs"]
    assert output["Wide"] == {"Ids": ["sku"], "Name": "timestamp", "Value": "target_value"}
    assert [column["From"] for column in output["Columns"]] == ["timestamp", "target_value", "sku"]


def test_folders_have_layouts_of_their_own(preparation: Preparation) -> None:
    shop(preparation, {"sales": {"Duplicates": "last", "OrderBy": "seen"}, "prices": {"Columns": {"price": "Preis"}}})
    preparation.bucket.s3.delete_object(Bucket=BUCKET, Key="raw_data/forecast_data.csv")
    sales = b'{"item_id": "a", "timestamp": "2018-01-01"}\n{"demand": 1, "seen": 1}\n'
    preparation.bucket.put("raw_data/sales/a.jsonl.gz", gzip.compress(sales))
    preparation.bucket.put("raw_data/prices/b.tsv", b"item_id\ttimestamp\tPreis\na\t2018-01-01\t2\n")
    prices, sales_output = preparation.document()["Plan"]["Outputs"]
    assert prices["Target"].endswith("/related/prices/")
    assert prices["Format"]["sep"] == "\t"
    assert sales_output["Target"].endswith("/train/sales/")
    assert (sales_output["Reader"], sales_output["Duplicates"], sales_output["OrderBy"]) == ("json", "last", "seen")


def test_columns_that_the_catalogue_has_are_not_crawled_again(preparation: Preparation) -> None:
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": "almanac-db"})
    columns = [{"Name": name, "Type": "string"} for name in ("timestamp", "item_id", "target_value")]
    table: dict[str, Any] = {
        "Name": "train",
        "StorageDescriptor": {"Location": f"s3://{BUCKET}/train/", "Columns": columns},
    }
    glue.create_table(DatabaseName="almanac-db", TableInput=table)  # published; not over raw_data/
    assert preparation.document()["Crawl"] is True
    table["StorageDescriptor"]["Location"] = f"s3://{BUCKET}/raw_data/"
    glue.create_table(DatabaseName="almanac-db", TableInput=table | {"Name": "raw_data"})
    preparation.bucket.put("raw_data/more.csv", RAW)
    assert preparation.document()["Crawl"] is False


def test_appending_plans_new_files_alone_and_refuses_changed_ones(preparation: Preparation) -> None:
    preparation.bucket.parameters(Pipeline={"RawData": {"Mode": "append"}})
    etag = preparation.bucket.s3.head_object(Bucket=BUCKET, Key="raw_data/forecast_data.csv")["ETag"].strip('"')
    manifest = {"Run": "0123456789", "Sources": {"raw_data/forecast_data.csv": etag}}
    preparation.bucket.put("history/prepared.json", json.dumps(manifest).encode())
    assert preparation.plan({}) == {
        "Started": False,
        "Reason": "every file of raw_data/ is in train/ since preparation 0123456789",
    }
    preparation.bucket.put("raw_data/february.csv", RAW)
    (output,) = preparation.document()["Plan"]["Outputs"]
    assert output["Source"] == [f"s3://{BUCKET}/raw_data/february.csv"]
    preparation.bucket.put("raw_data/forecast_data.csv", RAW + RAW)
    assert problem(preparation).startswith("raw_data/forecast_data.csv: found other bytes than preparation 0123456789")


@pytest.mark.parametrize(
    ("raw_data", "sentence"),
    [
        ({"Colums": {}}, "params.json, Pipeline.RawData.Colums: not a known member, did you mean Columns?"),
        (
            {"Columns": {"item_id": "sku"}},
            "raw_data/forecast_data.csv, line 1: found the columns timestamp, item_id, target_value, "
            "wanted sku (Pipeline.RawData.Columns.item_id).",
        ),
        (
            {"north": {}},
            "raw_data/north/: found no files, wanted some, since params.json has Pipeline.RawData.north.",
        ),
    ],
)
def test_a_member_of_raw_data_that_is_wrong_costs_no_job(
    preparation: Preparation, raw_data: dict[str, Any], sentence: str
) -> None:
    preparation.bucket.parameters(Pipeline={"RawData": raw_data})
    assert problem(preparation).startswith(sentence)


def test_a_raw_file_without_the_target_says_what_it_may_be_called(preparation: Preparation) -> None:
    preparation.bucket.put("raw_data/forecast_data.csv", b"timestamp,item_id,qty\n2018/01/01,a,1\n")
    assert problem(preparation) == (
        "raw_data/forecast_data.csv, line 1: found the columns timestamp, item_id, qty, "
        "wanted target_value, or what it is called in Pipeline.RawData.Columns.target_value."
    )


def test_an_empty_file_is_told(preparation: Preparation) -> None:
    preparation.bucket.put("raw_data/b.csv", b"")
    assert problem(preparation) == "raw_data/b.csv: found an empty file, wanted a header and rows of data."


def test_a_missing_params_json_and_missing_raw_files_are_told(preparation: Preparation) -> None:
    preparation.bucket.s3.delete_object(Bucket=BUCKET, Key="raw_data/forecast_data.csv")
    assert problem(preparation) == "raw_data/: found no files, wanted CSV, JSON lines or Parquet."
    preparation.bucket.s3.delete_object(Bucket=BUCKET, Key="params.json")
    assert problem(preparation).startswith("params.json: found no such file in bucket almanac-data")
