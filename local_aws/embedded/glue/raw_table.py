"""The table that a crawler makes of a folder of files: how they are written, and names and types of their columns."""

import re
import tempfile
import zlib
from pathlib import Path
from typing import Any

import duckdb

from forecast_contract.sql import literal

Document = dict[str, Any]
HEAD_BYTES = 1_000_000
MOST_FILES = 10  # the heads that are looked at
HIVE_TYPES = {"BIGINT": "bigint", "INTEGER": "int", "DOUBLE": "double", "FLOAT": "float", "BOOLEAN": "boolean"}
OF_PARQUET = HIVE_TYPES | {"DATE": "date", "TIMESTAMP": "timestamp"}  # in texts, Glue leaves dates as strings
HIVE = "org.apache.hadoop.hive"
TEXT = ("org.apache.hadoop.mapred.TextInputFormat", f"{HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat")
PARQUET = (f"{HIVE}.ql.io.parquet.MapredParquetInputFormat", f"{HIVE}.ql.io.parquet.MapredParquetOutputFormat")


def table_of(s3: Any, path: str, crawler: Document) -> Document | None:
    """The TableInput of the files below the path; None if there are none.

    Raises ValueError, with the file's address, where a file is no UTF-8, or has other columns than the first.
    """
    bucket, _, prefix = path.removeprefix("s3://").partition("/")
    keys = _keys(s3, bucket, prefix)
    if not keys:
        return None
    with tempfile.TemporaryDirectory() as folder:
        looked_at = [(key, _form(_local_head(s3, bucket, key, Path(folder)), key)) for key in keys[:MOST_FILES]]
    form = looked_at[0][1]
    for key, other in looked_at[1:]:
        if [column["Name"] for column in other["Columns"]] != [column["Name"] for column in form["Columns"]]:
            found = ", ".join(column["Name"] for column in other["Columns"])
            wanted = ", ".join(column["Name"] for column in form["Columns"])
            raise ValueError(f"s3://{bucket}/{key}: found the columns {found}, wanted those of {keys[0]}: {wanted}")
    parameters = {"UPDATED_BY_CRAWLER": crawler["Name"], "objectCount": str(len(keys))} | form["Parameters"]
    name = crawler.get("TablePrefix", "") + re.sub(r"\W", "_", prefix.strip("/").split("/")[-1].lower() or bucket)
    input_format, output_format = form["Formats"]
    storage = {
        "Location": f"s3://{bucket}/{prefix}",
        "InputFormat": input_format,
        "OutputFormat": output_format,
        "Columns": form["Columns"],
        "SerdeInfo": form["Serde"],
    }
    return {"Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": parameters, "StorageDescriptor": storage}


def _keys(s3: Any, bucket: str, prefix: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", []) if item["Size"]]
    return sorted(key for key in keys if not re.search(r"(^|/)[_.]", key[len(prefix) :]))


def _local_head(s3: Any, bucket: str, key: str, folder: Path) -> Path:
    """A file with how the object begins, unpacked, in whole lines; all of it where it is Parquet."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    name = key.rpartition("/")[2].lower()
    local = folder / f"head{Path(name.removesuffix('.gz')).suffix}"
    if local.suffix == ".parquet":
        local.write_bytes(body.read())
        return local
    head = body.read(HEAD_BYTES)
    if name.endswith(".gz"):
        head = zlib.decompressobj(31).decompress(head, HEAD_BYTES)  # 31: gzip's wrapping
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    try:
        whole_lines.decode()
    except UnicodeDecodeError:
        raise ValueError(f"s3://{bucket}/{key}: found no UTF-8, which is all that Athena reads") from None
    local.write_bytes(whole_lines.removeprefix(b"\xef\xbb\xbf"))
    return local


def _form(head: Path, key: str) -> Document:
    if head.suffix == ".parquet":
        columns = _answer(f"DESCRIBE SELECT * FROM read_parquet({literal(head)})")
        serde = {"SerializationLibrary": f"{HIVE}.ql.io.parquet.serde.ParquetHiveSerDe", "Parameters": {}}
        return _described("parquet", PARQUET, _typed(columns, OF_PARQUET), serde, {})
    if head.suffix in (".json", ".jsonl", ".ndjson"):
        columns = _answer(f"DESCRIBE SELECT * FROM read_json_auto({literal(head)})")
        serde = {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {}}
        return _described("json", TEXT, _typed(columns, HIVE_TYPES), serde, {})
    return _csv_form(head, key)


def _csv_form(head: Path, key: str) -> Document:
    """OpenCSVSerde takes quotes off, and knows texts alone; LazySimpleSerDe has types, and leaves quotes on."""
    query = f"SELECT Delimiter, HasHeader, Columns FROM sniff_csv({literal(head)}, sample_size=20000)"
    try:
        delimiter, header, columns = _answer(query)[0]
    except duckdb.Error:
        raise ValueError(f"{key}: found a file that cannot be read as CSV") from None
    parameters = {"delimiter": delimiter} | ({"skip.header.line.count": "1"} if header else {})
    names = [(column["name"], column["type"]) for column in columns]
    if b'"' in head.read_bytes():
        options = {"separatorChar": delimiter, "quoteChar": '"', "escapeChar": '"'}
        serde = {"SerializationLibrary": f"{HIVE}.serde2.OpenCSVSerde", "Parameters": options}
        return _described("csv", TEXT, _typed(names, {}), serde, parameters)
    serde = {"SerializationLibrary": f"{HIVE}.serde2.lazy.LazySimpleSerDe", "Parameters": {"field.delim": delimiter}}
    return _described("csv", TEXT, _typed(names, HIVE_TYPES), serde, parameters)


def _typed(columns: list[Any], types: dict[str, str]) -> list[Document]:
    found = []
    for name, kind, *_ in columns:
        decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind) if types is OF_PARQUET else None
        hive = f"decimal({decimal[1]},{decimal[2]})" if decimal else types.get(kind, "string")
        found.append({"Name": name.lower(), "Type": hive})
    return found


def _described(
    classification: str, formats: tuple[str, str], columns: list[Document], serde: Document, parameters: Document
) -> Document:
    parameters = {"classification": classification} | parameters
    return {"Formats": formats, "Columns": columns, "Serde": serde, "Parameters": parameters}


def _answer(query: str) -> list[Any]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()
