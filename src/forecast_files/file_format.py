"""How the caller's files are written."""

from dataclasses import dataclass

from forecast_contract.timestamp_formats import strptime_format
from forecast_files.schema import Column, Schema


@dataclass(frozen=True)
class FileFormat:
    """The columns of the files, in their order, and the timestamps' format in the API's letters (yyyy-MM-dd)."""

    schema: Schema
    timestamp_format: str

    @property
    def strptime_pattern(self) -> str:
        return strptime_format(self.timestamp_format)

    def wanted(self, column: Column) -> str:
        """What a column holds, for messages."""
        if column.sql_type == "TIMESTAMP":
            return f"a timestamp of the form {self.timestamp_format}"
        return "an integer" if column.type == "integer" else "a number"
