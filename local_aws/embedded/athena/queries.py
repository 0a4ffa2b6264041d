"""What ministack's Athena must do differently, so that people's SQL and clients run as they do in AWS.

- A query has the functions of Athena's engine (`presto_functions`); `SHOW TABLES`, `SHOW DATABASES` and `DESCRIBE`
  answer from the catalog.
- Results lie under the key that GetQueryExecution names, in a folder even if its closing slash is missing, and where
  the workgroup says if it enforces its settings. They are written as Athena does: a value in quotes, a null as nothing.
- Timestamps have milliseconds, as PyAthena reads them.
- Each region has a database `default`.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlparse

from ministack.services import athena, glue, s3

from forecast_contract.sql import literal
from local_aws.embedded.athena.presto_functions import PARSERS, prepare

SHOW_TABLES = re.compile(r"\s*SHOW\s+TABLES(?:\s+(?:IN|FROM)\s+(\S+?))?(?:\s+'([^']*)')?\s*;?\s*", re.IGNORECASE)
SHOW_DATABASES = re.compile(r"\s*SHOW\s+(?:DATABASES|SCHEMAS)(?:\s+(?:LIKE\s+)?'([^']*)')?\s*;?\s*", re.IGNORECASE)
DESCRIBE = re.compile(r"\s*(?:DESCRIBE|SHOW\s+COLUMNS\s+(?:IN|FROM))\s+(?:(\S+?)\.)?(\S+?)\s*;?\s*", re.IGNORECASE)


def install() -> None:
    """Replace what must be replaced, before the server starts."""
    rewrite, start, handle = athena._rewrite_data_paths, athena._start_query_execution, glue.handle_request
    create_table, attach = glue._create_table, athena._attach_s3_table_buckets

    async def rewrite_data_paths(query: str, database: str, catalog: str | None = None) -> Any:
        asked = catalog_query(query, database) or with_patterns(query)
        rewritten, buckets, folders = await rewrite(asked, database, catalog)
        return rewritten, AskedBuckets(buckets, asked), folders

    def attach_s3_table_buckets(connection: Any, buckets: AskedBuckets) -> None:
        prepare(connection, buckets.query)
        if len(buckets):
            attach(connection, buckets)

    def start_query_execution(data: dict[str, Any]) -> Any:
        return start(with_result_folder(data))

    async def handle_request(*arguments: Any, **named: Any) -> Any:
        _make_default_database()
        return await handle(*arguments, **named)

    def create_table_in_database(data: dict[str, Any]) -> Any:
        _make_default_database()
        return create_table(data)

    athena._rewrite_data_paths = rewrite_data_paths
    athena._attach_s3_table_buckets = attach_s3_table_buckets
    athena._start_query_execution = start_query_execution
    athena._save_query_results = save_query_results
    athena._datum_text = text_of
    athena._DUCKDB_TYPE_MAP["TIMESTAMP WITH TIME ZONE"] = "timestamp with time zone"
    glue.handle_request = handle_request
    glue._create_table = create_table_in_database


class AskedBuckets(dict[str, str]):
    """The table buckets of a query, which are attached to its connection, and the query.

    It is true even if there are none: attaching them is where the connection can be had before the query runs.
    """

    def __init__(self, buckets: dict[str, str], query: str) -> None:
        """Keep both."""
        super().__init__(buckets)
        self.query = query

    def __bool__(self) -> bool:
        return True


def _make_default_database() -> None:
    if "default" not in glue._databases:
        glue._create_database({"DatabaseInput": {"Name": "default", "Description": "Default Hive database"}})


def catalog_query(query: str, database: str) -> str | None:
    """A question about the catalog as a query that holds the answer; None if it is about data."""
    if found := SHOW_TABLES.fullmatch(query):
        place = f"{_name(found[1]) or database}/"
        names = sorted(key.removeprefix(place) for key in glue._tables if key.startswith(place))
        return _rows(["tab_name"], ([name] for name in names if _fits(name, found[2])))
    if found := SHOW_DATABASES.fullmatch(query):
        return _rows(["database_name"], ([name] for name in sorted(glue._databases) if _fits(name, found[1])))
    if found := DESCRIBE.fullmatch(query):
        name = f"{_name(found[1]) or database}/{_name(found[2])}"
        if name not in glue._tables:
            raise ValueError(f"Table '{name.replace('/', '.')}' does not exist")
        table = glue._tables[name]
        columns = [*table["StorageDescriptor"]["Columns"], *table.get("PartitionKeys", [])]
        return _rows(["col_name", "data_type"], ([each["Name"], each.get("Type", "string")] for each in columns))
    return None


def _name(text: str | None) -> str:
    return (text or "").strip('`"').lower()


def _fits(name: str, pattern: str | None) -> bool:
    """Whether a name fits Hive's pattern, in which * is anything and | an alternative."""
    return pattern is None or re.fullmatch(pattern.replace("*", ".*"), name) is not None


def _rows(columns: list[str], rows: Iterable[list[str]]) -> str:
    values = [f"({', '.join(map(literal, row))})" for row in rows]
    listed = f"VALUES {', '.join(values)}" if values else f"SELECT {', '.join(['NULL'] * len(columns))} WHERE false"
    return f"SELECT * FROM ({listed}) AS answer({', '.join(columns)})"


def with_patterns(query: str) -> str:
    """The query with `strptime` for the functions of PARSERS, and their patterns translated."""
    tokens = list(athena._sql_tokens(query))
    edits: list[tuple[int, int, str]] = []
    for number, (kind, text, start, end) in enumerate(tokens[:-1]):
        if kind != "name" or text not in PARSERS or tokens[number + 1][1] != "(":
            continue
        depth, comma = 0, None
        for _, mark, begin, behind in tokens[number + 1 :]:
            depth += (mark == "(") - (mark == ")")
            if mark == "," and depth == 1:
                comma = behind
            if depth == 0 and comma is not None:
                edits += [(start, end, "strptime"), (comma, comma, f" {PARSERS[text]}("), (begin, begin, ")")]
            if depth == 0:
                break
    for start, end, written in sorted(edits, reverse=True):
        query = query[:start] + written + query[end:]
    return query


def with_result_folder(data: dict[str, Any]) -> dict[str, Any]:
    """A StartQueryExecution request that names the folder of its results, as the workgroup wants it."""
    workgroup = athena._workgroups.get(data.get("WorkGroup", "primary"), {}).get("Configuration", {})
    asked = (data.get("ResultConfiguration") or {}).get("OutputLocation")
    own = workgroup.get("ResultConfiguration", {}).get("OutputLocation")
    location = own if own and (workgroup.get("EnforceWorkGroupConfiguration") or not asked) else asked
    return data | {"ResultConfiguration": {"OutputLocation": location.rstrip("/") + "/"}} if location else data


async def save_query_results(query_id: str) -> None:
    """Write the rows of a query that succeeded to the place that GetQueryExecution names."""
    execution = athena._executions[query_id]
    results = execution["_results"]
    lines = (",".join(map(_quoted, row)) + "\n" for row in [results["columns"], *results["rows"]])
    place = urlparse(execution["ResultConfiguration"]["OutputLocation"])
    metadata = "\n".join([",".join(results["columns"]), ",".join(execution["_column_types"])])
    for key, content in ((place.path, "".join(lines)), (f"{place.path}.metadata", metadata)):
        body = content.encode()
        headers = {"content-type": "text/csv", "content-length": str(len(body))}
        status, _, answer = s3._put_object(place.netloc, key.lstrip("/"), body, headers)
        if status >= 300:
            execution["Status"]["State"] = "FAILED"
            execution["Status"]["StateChangeReason"] = f"Results cannot be written to {place.netloc}: {answer!r}"
            return


def _quoted(value: Any) -> str:
    return "" if value is None else '"' + text_of(value).replace('"', '""') + '"'


def text_of(value: Any) -> str:
    """A value as Athena writes it."""
    write = _WRITERS.get(type(value), str)
    return write(value)


def _moment(value: datetime) -> str:
    milliseconds = f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}"
    return milliseconds if value.tzinfo is None else f"{milliseconds} {value.tzname()}"


def _float(value: float) -> str:
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(str(value), str(value))


def _row(value: dict[Any, Any]) -> str:
    return f"{{{', '.join(f'{text_of(key)}={text_of(each)}' for key, each in value.items())}}}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    float: _float,
    datetime: _moment,
    bytes: lambda value: value.hex(" "),
    list: lambda value: f"[{', '.join(map(text_of, value))}]",
    dict: _row,
}
