"""The ways people write dates, and how each becomes one that Amazon Forecast reads."""

import re
from dataclasses import dataclass
from datetime import datetime

from forecast_contract.timestamp_formats import DATE, DATE_AND_TIME, strptime_format

OFFSET = r"^\s*(.*\d)[+-]\d\d:?\d\d\s*$"


@dataclass(frozen=True)
class Notation:
    """One way to write a timestamp: its name, and the SQL that reads it (NULL where it does not fit)."""

    name: str
    sql: str
    native: str | None = None  # Amazon Forecast's own name of this format, if it reads it as it stands
    strptime: str | None = None
    digits_only: bool = False  # could be any number, so only a column's name can tell

    def reading(self, column: str) -> str:
        """SQL that gives the timestamp in the (quoted) column."""
        return self.sql.format(column=column)


def _strptime(name: str, pattern: str, native: str | None = None, digits_only: bool = False) -> Notation:
    read = f"try_strptime(trim({{column}}), '{pattern}')"
    in_four_digits = f"CASE WHEN {read} >= TIMESTAMP '1000-01-01' THEN {read} END"  # %Y reads 22 as the year 22
    return Notation(name, in_four_digits, native, pattern, digits_only)


def _with_offset(name: str, pattern: str) -> Notation:
    """A timestamp with +09:00 or the like at its end: read as the clock on the wall, which days and weeks follow."""
    wall_clock = f"try_strptime(regexp_extract({{column}}, '{OFFSET}', 1), '{pattern}')"
    return Notation(name, wall_clock, strptime=f"{pattern}%z")


QUARTER = re.compile(r"^\s*(\d{4})[- ]?[Qq]([1-4])\s*$")
QUARTER_SQL = (
    "CASE WHEN regexp_matches({column}, '^\\s*\\d{{4}}[- ]?[Qq][1-4]\\s*$') THEN make_timestamp("
    "CAST(trim({column})[:4] AS BIGINT), CAST(right(trim({column}), 1) AS BIGINT) * 3 - 2, 1, 0, 0, 0) END"
)
NOTATIONS = (
    _strptime(DATE, strptime_format(DATE), native=DATE),
    _strptime(DATE_AND_TIME, strptime_format(DATE_AND_TIME), native=DATE_AND_TIME),
    _strptime("yyyy-MM-dd HH:mm:ss.f", "%Y-%m-%d %H:%M:%S.%f"),
    _strptime("yyyy-MM-dd HH:mm", "%Y-%m-%d %H:%M"),
    _strptime("yyyy-MM-ddTHH:mm:ss", "%Y-%m-%dT%H:%M:%S"),
    _strptime("yyyy-MM-ddTHH:mm:ssZ", "%Y-%m-%dT%H:%M:%SZ"),
    _strptime("yyyy-MM-ddTHH:mm", "%Y-%m-%dT%H:%M"),
    _with_offset("yyyy-MM-dd HH:mm:ss+hh:mm", "%Y-%m-%d %H:%M:%S"),
    _with_offset("yyyy-MM-ddTHH:mm:ss+hh:mm", "%Y-%m-%dT%H:%M:%S"),
    _strptime("yyyy/MM/dd", "%Y/%m/%d"),
    _strptime("yyyy/MM/dd HH:mm", "%Y/%m/%d %H:%M"),
    _strptime("yyyy/MM/dd HH:mm:ss", "%Y/%m/%d %H:%M:%S"),
    _strptime("dd.MM.yyyy", "%d.%m.%Y"),
    _strptime("dd.MM.yyyy HH:mm", "%d.%m.%Y %H:%M"),
    _strptime("dd.MM.yy", "%d.%m.%y"),
    *(
        _strptime(f"{day}{time}", f"{day_pattern}{time_pattern}")
        for time, time_pattern in (
            ("", ""),
            (" HH:mm", " %H:%M"),
            (" HH:mm:ss", " %H:%M:%S"),
            (" hh:mm AM", " %I:%M %p"),
            (" hh:mm:ss AM", " %I:%M:%S %p"),
        )
        for day, day_pattern in (
            ("dd/MM/yyyy", "%d/%m/%Y"),
            ("MM/dd/yyyy", "%m/%d/%Y"),
            ("dd/MM/yy", "%d/%m/%y"),
            ("MM/dd/yy", "%m/%d/%y"),
        )
    ),
    _strptime("dd MMM yyyy", "%d %b %Y"),
    _strptime("MMM dd, yyyy", "%b %d, %Y"),
    _strptime("yyyy-MM", "%Y-%m"),
    _strptime("yyyy/MM", "%Y/%m"),
    _strptime("yyyy MMM", "%Y %b"),
    _strptime("MMM yyyy", "%b %Y"),
    _strptime("MMM-yy", "%b-%y"),
    Notation("yyyy Qq", QUARTER_SQL),
    _strptime("yyyyMMdd", "%Y%m%d", digits_only=True),
    _strptime("yyyyMM", "%Y%m", digits_only=True),
    _strptime("yyyy", "%Y", digits_only=True),
)


def is_timestamp(text: str) -> bool:
    """Whether the text is a timestamp, and could not be a number as well."""
    return bool(QUARTER.match(text)) or any(
        _reads(notation.strptime, text) for notation in NOTATIONS if notation.strptime and not notation.digits_only
    )


def _reads(pattern: str, text: str) -> bool:
    try:
        datetime.strptime(text.strip(), pattern)
    except ValueError:
        return False
    return True
