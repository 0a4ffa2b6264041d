"""The ways people write timestamps, and how each becomes one that Amazon Forecast reads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from forecast_contract.sql import literal
from forecast_contract.timestamp_formats import DATE, DATE_AND_TIME
from local_aws.notations.calendar_words import AFTER_NOON, BEFORE_NOON, MONTH_NUMBERS, WEEKDAY_WORD, ZONE_WORD
from local_aws.notations.day_forms import DAY_FORMS, FIRST_OF_RANGE, DayForm

NATIVE = (DATE, DATE_AND_TIME)  # Amazon Forecast reads these as they stand
OF_DAY = (  # a time of day: a and p say which half of the day, h the hour, i the minute, s the second
    rf"(?:(?P<a>{BEFORE_NOON}|{AFTER_NOON}) ?)?(?P<h>2[0-4]|1\d|0?\d)"
    r"(?:(?P<c> ?[:시h]) ?(?:(?P<i>[0-5]?\d)분?(?: ?:? ?(?P<s>[0-5]?\d)초?(?P<f>[.,]\d+)?)?)?)?"
    rf"(?: ?(?P<p>{BEFORE_NOON}|{AFTER_NOON}))?"
)
ZONE = (
    rf"(?: ?(?P<z>Z|[-+]\d\d(?::?\d\d)?|(?:{ZONE_WORD})(?:[-+]\d{{1,2}}(?::?\d\d)?)?)?"
    r"(?: ?\[?(?P<r>[A-Z]\w+/\w+)\]?)?)?"
)
BEFORE = rf"(?:(?P<g>{WEEKDAY_WORD})(?:[., ]+))?"
BEHIND = rf"(?P<v>\.? ?\((?:{WEEKDAY_WORD})\)|[ ,.]+(?:{WEEKDAY_WORD}))?"
AS_TEXT = "'?"  # what makes a text of a cell in Excel
FAST = re.compile(r"\s*[-/.\d]+(?:[T ](?:[01]?\d|2[0-3]):\d\d(?::\d\d)?)?\s*")  # what strptime reads
JOINT = r"(?P<t>T|,? +|:)"
SHOWN_SHAPES = 3
LETTERS = {"y": "y", "m": "M", "b": "M", "d": "d", "q": "q", "k": "h", "w": "w", "n": "e"}
MONTH_LETTERS = 3  # of a month in words
SHORT_YEAR_LIMIT = 69  # of strptime: 68 is 2068, 69 is 1969


@dataclass(frozen=True)
class Notation:
    """One way to write a timestamp: its name, and the SQL that reads it (NULL where it does not fit)."""

    name: str
    sql: str  # with {column}
    form: DayForm | None = None  # None: of several columns
    zone: str = ""  # as it is written in the file; the clock is read as it stands

    @property
    def native(self) -> str | None:
        """Amazon Forecast's own name of this format, if it reads it as it stands."""
        return self.name if self.name in NATIVE else None

    def reading(self, column: str) -> str:
        """SQL that gives the timestamp in the (quoted) column."""
        return self.sql.replace("{column}", column)


@dataclass(frozen=True)
class Grammar:
    """The texts of one form of a day, with whatever may stand around it: a day of the week, a time, a zone."""

    form: DayForm

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        behind = rf"{BEHIND}(?:{JOINT}{OF_DAY}{ZONE})?" if self.form.has_time else ""
        return re.compile(rf"(?i)\s*{AS_TEXT}{BEFORE}(?P<o>{self.form.pattern}){behind}\s*")

    @cached_property
    def day(self) -> re.Pattern[str]:
        """The day alone, which takes a tenth of the time to compile, and which most texts lack."""
        return re.compile(rf"(?i){self.form.pattern}")

    def fits(self, text: str) -> bool:
        """Whether the text is written so; whether there is such a day is not looked at."""
        return self.day.search(text) is not None and self.pattern.fullmatch(text) is not None

    def notation(self, texts: Sequence[str]) -> Notation:
        """The notation of these texts, which all fit."""
        matches = [match for text in texts if (match := self.pattern.fullmatch(text))]
        shapes = {_shape_of(match) for match in matches}
        day = ("EEE " if any(match["g"] for match in matches) else "") + self._name_of_day(matches)
        shown = sorted(shapes, key=lambda shape: (len(shape), shape))[:SHOWN_SHAPES]
        name = " or ".join(day + shape for shape in shown)
        zones = sorted({_zone_of(match) for match in matches} - {""}) if self.form.has_time else []
        is_float = self.form.is_number and any(text.rstrip().endswith(".0") for text in texts)
        fast = self._fast_sql(shapes, is_float=is_float) if all(map(FAST.fullmatch, texts)) else None
        sql = fast or self._sql(matches)
        return Notation(name, sql, self.form, ", ".join(zones))

    def _name_of_day(self, matches: Sequence[re.Match[str]]) -> str:
        """The form's name, or the first text with letters for its numbers where people write the form in many ways."""
        if self.form.strptime or self.form.is_number or self.form.name == FIRST_OF_RANGE:
            return self.form.name
        name, start = matches[0]["o"], matches[0].start("o")
        spans = [(*matches[0].span(group), group) for group in "ymbdqkwn" if group in self.pattern.groupindex]
        for begin, end, group in sorted(spans, reverse=True):
            shortest = min(len(match[group]) for match in matches)
            letters = LETTERS[group] * (MONTH_LETTERS if group == "b" else shortest)
            name = name[: begin - start] + letters + name[end - start :]
        return name

    def _fast_sql(self, shapes: set[str], *, is_float: bool) -> str | None:
        """SQL of strptime, which takes a third of a pattern's time; None where one pattern of it does not do."""
        if len(shapes) > 1 or self.form.strptime is None or is_float:
            return None
        times = {"": "", " HH:mm": " %H:%M", " HH:mm:ss": " %H:%M:%S", "THH:mm": "T%H:%M", "THH:mm:ss": "T%H:%M:%S"}
        shape = next(iter(shapes))
        if shape not in times:
            return None
        read = f"try_strptime(trim({{column}}), '{self.form.strptime}{times[shape]}')"
        if "%Y" not in self.form.strptime:
            return read
        return f"CASE WHEN {read} >= TIMESTAMP '1000-01-01' THEN {read} END"  # %Y reads 22 as the year 22

    def _sql(self, matches: Sequence[re.Match[str]]) -> str:
        """SQL of a pattern, with no more in it than these texts have: patterns of everything take long to prepare."""
        seen = {group for match in matches for group, text in match.groupdict().items() if text}
        time = f"(?:{JOINT}{OF_DAY}{ZONE if seen & {'z', 'r'} else ''})?" if "t" in seen else ""
        before, behind = BEFORE if "g" in seen else "", BEHIND if "v" in seen else ""
        pattern = re.compile(rf"(?i)^\s*{AS_TEXT}{before}{self.form.pattern}{behind}{time}\s*$")
        groups = sorted(pattern.groupindex, key=pattern.groupindex.__getitem__)
        names = ", ".join(f"'{group}'" for group in groups)
        parts = f"regexp_extract({{column}}, {literal(pattern.pattern)}, [{names}])"
        time = f" + {time_of_day_sql('parts', groups)}" if "h" in groups else ""
        return f"list_transform([{parts}], lambda parts: {day_sql('parts', groups)}{time})[1]"


def _shape_of(match: re.Match[str]) -> str:
    """How the time of day behind a day is written, in the letters of formats."""
    groups = match.groupdict()
    weekday = " (EEE)" if groups.get("v") else ""
    if not groups.get("t"):
        return weekday
    half = groups["a"] or groups["p"]
    hour, blank = ("hh" if half else "HH"), weekday + ("T" if groups["t"] == "T" else " ")
    korean = (groups["c"] or "").strip() == "시"
    minute = ("시 mm분" if korean else ":mm") if groups["i"] else "시" * korean
    second = (" ss초" if korean else ":ss") if groups["s"] else ""
    second += ".f" if groups["f"] else ""
    zone = (groups["z"] or "").strip()
    shown = "Z" if zone.upper() == "Z" else "+hh:mm" if zone[:1] in ("+", "-") else f" {zone}" if zone else ""
    shown += f" {groups['r']}" if groups["r"] else ""
    if half and groups["a"]:
        return f"{blank}오전 {hour}{minute}{second}{shown}"
    return f"{blank}{hour}{minute}{second}{' AM' if half else ''}{shown}"


def _zone_of(match: re.Match[str]) -> str:
    """The zone as it is written; offsets are all one, since they change with the season."""
    zone = (match["z"] or "").strip()
    return match["r"] or ("+hh:mm" if zone[:1] in ("+", "-") else zone)


def day_sql(parts: str, groups: Sequence[str]) -> str:
    """SQL for the first moment of the day or the period whose parts the struct `parts` holds; NULL if there is none."""
    counted = _counted_sql(parts, groups)
    if counted:
        return counted
    year = f"{parts}.y"
    century = f"CASE WHEN {year} < '{SHORT_YEAR_LIMIT}' THEN '20' ELSE '19' END"
    year = f"CASE WHEN length({year}) = 2 THEN {century} || {year} ELSE {year} END"
    if "w" in groups:
        return _week_sql(year, f"{parts}.w", f"{parts}.n" if "n" in groups else "1")
    month = f"{parts}.m" if "m" in groups else "'1'"
    if "b" in groups:
        month = f"CAST({_month_numbers()}[lower({parts}.b)] AS VARCHAR)"
    if "q" in groups:
        month = f"CAST(try_cast({parts}.q AS BIGINT) * 3 - 2 AS VARCHAR)"
    if "k" in groups:
        month = f"CAST(try_cast({parts}.k AS BIGINT) * 6 - 5 AS VARCHAR)"
    day = f"{parts}.d" if "d" in groups else "'1'"
    return f"try_strptime(({year}) || '-' || {month} || '-' || {day}, '%Y-%m-%d')"


def _counted_sql(parts: str, groups: Sequence[str]) -> str | None:
    """SQL for a moment that is a number of days since 1899 or of seconds or parts of them since 1970."""
    if "x" in groups:
        days = f"try_cast(replace({parts}.x, ',', '.') AS DOUBLE)"
        return f"TIMESTAMP '1899-12-30' + to_seconds(CAST(round({days} * 86400) AS BIGINT))"
    counts = {"e": "to_seconds({})", "l": "to_milliseconds({})", "u": "to_microseconds({})"}
    counts["j"] = "to_microseconds({} // 1000)"
    found = next((group for group in counts if group in groups), None)
    return found and f"TIMESTAMP '1970-01-01' + {counts[found].format(f'try_cast({parts}.{found} AS BIGINT)')}"


def _month_numbers() -> str:
    """SQL for a map from a word to the number of its month."""
    return "MAP {" + ", ".join(f"'{word}': {number}" for word, number in MONTH_NUMBERS.items()) + "}"


def _week_sql(year: str, week: str, weekday: str) -> str:
    """SQL for a day of a week of ISO 8601: the week that holds January 4 is the first. NULL for a week 53 too many."""
    first = f"date_trunc('week', try_strptime(({year}) || '-01-04', '%Y-%m-%d'))"
    monday = f"({first} + to_days(CAST(try_cast({week} AS BIGINT) * 7 - 7 AS INTEGER)))"
    is_one = f"isoyear({monday}) = try_cast({year} AS BIGINT)"
    day = f"{monday} + to_days(CAST(try_cast({weekday} AS BIGINT) - 1 AS INTEGER))"
    return f"CASE WHEN {is_one} THEN CAST({day} AS TIMESTAMP) END"


def time_of_day_sql(parts: str, groups: Sequence[str]) -> str:
    """SQL for the time since midnight whose parts (of OF_DAY) the struct holds; an empty part is 0."""
    hour, minute, second = (
        f"coalesce(try_cast({parts}.{name} AS BIGINT), 0)" if name in groups else "0" for name in "his"
    )
    if "a" in groups:
        half = f"lower({parts}.a || {parts}.p)"
        after = f"CASE WHEN regexp_full_match({half}, '{AFTER_NOON}') THEN 12 ELSE 0 END"
        hour = f"(CASE {half} WHEN '' THEN {hour} ELSE {hour} % 12 + {after} END)"
    return f"to_seconds({hour} * 3600 + {minute} * 60 + {second})"


GRAMMARS = tuple(Grammar(form) for form in DAY_FORMS)


def grammars_of(texts: Sequence[str], share: float, *, numbers: bool, weeks: bool) -> list[Grammar]:
    """The grammars that fit more than this share of the texts.

    `numbers` lets in those whose texts could be any number, `weeks` those whose weeks could be months as well.
    """
    fitting = []
    for grammar in GRAMMARS:
        form = grammar.form
        if (form.is_number and not numbers) or (form.of_weeks and not weeks):
            continue
        if sum(map(grammar.fits, texts[:20])) <= share / 2 * len(texts[:20]):
            continue
        if sum(map(grammar.fits, texts)) > share * len(texts):
            fitting.append(grammar)
    of_weeks = [grammar for grammar in fitting if grammar.form.of_weeks]
    return of_weeks or fitting


def is_timestamp(text: str) -> bool:
    """Whether the text is a timestamp, and could not be a number as well."""
    return bool(grammars_of([text], 0, numbers=False, weeks=False))


def in_native_form(notation: Notation, time_format: str) -> Notation:
    """The same notation by name, for a column that has been rewritten in one of Amazon Forecast's two formats."""
    pattern = "%Y-%m-%d" if time_format == DATE else "%Y-%m-%d %H:%M:%S"
    return replace(notation, sql=f"try_strptime({{column}}, '{pattern}')")
