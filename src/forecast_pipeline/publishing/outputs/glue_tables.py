"""The tables of the Glue catalog that lie over the files of one run, which Athena and QuickSight read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from forecast_language import said

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import TableInputTypeDef, TableTypeDef

# What a table that is read has of what can be written.
TABLE_INPUT_MEMBERS = ("Name", "Description", "Owner", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")
STACK_MARK = "almanac_stack"  # the parameter of a table that names the stack which made it
RUN_MARK = "almanac_run"  # and the one that names the run whose rows it holds
NOT_FOUND = "EntityNotFoundException"
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


class CatalogTables:
    """The tables of a catalog that publishing makes, reads and puts back."""

    def __init__(self, client: "GlueClient", catalog: Catalog) -> None:
        """Nothing is read or written yet."""
        self.client = client
        self.catalog = catalog

    def present(self, names: Iterable[str]) -> dict[str, dict[str, Any] | None]:
        """Name -> what can be written of the table that is there, or None; ValueError names one of another owner."""
        found = {name: self._find(name) for name in names}
        for name, table in found.items():
            if table is not None and not self.catalog.owns(table):
                raise ValueError(
                    said(
                        "Glue table {table}: found one over {place} that the stack {stack} did not make, wanted none or"
                        " its own; give the stack another DatabaseName, or the table another name",
                        table=f"{self.catalog.database}.{name}",
                        place=table.get("StorageDescriptor", {}).get("Location", said("no place in S3")),
                        stack=self.catalog.stack,
                    )
                )
        return {
            name: None if table is None else {each: table[each] for each in TABLE_INPUT_MEMBERS if each in table}  # type: ignore[literal-required]
            for name, table in found.items()
        }

    def put(self, definition: "TableInputTypeDef", run_id: str) -> None:
        """Make a table, or bring the one that is there up to date, as the stack's and the run's."""
        marks = {STACK_MARK: self.catalog.stack, RUN_MARK: run_id}
        self.put_back({**definition, "Parameters": {**definition.get("Parameters", {}), **marks}})

    def put_back(self, definition: Any) -> None:
        """Make a table what ``present`` said of it; called twice, it changes nothing."""
        try:
            self.client.update_table(DatabaseName=self.catalog.database, TableInput=definition, SkipArchive=True)
        except ClientError as error:
            if error.response["Error"]["Code"] != NOT_FOUND:
                raise
            self.client.create_table(DatabaseName=self.catalog.database, TableInput=definition)

    def remove(self, name: str) -> None:
        """Delete a table; one that is not there is deleted already."""
        try:
            self.client.delete_table(DatabaseName=self.catalog.database, Name=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != NOT_FOUND:
                raise

    def run_of(self, name: str) -> str:
        """The run that a table is of, in words for a mail."""
        try:
            table = self._find(name)
        except ClientError as error:
            return said("unknown ({code})", code=error.response["Error"]["Code"])
        if table is None:
            return said("nothing is there")
        run = table.get("Parameters", {}).get(RUN_MARK)
        return said("of run {run}", run=run) if run else said("of an earlier run")

    def _find(self, name: str) -> "TableTypeDef | None":
        try:
            return self.client.get_table(DatabaseName=self.catalog.database, Name=name)["Table"]
        except ClientError as error:
            if error.response["Error"]["Code"] == NOT_FOUND:
                return None
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
