"""Athena on the laptop: its engine's functions, its catalog, and results as its clients read them."""

import csv
import io
from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from local_aws.embedded.athena import queries
from local_aws.embedded.athena.presto_functions import prepare
from local_aws.embedded.deployment import Deployment
from tests.local_aws.athena_queries import ask, content

# An expression as people write it for Athena, and what Trino's documentation says it is.
EXPRESSIONS: dict[str, Any] = {
    "date_parse('2014-01-02 03:04:05', '%Y-%m-%d %H:%i:%s')": datetime(2014, 1, 2, 3, 4, 5),
    "date_parse('02-January-14', '%d-%M-%y')": datetime(2014, 1, 2),
    "DATE_PARSE(concat('2014', '/1/', '2'), '%Y/%c/%e')": datetime(2014, 1, 2),
    "date_format(timestamp '2014-01-02 03:04:05', '%Y%m%d %H:%i:%s')": "20140102 03:04:05",
    "date_format(date_parse('2014-01-02', '%Y-%m-%d'), '%M %W %T')": "January Thursday 00:00:00",
    "parse_datetime('2014-01-02 03:04', 'yyyy-MM-dd HH:mm')": datetime(2014, 1, 2, 3, 4),
    "format_datetime(timestamp '2014-01-02 13:04:05', 'd MMM yyyy, hh:mm a')": "2 Jan 2014, 01:04 PM",
    "format_datetime(timestamp '2014-01-02 13:04:05', 'yyyy-MM-dd''T''HH:mm:ss')": "2014-01-02T13:04:05",
    "date_add('month', 1, timestamp '2014-01-31 00:00:00')": datetime(2014, 2, 28),
    "date_add('day', -1, date '2014-01-01')": datetime(2013, 12, 31),
    "date_add('quarter', 2, timestamp '2014-01-01 00:00:00')": datetime(2014, 7, 1),
    "date_diff('day', timestamp '2014-01-01 12:00:00', timestamp '2014-01-02 11:00:00')": 0,
    "date_diff('month', date '2014-01-31', date '2014-03-01')": 1,
    "date_diff('hour', timestamp '2014-01-01 00:30:00', timestamp '2014-01-01 02:00:00')": 1,
    "date_trunc('month', timestamp '2014-01-31 05:00:00')": datetime(2014, 1, 1),
    "from_unixtime(1388534400)": datetime(2014, 1, 1),
    "to_unixtime(timestamp '2014-01-01 00:00:00')": 1388534400.0,
    "from_iso8601_timestamp('2014-01-01T09:00:00+09:00')": datetime(2014, 1, 1),
    "from_iso8601_date('2014-01-02')": date(2014, 1, 2),
    "day_of_week(date '2014-01-05')": 7,
    "day_of_year(date '2014-02-01')": 32,
    "week_of_year(date '2014-01-05')": 1,
    "year_of_week(date '2012-01-01')": 2011,
    "last_day_of_month(date '2012-02-01')": date(2012, 2, 29),
    'json_extract_scalar(\'{"a": {"b": "x"}}\', \'$.a.b\')': "x",
    'json_extract_scalar(\'{"a": {"b": "x"}}\', \'$.a\')': None,
    "json_format(json_parse('[1]'))": "[1]",
    "json_size('{\"a\": [1, 2, 3]}', '$.a')": 3,
    "json_array_get('[4, 5]', 1)": "5",
    "regexp_like('Seoul 2014', '\\d{4}')": True,
    "regexp_extract('item-42', '(\\w+)-(\\d+)', 2)": "42",
    "regexp_extract('item', '\\d+')": None,
    "regexp_replace('a1b2', '\\d')": "ab",
    "regexp_replace('a1b2', '([a-z])(\\d)', '$2$1')": "1a2b",
    "split_part('a:b:c', ':', 2)": "b",
    "split('a,b', ',')": ["a", "b"],
    "strpos('abc', 'c')": 3,
    "levenshtein_distance('kitten', 'sitting')": 3,
    "to_hex(to_utf8('AB'))": "4142",
    "try_cast('seven' AS integer)": None,
    "try(1 / 0)": None,
    "if(1 = 1, 'yes', 'no')": "yes",
    "7 / 2": 3,
    "7 / 2.0": 3.5,
    "truncate(-1.5)": -1,
    "width_bucket(5.0, 0, 10, 5)": 3,
    "is_nan(nan())": True,
    "round(e(), 4)": 2.7183,
    "cardinality(array[1, 2, 3])": 3,
    "element_at(array[1, 2], 3)": None,
    "element_at(map(array['a'], array[5]), 'a')": 5,
    "sequence(1, 5, 2)": [1, 3, 5],
    "sequence(date '2014-01-01', date '2014-01-02', interval '1' day)": [datetime(2014, 1, 1), datetime(2014, 1, 2)],
    "array_join(array[1, NULL, 3], '-')": "1-3",
    "array_join(array[1, NULL, 3], '-', 'x')": "1-x-3",
    "array_sort(array[3, 1, 2])": [1, 2, 3],
    "array_max(array[3, 1, 2])": 3,
    "array_remove(array[1, 2, 1], 1)": [2],
    "slice(array[1, 2, 3, 4], 2, 2)": [2, 3],
    "filter(array[1, 2, 3], x -> x > 1)": [2, 3],
    "contains(array[1, 2], 2)": True,
}
# Over the numbers 1 to 101 as x.
AGGREGATES: dict[str, Any] = {
    "approx_percentile(x, 0.5)": 51,
    "approx_percentile(x, array[0.1, 0.9])": [11, 91],
    "approx_distinct(x)": 101,
    "arbitrary(1)": 1,
    "count_if(x > 100)": 1,
    "every(x > 0)": True,
    "max_by(x, -x)": 1,
    "round(geometric_mean(2 * x / x), 6)": 2,
    "element_at(map_agg(x, x + 1), 3)": 4,
}


def value(sql: str) -> Any:
    """The one value of a query, as the embedded AWS runs it."""
    with duckdb.connect() as connection:
        asked = queries.with_patterns(sql)
        prepare(connection, asked)
        ((found,),) = connection.execute(asked).fetchall()
        return found


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_function_of_athenas_engine_gives_what_trino_gives(expression: str) -> None:
    assert value(f"SELECT {expression}") == EXPRESSIONS[expression]


@pytest.mark.parametrize("expression", AGGREGATES)
def test_an_aggregate_of_athenas_engine_gives_what_trino_gives(expression: str) -> None:
    assert value(f"SELECT {expression} FROM UNNEST(sequence(1, 101)) AS t(x)") == AGGREGATES[expression]


@pytest.fixture
def results(small_stack: Deployment) -> dict[str, Any]:
    """Where results go; without the closing slash, as people write it."""
    return {"ResultConfiguration": {"OutputLocation": f"s3://{small_stack.outputs['BucketName']}/results"}}


def test_results_lie_where_the_execution_says_and_look_like_athenas(
    small_stack: Deployment, results: dict[str, Any]
) -> None:
    text = "'say \"hi\",\n\\there' AS text"
    sql = f"SELECT 1 AS n, NULL AS nothing, {text}, timestamp '2014-01-02 03:04:05' AS t, true AS b"
    execution = ask(small_stack, sql, **results)
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    name = f"{execution['QueryExecutionId']}.csv"
    assert (
        execution["ResultConfiguration"]["OutputLocation"]
        == f"{results['ResultConfiguration']['OutputLocation']}/{name}"
    )
    written = content(small_stack, execution)
    assert written == ('"n","nothing","text","t","b"\n"1",,"say ""hi"",\n\\there","2014-01-02 03:04:05.000","true"\n')
    assert next(csv.DictReader(io.StringIO(written, newline="")))["text"] == 'say "hi",\n\\there'
    page = small_stack.client("athena").get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    assert page["Rows"][1]["Data"][1] == {}
    assert page["Rows"][1]["Data"][3] == {"VarCharValue": "2014-01-02 03:04:05.000"}
    assert [each["Type"] for each in page["ResultSetMetadata"]["ColumnInfo"]][3:] == ["timestamp", "boolean"]


def test_a_workgroup_that_enforces_its_settings_decides_where_results_go(
    small_stack: Deployment, results: dict[str, Any]
) -> None:
    place = f"s3://{small_stack.outputs['BucketName']}/of-the-workgroup/"
    configuration = {"EnforceWorkGroupConfiguration": True, "ResultConfiguration": {"OutputLocation": place}}
    small_stack.client("athena").create_work_group(Name="strict", Configuration=configuration)
    execution = ask(small_stack, "SELECT 1", WorkGroup="strict", **results)
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(place)


def test_the_database_default_is_there_and_the_catalog_answers(
    small_stack: Deployment, results: dict[str, Any]
) -> None:
    glue = small_stack.client("glue")
    assert "default" in [each["Name"] for each in glue.get_databases()["DatabaseList"]]
    glue.create_database(DatabaseInput={"Name": "shop-db"})
    for name in ("sales", "prices"):
        storage = {"Columns": [{"Name": "day", "Type": "date"}], "Location": "s3://nowhere/"}
        glue.create_table(DatabaseName="shop-db", TableInput={"Name": name, "StorageDescriptor": storage})
    answers = {
        "SHOW TABLES": '"tab_name"\n"prices"\n"sales"\n',
        "show tables in `shop-db` 's*'": '"tab_name"\n"sales"\n',
        "SHOW TABLES IN default": '"tab_name"\n',
        "SHOW DATABASES LIKE 'shop*'": '"database_name"\n"shop-db"\n',
        "DESCRIBE sales": '"col_name","data_type"\n"day","date"\n',
        'SELECT count(*) AS rows FROM "shop-db".sales': '"rows"\n"0"\n',
    }
    for sql, answer in answers.items():
        execution = ask(small_stack, sql, database="shop-db", **results)
        assert content(small_stack, execution) == answer, sql
    failed = ask(small_stack, "DESCRIBE nothing", database="shop-db", **results)
    assert failed["Status"]["StateChangeReason"] == "Table 'shop-db.nothing' does not exist"


def test_a_table_is_made_of_a_query_as_awswrangler_asks_for_it(
    small_stack: Deployment, results: dict[str, Any]
) -> None:
    bucket = small_stack.outputs["BucketName"]
    sql = (
        'CREATE TABLE "default"."temp_table_1"\nWITH(\n    external_location = \'s3://BUCKET/temp_table_1\',\n'
        "    format = 'PARQUET')\nAS SELECT sum(x) AS total, max(d) AS day, ARRAY['a'] AS list FROM (VALUES "
        "(1, date '2014-01-02'), (2, date '2014-01-01')) AS t(x, d)"
    ).replace("BUCKET", bucket)
    execution = ask(small_stack, sql, **results)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    table = small_stack.client("glue").get_table(DatabaseName="default", Name="temp_table_1")["Table"]
    columns = [(each["Name"], each["Type"]) for each in table["StorageDescriptor"]["Columns"]]
    assert columns == [("total", "bigint"), ("day", "date"), ("list", "string")]
    manifest = execution["Statistics"]["DataManifestLocation"].removeprefix(f"s3://{bucket}/")
    (path,) = small_stack.client("s3").get_object(Bucket=bucket, Key=manifest)["Body"].read().decode().split()
    assert path.startswith(f"s3://{bucket}/temp_table_1/")
    read = ask(small_stack, "SELECT total, day FROM temp_table_1", **results)
    assert content(small_stack, read) == '"total","day"\n"3","2014-01-02"\n'
    again = ask(small_stack, sql, **results)
    assert again["Status"]["StateChangeReason"] == "Table 'default.temp_table_1' already exists"
