"""The tables ``train``, ``forecast`` and ``item_models`` of the Glue catalog, which Athena and QuickSight read."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import TableInputTypeDef, TableTypeDef

# What a table that is read has of what can be written.
TABLE_INPUT_MEMBERS = ("Name", "Description", "Owner", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")
STACK_MARK = "almanac_stack"  # the parameter of a table that names the stack which made it
TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
TEXT_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


@dataclass(frozen=True)
class Catalog:
    """The database of a stack's tables, and what tells its tables from those of others."""

    database: str
    stack: str
    bucket: str

    def owns(self, table: "TableTypeDef") -> bool:
        """Whether the stack made a table. One without a mark is its own if it lies in its bucket: older ones do."""
        mark = table.get("Parameters", {}).get(STACK_MARK)
        location = table.get("StorageDescriptor", {}).get("Location", "")
        return mark == self.stack or (mark is None and location.startswith(f"s3://{self.bucket}/"))


def csv_table(name: str, types: Mapping[str, str], location: str, has_header: bool) -> "TableInputTypeDef":
    """A table over CSV files without quotes; ``has_header`` skips the first line of every file.

    Hive has two readers of CSV files. The one that understands quotes (OpenCSVSerde) reads neither dates nor empty
    numbers, takes a backslash for an escape, and no reader takes a line break within a value: quoted files are copied.
    """
    definition = _table(name, types, location, "csv")
    definition["StorageDescriptor"] |= {
        "InputFormat": TEXT_INPUT,
        "OutputFormat": TEXT_OUTPUT,
        "SerdeInfo": {"SerializationLibrary": TEXT_SERDE, "Parameters": {"field.delim": ","}},
    }
    if has_header:
        definition["Parameters"] = {**definition["Parameters"], "skip.header.line.count": "1"}
    return definition


def parquet_table(name: str, types: Mapping[str, str], location: str) -> "TableInputTypeDef":
    """A table over Parquet files, whose values may hold anything."""
    definition = _table(name, types, location, "parquet")
    definition["StorageDescriptor"] |= {
        "InputFormat": f"{PARQUET}.MapredParquetInputFormat",
        "OutputFormat": f"{PARQUET}.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": f"{PARQUET}.serde.ParquetHiveSerDe"},
    }
    return definition


@contextlib.contextmanager
def tables_in_place(
    client: "GlueClient", catalog: Catalog, definitions: Sequence["TableInputTypeDef"]
) -> Iterator[None]:
    """Create the tables, or bring those that are there up to date; where the block fails, these are as they were.

    ValueError names a table that the stack did not make; then none is touched.
    """
    present = {each["Name"]: _present(client, catalog.database, each["Name"]) for each in definitions}
    for name, table in present.items():
        if table is not None and not catalog.owns(table):
            place = table.get("StorageDescriptor", {}).get("Location", "no place in S3")
            raise ValueError(
                f"Glue table {catalog.database}.{name}: found one over {place} that the stack {catalog.stack} did not "
                "make, wanted none or its own; give the stack another DatabaseName, or the table another name"
            )
    try:
        for each in definitions:
            marked: TableInputTypeDef = {**each, "Parameters": {**each["Parameters"], STACK_MARK: catalog.stack}}
            if present[each["Name"]] is None:
                client.create_table(DatabaseName=catalog.database, TableInput=marked)
            else:
                client.update_table(DatabaseName=catalog.database, TableInput=marked, SkipArchive=True)
        yield
    except Exception:
        for table in present.values():
            if table is not None:
                kept: Any = {member: table[member] for member in TABLE_INPUT_MEMBERS if member in table}  # type: ignore[literal-required]
                client.update_table(DatabaseName=catalog.database, TableInput=kept, SkipArchive=True)
        raise


def _table(name: str, types: Mapping[str, str], location: str, classification: str) -> "TableInputTypeDef":
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": classification, "EXTERNAL": "TRUE"},
        "StorageDescriptor": {
            "Columns": [{"Name": column.lower(), "Type": each} for column, each in types.items()],
            "Location": location,
        },
    }


def _present(client: "GlueClient", database: str, name: str) -> "TableTypeDef | None":
    try:
        return client.get_table(DatabaseName=database, Name=name)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "EntityNotFoundException":
            return None
        raise
