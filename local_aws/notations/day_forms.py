"""The ways people write a day, a week, a month, a quarter or a year: one pattern for each."""

from dataclasses import dataclass

from local_aws.notations.calendar_words import MONTH_WORD

YEAR = r"(?P<y>[1-9]\d{3})"
SHORT_YEAR = r"(?P<y>\d{2})"
MONTH = r"(?P<m>1[0-2]|0?[1-9])"
TWO_DIGIT_MONTH = r"(?P<m>1[0-2]|0[1-9])"
DAY = r"(?P<d>3[01]|[12]\d|0?[1-9])"
WORD = rf"(?P<b>{MONTH_WORD})\.?"
QUARTER = r"(?P<q>[1-4])"
WEEK = r"(?P<w>5[0-3]|[1-4]\d|0?[1-9])"
WEEK_LETTER = r"(?:cw|kw|week|wk|w|s)"
THIS_OR_LAST_CENTURY = r"(?P<y>(?:19|20)\d\d)"
SEPARATORS = "-/."


@dataclass(frozen=True)
class DayForm:
    """A way to write a day or a longer period: its name, and a pattern whose groups name the parts.

    Groups: y year, m month, b month in words, d day, q quarter, k half of a year, w week of ISO 8601; x a number of
    days, e one of seconds, l, u, j of milli-, micro- and nanoseconds. `strptime` is the same pattern for strptime.
    """

    name: str
    pattern: str
    strptime: str | None = None
    order: str = ""  # of year, month and day, where numbers in another order look the same
    has_time: bool = True  # a time of day may stand behind it
    of_weeks: bool = False  # could be a month as well, so only a column called week holds it
    is_number: bool = False  # could be any number, so only a column's name can tell


def _numeric(separator: str) -> list[DayForm]:
    """Year, month and day in the orders in which people write them with this separator."""
    s, p = separator, "\\." if separator == "." else separator
    day_first = DayForm(f"dd{s}MM{s}yyyy", f"{DAY}{p}{MONTH}{p}{YEAR}", f"%d{s}%m{s}%Y", "dmy")
    month_first = DayForm(f"MM{s}dd{s}yyyy", f"{MONTH}{p}{DAY}{p}{YEAR}", f"%m{s}%d{s}%Y", "mdy")
    short_day_first = DayForm(f"dd{s}MM{s}yy", f"{DAY}{p}{MONTH}{p}{SHORT_YEAR}", f"%d{s}%m{s}%y", "dmy")
    short_month_first = DayForm(f"MM{s}dd{s}yy", f"{MONTH}{p}{DAY}{p}{SHORT_YEAR}", f"%m{s}%d{s}%y", "mdy")
    return [
        DayForm(f"yyyy{s}MM{s}dd", f"{YEAR}{p}{MONTH}{p}{DAY}", f"%Y{s}%m{s}%d"),
        day_first,
        *([] if s == "." else [month_first]),  # with dots the day comes first, wherever they are written
        short_day_first,
        *([] if s == "." else [short_month_first]),
        DayForm(f"yy{s}MM{s}dd", f"{SHORT_YEAR}{p}{MONTH}{p}{DAY}", f"%y{s}%m{s}%d", "ymd"),
    ]


_ANY_YEAR = r"(?P<y>[1-9]\d{3}|\d{2})"
_DAY_IN_WORDS = r"(?P<d>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er|\.|º)?"
_GAP = "(?:[-/. ]+|[-/. ]*(?: de | of )?)"
FIRST_OF_RANGE = "yyyy-MM-dd~yyyy-MM-dd, the first day"
_TO_ANOTHER_DAY = r"\.? ?(?:~|/| - | to ) ?(?:[1-9]\d{3}[-/.] ?)?\d{1,2}[-/.] ?\d{1,2}\.?"
_DAYS = (
    *(form for separator in SEPARATORS for form in _numeric(separator)),
    DayForm("yyyy_MM_dd", f"{YEAR}_{MONTH}_{DAY}", "%Y_%m_%d"),
    DayForm("yyyy MM dd", f"{YEAR} {MONTH} {DAY}", "%Y %m %d"),
    DayForm(FIRST_OF_RANGE, rf"{YEAR}[-/.] ?{MONTH}[-/.] ?{DAY}{_TO_ANOTHER_DAY}", has_time=False),
    DayForm("yyyy. M. d.", rf"{YEAR}\. ?{MONTH}\. ?{DAY}\.?"),
    DayForm("yy. M. d.", rf"{SHORT_YEAR}\. {MONTH}\. {DAY}\.?"),
    DayForm("yyyy년 M월 d일", rf"{YEAR} ?[년年] ?{MONTH} ?[월月] ?{DAY} ?[일日]"),
    DayForm("yy년 M월 d일", rf"'?{SHORT_YEAR} ?년 ?{MONTH} ?월 ?{DAY} ?일"),
    DayForm("dd MMM yyyy", rf"{_DAY_IN_WORDS}{_GAP}{WORD}[-/., ]*(?:de |del )?{_ANY_YEAR}"),
    DayForm("MMM dd, yyyy", rf"{WORD}[-/ ]*{_DAY_IN_WORDS}(?:, ?|[-/ ]){_ANY_YEAR}"),
    DayForm("yyyy MMM dd", rf"{YEAR}[-/. ]*{WORD}[-/ ]*{DAY}"),
)
_MONTHS = (
    DayForm("yyyy-MM", f"{YEAR}-{MONTH}", "%Y-%m", has_time=False),
    DayForm("yyyy/MM", f"{YEAR}/{MONTH}", "%Y/%m", has_time=False),
    DayForm("yyyy. M.", rf"{YEAR}\. ?{MONTH}\.", has_time=False),
    DayForm("yyyy. M", rf"{YEAR}\. {MONTH}", has_time=False),
    *(DayForm(f"MM{s}yyyy", rf"{MONTH}\{s}{YEAR}", f"%m{s}%Y", has_time=False) for s in SEPARATORS if s != "."),
    DayForm("yyyyMmm", f"{YEAR}[- ]?M{MONTH}", has_time=False),
    DayForm("yyyy년 M월", rf"{YEAR} ?[년年] ?{MONTH} ?[월月]", has_time=False),
    DayForm("yy년 M월", rf"'?{SHORT_YEAR} ?년 ?{MONTH} ?월", has_time=False),
    DayForm("yyyy MMM", rf"{YEAR}[-/. ]*{WORD}", has_time=False),
    DayForm("MMM yyyy", rf"{WORD}[-/., ]*(?:de |del )?{YEAR}", has_time=False),
    DayForm("MMM yy", rf"{WORD}[-/., ]*'?{SHORT_YEAR}", has_time=False),
)
_OTHER_PERIODS = (
    DayForm("yyyy Qq", f"{YEAR}[-/. ]?Q{QUARTER}", has_time=False),
    DayForm("Qq yyyy", f"Q{QUARTER}[-/. ]?{YEAR}", has_time=False),
    DayForm("Qq yy", f"Q{QUARTER}[-/. ]?'?{SHORT_YEAR}", has_time=False),
    DayForm("qQyyyy", f"{QUARTER}Q[-/. ]?{YEAR}", has_time=False),
    DayForm("qQyy", f"{QUARTER}Q[-/. ]?'?{SHORT_YEAR}", has_time=False),
    DayForm("yyyy qQ", f"{YEAR}[-/. ]?{QUARTER}Q", has_time=False),
    DayForm("yy.qQ", rf"'?{SHORT_YEAR}\.{QUARTER}Q", has_time=False),
    DayForm("Quarter q yyyy", rf"(?:Qtr|Quarter)\.? ?{QUARTER}[-/., ]{{1,2}}{YEAR}", has_time=False),
    DayForm("yyyy년 q분기", f"{YEAR}[-/.]? ?년? ?{QUARTER}(?:/4)? ?(?:사)?분기", has_time=False),
    DayForm("yy년 q분기", f"'?{SHORT_YEAR} ?년 ?{QUARTER} ?(?:사)?분기", has_time=False),
    DayForm("yyyy Hh", f"{YEAR}[-/. ]?H(?P<k>[12])", has_time=False),
    DayForm("Hh yyyy", f"H(?P<k>[12])[-/. ]?{YEAR}", has_time=False),
    DayForm("yyyy-Www", f"{YEAR}[-/. ]?{WEEK_LETTER}[-/. ]?{WEEK}", has_time=False),
    DayForm("yyyy-Www-d", f"{YEAR}-?W{WEEK}-(?P<n>[1-7])", has_time=False),
    DayForm("Www yyyy", f"{WEEK_LETTER}[-/. ]?{WEEK}[-/., ]{{1,2}}{YEAR}", has_time=False),
    DayForm("yyyy년 w주", f"{YEAR} ?년 ?(?:제 ?)?{WEEK} ?주차?", has_time=False),
    DayForm("yyyy년", f"{YEAR} ?[년年]", has_time=False),
)
_WEEKS = (
    DayForm("yyyyww", f"{YEAR}(?P<w>5[0-3]|[1-4]\\d|0[1-9])", has_time=False, of_weeks=True, is_number=True),
    DayForm("yyyy-ww", f"{YEAR}[-/. ]{WEEK}", has_time=False, of_weeks=True),
    DayForm("ww/yyyy", f"{WEEK}[-/. ]{YEAR}", has_time=False, of_weeks=True),
)
_TWO = r"(?P<d>3[01]|[12]\d|0[1-9])"
_SHORT_TIME = r"(?P<h>2[0-3]|[01]\d)(?:(?P<i>[0-5]\d)(?P<s>[0-5]\d)?)?"
_NUMBERS = (
    DayForm("yyyyMMdd", f"{THIS_OR_LAST_CENTURY}{TWO_DIGIT_MONTH}{_TWO}(?:\\.0)?", "%Y%m%d", is_number=True),
    DayForm(
        "yyyyMMddHHmmss",
        f"{THIS_OR_LAST_CENTURY}{TWO_DIGIT_MONTH}{_TWO}[T_ -]?{_SHORT_TIME}Z?",
        has_time=False,
        is_number=True,
    ),
    DayForm("ddMMyyyy", f"{_TWO}{TWO_DIGIT_MONTH}{THIS_OR_LAST_CENTURY}", "%d%m%Y", "dmy", is_number=True),
    DayForm("MMddyyyy", f"{TWO_DIGIT_MONTH}{_TWO}{THIS_OR_LAST_CENTURY}", "%m%d%Y", "mdy", is_number=True),
    DayForm(
        "yyyyMM", f"{THIS_OR_LAST_CENTURY}{TWO_DIGIT_MONTH}(?:\\.0)?", "%Y%m", "ym", has_time=False, is_number=True
    ),
    DayForm("yyMMdd", f"{SHORT_YEAR}{TWO_DIGIT_MONTH}{_TWO}", "%y%m%d", "ymd", has_time=False, is_number=True),
    DayForm("yyyy.MM", rf"{THIS_OR_LAST_CENTURY}\.{TWO_DIGIT_MONTH}", has_time=False, is_number=True),
    DayForm("MM.yyyy", rf"{MONTH}\.{THIS_OR_LAST_CENTURY}", has_time=False, is_number=True),
    DayForm("yyyy", THIS_OR_LAST_CENTURY + r"(?:\.0)?", has_time=False, is_number=True),
    DayForm("Excel's days", r"(?P<x>[2-7]\d{4}(?:[.,]\d+)?)", has_time=False, is_number=True),
    DayForm("seconds since 1970", r"(?P<e>\d{9,10})(?:\.\d+)?", has_time=False, is_number=True),
    DayForm("milliseconds since 1970", r"(?P<l>\d{12,13})(?:\.\d+)?", has_time=False, is_number=True),
    DayForm("microseconds since 1970", r"(?P<u>\d{15,16})", has_time=False, is_number=True),
    DayForm("nanoseconds since 1970", r"(?P<j>\d{18,19})", has_time=False, is_number=True),
)
DAY_FORMS = (*_DAYS, *_MONTHS, *_OTHER_PERIODS, *_WEEKS, *_NUMBERS)
