"""Timestamps that stand in several columns: year and month, date and hour, date and time."""

import re
from collections.abc import Mapping, Sequence

from forecast_contract.sql import identifier, literal
from local_aws.guessing.table import Table
from local_aws.notations.calendar_words import MONTH_WORD
from local_aws.notations.column_names import PARTS, says
from local_aws.notations.timestamps import OF_DAY, Notation, day_sql, time_of_day_sql

MOST = 0.9
PERIODS = ("quarter", "month", "week")  # of a year
FIELDS = {  # part -> its group in a timestamp's parts, and how it is written
    "year": ("y", r"((?:19|20)\d\d)(?:\.0)? ?년?"),
    "quarter": ("q", r"Q? ?([1-4])(?:\.0)? ?(?:Q|(?:사)?분기)?"),
    "month": ("m", r"(1[0-2]|0?[1-9])(?:\.0)? ?월?"),
    "week": ("w", r"(?:cw|kw|week|w)? ?(5[0-3]|[1-4]\d|0?[1-9])(?:\.0)? ?주?차?"),
    "day": ("d", r"(3[01]|[12]\d|0?[1-9])(?:\.0)? ?일?"),
    "hour": ("h", r"(2[0-4]|1\d|0?\d)(?:\.0)?(?: ?시|h|:00)?"),
    "minute": ("i", r"([0-5]?\d)(?:\.0)? ?분?"),
}
MONTH_IN_WORDS = ("b", rf"({MONTH_WORD})\.?")
TIME_OF_DAY = re.compile(rf"(?i)\s*{OF_DAY}\s*")
Found = tuple[tuple[str, ...], Notation]


def in_several_columns(samples: Mapping[str, Sequence[str]]) -> Found | None:
    """The columns of a year and of what lies within it; None if there are none."""
    parts = {part: column for part in FIELDS if (column := _column_of(part, samples))}
    period = next((part for part in PERIODS if part in parts), None)
    if "year" not in parts or period is None:
        return None
    chosen = {"year": parts["year"], period: parts[period]}
    for part in ("day", "hour", "minute"):
        if part not in parts or (part == "day" and period != "month"):
            break
        chosen[part] = parts[part]
    return _notation(chosen, samples)


def with_time_of_day(table: Table, samples: Mapping[str, Sequence[str]], name: str, notation: Notation) -> Found:
    """The day in the column, with the time in another if there is one that keeps the rows of one day apart."""
    columns: tuple[str, ...]
    has_time = notation.form is None or not notation.form.has_time or any(":" in text for text in samples[name])
    if has_time and not (notation.form and notation.form.name == "yyyyMMdd"):
        return (name,), notation
    others = {other: texts for other, texts in samples.items() if other != name}
    clocks = [other for other, texts in others.items() if says(other, PARTS["time"]) and is_time_of_day(texts)]
    hours = {part: column for part in ("hour", "minute") if (column := _column_of(part, others))}
    if clocks:
        columns, time, words = (name, clocks[0]), time_of_day_sql(*_struct_of(clocks[0])), "a time"
    elif "hour" in hours:
        columns, time, words = (name, *hours.values()), time_of_day_sql(*_parts(hours, others)), " and ".join(hours)
    else:
        return (name,), notation
    if not _keeps_apart(table, columns):
        return (name,), notation
    return columns, Notation(f"{notation.name} and {words}", f"({notation.sql} + {time})", None, notation.zone)


def is_time_of_day(texts: Sequence[str]) -> bool:
    """Whether these are times such as 13:05 or 오후 1시, and no mere numbers."""
    times = sum(not text.strip().isdigit() and TIME_OF_DAY.fullmatch(text) is not None for text in texts)
    return times > MOST * len(texts)


def _column_of(part: str, samples: Mapping[str, Sequence[str]]) -> str | None:
    """The first column that is called so and holds nothing else."""
    patterns = [FIELDS[part][1], *([MONTH_IN_WORDS[1]] if part == "month" else [])]
    for name, texts in samples.items():
        fits = any(all(re.fullmatch(rf"(?i)\s*{pattern}\s*", text) for text in texts) for pattern in patterns)
        if texts and fits and says(name, PARTS[part]):
            return name
    return None


def _notation(columns: dict[str, str], samples: Mapping[str, Sequence[str]]) -> Found:
    parts, groups = _parts(columns, samples)
    day = day_sql(parts, groups)
    sql = f"({day} + {time_of_day_sql(parts, groups)})" if "h" in groups else day
    return (*columns.values(),), Notation(" and ".join(columns), sql)


def _parts(columns: Mapping[str, str], samples: Mapping[str, Sequence[str]]) -> tuple[str, list[str]]:
    """SQL for a struct of the parts that stand in these columns, and the names of its fields."""
    fields = {}
    for part, column in columns.items():
        group, pattern = FIELDS[part]
        if part == "month" and not re.fullmatch(rf"\s*{pattern}\s*", samples[column][0]):
            group, pattern = MONTH_IN_WORDS
        whole = literal(rf"(?i)^\s*{pattern}\s*$")
        text = f"regexp_extract({identifier(column)}, {whole}, 1)"
        fields[group] = text if part in ("year", *PERIODS, "day") else f"nullif({text}, '')"
    return f"struct_pack({', '.join(f'{group} := {text}' for group, text in fields.items())})", [*fields]


def _struct_of(column: str) -> tuple[str, list[str]]:
    """SQL for the parts of a time of day in a column, and their names."""
    groups = sorted(TIME_OF_DAY.groupindex, key=TIME_OF_DAY.groupindex.__getitem__)
    names = ", ".join(f"'{group}'" for group in groups)
    pattern = TIME_OF_DAY.pattern.replace("(?i)", "(?i)^") + "$"
    return f"regexp_extract({identifier(column)}, {literal(pattern)}, [{names}])", groups


def _keeps_apart(table: Table, columns: Sequence[str]) -> bool:
    """Whether a day has rows of several times: an hour that goes with the day says something of the day."""
    day, listed = identifier(columns[0]), ", ".join(map(identifier, columns))
    days, moments = table.query(
        f"SELECT (SELECT count(*) FROM (SELECT DISTINCT {day} FROM data)),"
        f" (SELECT count(*) FROM (SELECT DISTINCT {listed} FROM data))"
    )[0]
    return bool(moments > days)
