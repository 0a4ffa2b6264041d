"""A file with a column for each month of a year or for each hour of a day, turned into one with a row for each."""

import re
from collections.abc import Callable, Mapping

from forecast_contract.sql import identifier, literal
from local_aws.guessing.rows.heading import unique
from local_aws.guessing.table import Table
from local_aws.guessing.wide_dates import FEWEST, holds_numbers, is_time, turned
from local_aws.notations.calendar_words import MONTH_NUMBERS
from local_aws.notations.column_names import PARTS, says

YEAR = re.compile(r"\s*(?:19|20)\d\d(?:\.0)? ?년?\s*")
MONTH = re.compile(r"(?i)(?P<word>m?)_?(?P<number>1[0-2]|0?[1-9])(?P<end> ?월?)")
HOUR = re.compile(r"(?i)(?P<word>h|he|hour|hr)?[_ ]?(?P<number>2[0-4]|1\d|0?\d)(?P<end>(?: ?시|h|:00(?::00)?)?)")
CLOCK = re.compile(r"(?:[01]?\d|2[0-4]):[0-5]\d(?::00)?")
MONTHS, HOURS, FEWEST_HOURS = 12, 24, 8
Parts = Mapping[str, str]  # column -> the part of a date or a day that it stands for


def parts_across(table: Table) -> tuple[str, Parts] | None:
    """What the columns stand for (month, hour or time), and for which of them each; None if there are none.

    Months need a column of years beside them, hours one of days.
    """
    likely = [
        name for name in table.columns if _month(name.strip()) or _hour(name.strip()) or CLOCK.fullmatch(name.strip())
    ]
    names = [name for name in likely if holds_numbers(table, name)]
    months, hours = _numbered(names, _month, MONTHS, FEWEST), _numbered(names, _hour, HOURS, FEWEST_HOURS)
    clocks = {name: name.strip() for name in names if CLOCK.fullmatch(name.strip())}
    if months and _year_column(table, months):
        return "month", months
    if len({text[-5:] for text in clocks.values()}) > HOURS and _has_days(table, clocks):
        return "time", clocks
    return ("hour", hours) if hours and _has_days(table, hours) else None


def with_parts_down(table: Table, part: str, parts: Parts) -> Table:
    """The table with the columns of the parts in rows: a part and a value, beside all other columns."""
    year = _year_column(table, parts) if part == "month" else None
    others = [name for name in table.columns if name not in parts]
    if year and not says(year, PARTS["year"]):
        *_, as_year = unique([*(name for name in others if name != year), "year"])
        table.connection.execute(f"ALTER TABLE data RENAME {identifier(year)} TO {identifier(as_year)}")
        others[others.index(year)] = as_year
    *_, named, value = unique([*others, part, "value"])
    numbers = ", ".join(f"{literal(name)}: {literal(text)}" for name, text in parts.items())
    return turned(table, tuple(parts), others, (named, value), f"MAP {{{numbers}}}[{identifier(named)}]")


def _numbered(
    names: list[str], number: Callable[[str], tuple[int, bool] | None], most: int, fewest: int
) -> dict[str, str]:
    """Column -> number, for the columns that a pattern reads; bare numbers must be all there are."""
    found = {name: read for name in names if (read := number(name.strip()))}
    worded = {name: str(value) for name, (value, is_worded) in found.items() if is_worded}
    bare = {name: str(value) for name, (value, is_worded) in found.items() if not is_worded}
    if len({*bare.values()}) == most == len(bare):
        return bare
    return worded if fewest <= len({*worded.values()}) == len(worded) else {}


def _month(name: str) -> tuple[int, bool] | None:
    word = MONTH_NUMBERS.get(name.casefold().removesuffix("."))
    match = MONTH.fullmatch(name)
    if word or match is None:
        return (word, True) if word else None
    return int(match["number"]), bool(match["end"])


def _hour(name: str) -> tuple[int, bool] | None:
    match = HOUR.fullmatch(name)
    return (int(match["number"]), bool(match["word"] or match["end"])) if match else None


def _year_column(table: Table, months: Parts) -> str | None:
    """The column of years: one that is called so, or the first of all."""
    years = [
        name
        for place, name in enumerate(table.columns)
        if name not in months
        and (place == 0 or says(name, PARTS["year"]))
        and table.sample[name]
        and all(map(YEAR.fullmatch, table.sample[name]))
    ]
    return years[0] if years else None


def _has_days(table: Table, hours: Parts) -> bool:
    return any(is_time(table.sample[name]) for name in table.columns if name not in hours)
