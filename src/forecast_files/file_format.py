"""How the caller's files are written."""

import math
from dataclasses import dataclass

from forecast_contract.timestamp_formats import FIRST_YEAR_TOO_LATE, strptime_format, year_of
from forecast_files.schema import Column, Schema
from forecast_language import said

LARGEST_NUMBER = 1e100  # of a column: the engine forecasts no larger ones, and their squares would overflow


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
            return said("a timestamp of the form {form}", form=self.timestamp_format)
        return said("an integer") if column.type == "integer" else said("a number")

    def out_of_bounds(self, column: Column, expression: str) -> str | None:
        """SQL for whether a value, given by ``expression``, is of its column's type and yet refused; None for texts."""
        if column.sql_type == "TIMESTAMP":
            return f"year({expression}) >= {FIRST_YEAR_TOO_LATE}"
        if not column.is_number:
            return None
        fraction = f" OR {expression} <> trunc({expression})" if column.type == "integer" else ""
        return f"NOT isnan({expression}) AND (abs({expression}) > {LARGEST_NUMBER!r}{fraction})"

    def bound_of(self, column: Column, field: str) -> str | None:
        """What a number or timestamp is wanted to be that is out of bounds, for messages; None where it is within."""
        if column.sql_type == "TIMESTAMP":
            is_late = (year_of(field, self.strptime_pattern) or 0) >= FIRST_YEAR_TOO_LATE
            return said("a timestamp before the year {year}", year=FIRST_YEAR_TOO_LATE) if is_late else None
        value = number_of(field)
        if value is None and "_" in field:
            return said("a number")
        if value is None or math.isnan(value):  # a missing value
            return None
        if column.type == "integer" and not value.is_integer():
            return said("an integer")
        if math.isinf(value):
            return said("a finite number")
        return (
            said("a number between -{most:g} and {most:g}", most=LARGEST_NUMBER)
            if abs(value) > LARGEST_NUMBER
            else None
        )


def number_of(field: str) -> float | None:
    """The number that a field holds, as an import reads it; None where it holds none.

    >>> number_of(" 1e3 "), number_of("1_000"), number_of("NA")
    (1000.0, None, None)
    """
    try:
        return None if "_" in field else float(field)
    except ValueError:
        return None
