"""Glue of the embedded AWS, without Spark: crawlers make tables, and a job that cannot run says why."""

import gzip
import json
import re
import time
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from moto import mock_aws

from local_aws.embedded.deployment import Deployment
from local_aws.embedded.glue import raw_table
from local_aws.embedded.glue.spark import DEFAULT_GLUE_VERSION, SparkMissingError, installed_spark, last_sentence
from local_aws.embedded.template import read_template
from tests.local_aws.embedded.test_embedded_aws import ended, eventually

PROJECT = Path(__file__).parents[3]
NOT_INSTALLED = "The Spark of Glue 0.9 is not installed here; `make glue GLUE=0.9` installs it (400 MB)"
CRAWLER = {"Name": "small-crawler", "TablePrefix": ""}


def test_a_crawler_makes_a_table_that_athena_reads(small_stack: Deployment) -> None:
    s3, glue, bucket = small_stack.client("s3"), small_stack.client("glue"), small_stack.outputs["BucketName"]
    crawl(small_stack, {"raw_data/sales.csv": b"timestamp;item_id;sold\n2020/01/01;A;3\n2020/01/02;B;4.5\n"})
    table = glue.get_table(DatabaseName="small-db", Name="raw_data")["Table"]
    columns = [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]
    assert columns == [("timestamp", "string"), ("item_id", "string"), ("sold", "double")]
    assert table["StorageDescriptor"]["Location"] == f"s3://{bucket}/raw_data/"
    assert asked(small_stack, "SELECT count(*), sum(sold) FROM raw_data") == ["2", "7.5"]

    s3.delete_object(Bucket=bucket, Key="raw_data/sales.csv")
    crawl(small_stack, {"raw_data/named.csv": b'timestamp,name\n2020/01/01,"Kim, Lee"\n2020/01/02,"say ""hi"""\n'})
    assert asked(small_stack, "SELECT min(name), max(name) FROM raw_data") == ["Kim, Lee", 'say "hi"']


def crawl(deployment: Deployment, files: dict[str, bytes]) -> None:
    """Put the files and crawl; a crawler that runs already cannot be started."""
    s3, glue = deployment.client("s3"), deployment.client("glue")
    for key, content in files.items():
        s3.put_object(Bucket=deployment.outputs["BucketName"], Key=key, Body=content)
    glue.start_crawler(Name="small-crawler")
    found = eventually(lambda: crawler if (crawler := state(glue))["State"] == "READY" else None)
    assert found["LastCrawl"]["Status"] == "SUCCEEDED", found


def state(glue: Any) -> dict[str, Any]:
    crawler: dict[str, Any] = glue.get_crawler(Name="small-crawler")["Crawler"]
    return crawler


def asked(deployment: Deployment, query: str) -> list[str]:
    """The one row of the answer to an Athena query over small-db."""
    athena, s3 = deployment.client("athena"), deployment.client("s3")
    s3.create_bucket(Bucket="answers")
    started = athena.start_query_execution(
        QueryString=query,
        QueryExecutionContext={"Database": "small-db"},
        ResultConfiguration={"OutputLocation": "s3://answers/"},
    )["QueryExecutionId"]

    def ended_query() -> str | None:
        status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
        return status if status["State"] not in ("QUEUED", "RUNNING") else None

    status = eventually(ended_query)
    assert status["State"] == "SUCCEEDED", status
    _, row = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
    return [cell["VarCharValue"] for cell in row["Data"]]


def test_a_job_without_its_spark_fails_with_the_command_that_installs_it(small_stack: Deployment) -> None:
    glue = small_stack.client("glue")
    script = glue.get_job(JobName="small-job")["Job"]["Command"]["ScriptLocation"]
    bucket, _, key = script.removeprefix("s3://").partition("/")
    assert b"Never runs" in small_stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()

    states = small_stack.client("stepfunctions")
    started = states.start_execution(stateMachineArn=small_stack.outputs["JobMachineArn"])
    execution = ended(small_stack, started["executionArn"])
    assert (execution["status"], execution["error"]) == ("FAILED", "States.TaskFailed")
    run = json.loads(execution["cause"])
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", NOT_INSTALLED)
    assert glue.get_job_run(JobName="small-job", RunId=run["Id"])["JobRun"]["ErrorMessage"] == NOT_INSTALLED


def test_spark_is_looked_for_where_make_glue_puts_it(tmp_path: Path) -> None:
    with pytest.raises(SparkMissingError, match=r"^Spark is not installed here; `make glue` installs it \(400 MB\)$"):
        installed_spark(project=tmp_path)
    (tmp_path / ".venv-glue").mkdir()
    (tmp_path / ".venv-glue" / "ready").touch()
    assert installed_spark("5.1", tmp_path) == tmp_path / ".venv-glue"


@pytest.mark.parametrize(("glue", "spark"), [("glue", "3.5.6"), ("glue-6.0", "4.1.1")])  # Glue 5.1, and 6.0
def test_the_spark_that_is_installed_is_that_of_the_version_of_glue(glue: str, spark: str) -> None:
    locked = (PROJECT / "requirements" / f"{glue}.txt").read_text()
    assert re.findall(r"^pyspark==(\S+)", locked, re.MULTILINE) == [spark]


def test_the_template_asks_for_the_version_that_make_glue_installs() -> None:
    parameters = read_template(PROJECT / "template.yaml")["Parameters"]
    assert parameters["GlueVersion"]["Default"] == DEFAULT_GLUE_VERSION
    assert parameters["GlueVersion"]["AllowedValues"] == ["5.1", "6.0"]


def test_the_last_sentence_of_a_job_is_its_error_not_a_trace_of_the_stack() -> None:
    log, trace = "26/11/26 16:18:40 WARN Loader: no library\n", "Traceback (most recent call last):\n  File\n"
    assert last_sentence(f"{log}{trace}ValueError: why\n\tat x.Y\n") == "ValueError: why"
    assert last_sentence("") == "the job failed and said nothing"


@pytest.fixture
def s3(aws_environment: None) -> Any:
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="raw")
        yield client


def table(s3: Any, files: dict[str, bytes]) -> dict[str, Any] | None:
    for name, content in files.items():
        s3.put_object(Bucket="raw", Key=f"raw_data/{name}", Body=content)
    return raw_table.table_of(s3, "s3://raw/raw_data/", CRAWLER)


def columns(found: dict[str, Any] | None) -> list[tuple[str, str]]:
    assert found is not None
    return [(column["Name"], column["Type"]) for column in found["StorageDescriptor"]["Columns"]]


def test_a_folder_without_files_makes_no_table(s3: Any) -> None:
    assert table(s3, {"_hidden.csv": b"a,b\n1,2\n", "empty.csv": b""}) is None


def test_packed_texts_json_and_parquet_have_their_columns(s3: Any, tmp_path: Path) -> None:
    assert columns(table(s3, {"a.csv.gz": gzip.compress(b"item,sold\nA,1\nB,2\n")})) == [
        ("item", "string"),
        ("sold", "bigint"),
    ]
    s3.delete_object(Bucket="raw", Key="raw_data/a.csv.gz")
    found = table(s3, {"a.jsonl": b'{"item": "A", "sold": 1.5}\n'})
    assert columns(found) == [("item", "string"), ("sold", "double")]
    s3.delete_object(Bucket="raw", Key="raw_data/a.jsonl")
    duckdb.sql(f"COPY (SELECT DATE '2020-01-01' AS day, 1.50::DECIMAL(9,2) AS price) TO '{tmp_path}/a.parquet'")
    found = table(s3, {"a.parquet": (tmp_path / "a.parquet").read_bytes()})
    assert columns(found) == [("day", "date"), ("price", "decimal(9,2)")]


def test_what_athena_would_not_read_right_is_named(s3: Any) -> None:
    with pytest.raises(ValueError, match=r"s3://raw/raw_data/a\.csv: found no UTF-8"):
        table(s3, {"a.csv": "상품,수량\n사과,1\n".encode("euc-kr")})
    with pytest.raises(ValueError, match=r"s3://raw/raw_data/b\.csv: found the columns item, wanted those of"):
        table(s3, {"a.csv": b"item,sold\nA,1\n", "b.csv": b"item\nA\nB\n"})


def test_a_crawler_that_runs_cannot_be_started_again(small_stack: Deployment) -> None:
    glue = small_stack.client("glue")
    error = None
    for _ in range(20):  # one of so many finds it running
        try:
            glue.start_crawler(Name="small-crawler")
        except glue.exceptions.CrawlerRunningException as refusal:
            error = refusal
            break
    assert error is not None
    eventually(lambda: state(glue)["State"] == "READY")
    assert time.time() - state(glue)["LastCrawl"]["StartTime"].timestamp() < 600
