"""The tables ``train``, ``forecast`` and ``item_models`` of the Glue catalog, which Athena and QuickSight read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from forecast_pipeline.publishing.exports.finished_run import FinishedRun

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import ColumnTypeDef, SerDeInfoTypeDef, TableInputTypeDef

# LazySimpleSerDe reads typed columns but takes quotes for a part of the value; OpenCSVSerde understands quotes but can
# read neither dates nor empty numbers. So quoted files become a table of strings, which the dashboards' SQL casts.
PLAIN_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
QUOTED_SERDE = "org.apache.hadoop.hive.serde2.OpenCSVSerde"

GLUE_TYPES = {"string": "string", "integer": "bigint", "float": "double", "geolocation": "string"}
MODEL_TYPES = {"model": "string", "season": "bigint", "form": "string", "weight": "double", "note": "string"}


@dataclass(frozen=True)
class CsvFolder:
    """A folder of CSV files as a table sees it."""

    location: str
    has_header: bool  # every file begins with a header line, so each file's first line is skipped
    has_quotes: bool


def table_definition(
    run: FinishedRun, name: str, folder: CsvFolder, extra_columns: Sequence[str] = ()
) -> "TableInputTypeDef":
    """A table over CSV files: the schema's attributes in order, then further string columns.

    The target is a double in both tables, whatever the schema says, since a forecast of whole numbers is none.
    """
    return _definition(name, folder, _columns(run, extra_columns, folder.has_quotes))


def item_models_definition(run: FinishedRun, name: str, folder: CsvFolder) -> "TableInputTypeDef":
    """The table over what made the forecast of each item: key columns as strings, then those of the file."""
    types = dict.fromkeys(run.key_columns, "string")
    types |= {column: MODEL_TYPES[member] for member, column in run.item_models_columns.items()}
    return _definition(name, folder, _typed(types, folder.has_quotes))


def _definition(name: str, folder: CsvFolder, columns: list["ColumnTypeDef"]) -> "TableInputTypeDef":
    parameters = {"classification": "csv", "EXTERNAL": "TRUE"}
    if folder.has_header:
        parameters["skip.header.line.count"] = "1"
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "StorageDescriptor": {
            "Columns": columns,
            "Location": folder.location,
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": _serde(folder.has_quotes),
        },
    }


def _serde(has_quotes: bool) -> "SerDeInfoTypeDef":
    if has_quotes:
        parameters = {"separatorChar": ",", "quoteChar": '"', "escapeChar": "\\"}
        return {"SerializationLibrary": QUOTED_SERDE, "Parameters": parameters}
    return {"SerializationLibrary": PLAIN_SERDE, "Parameters": {"field.delim": ","}}


def put_table(client: "GlueClient", database: str, definition: "TableInputTypeDef") -> None:
    """Create the table, or bring an existing one up to date; a new account's missing database is made on the way."""
    try:
        client.update_table(DatabaseName=database, TableInput=definition, SkipArchive=True)
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityNotFoundException":
            raise
        _create_database_unless_exists(client, database)
        client.create_table(DatabaseName=database, TableInput=definition)


def _columns(run: FinishedRun, extra_columns: Sequence[str], all_strings: bool) -> list["ColumnTypeDef"]:
    types = {name: GLUE_TYPES.get(attribute_type, "string") for name, attribute_type in run.attributes}
    types[run.timestamp_column] = "date" if run.daily_timestamps else "timestamp"
    types[run.target_column] = "double"
    types |= dict.fromkeys(extra_columns, "string")
    return _typed(types, all_strings)


def _typed(types: dict[str, str], all_strings: bool) -> list["ColumnTypeDef"]:
    return [{"Name": name.lower(), "Type": "string" if all_strings else each} for name, each in types.items()]


def _create_database_unless_exists(client: "GlueClient", database: str) -> None:
    try:
        client.create_database(DatabaseInput={"Name": database})
    except ClientError as error:
        if error.response["Error"]["Code"] != "AlreadyExistsException":
            raise
