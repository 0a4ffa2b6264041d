"""``TimestampFormat``: Java's letters, as the API takes them, and the same in those of strptime."""

import re
from datetime import datetime

DATE = "yyyy-MM-dd"
DATE_AND_TIME = "yyyy-MM-dd HH:mm:ss"  # the default of an import
# Lower-case hh would be the 12-hour clock; the notebooks of AWS use it with 24-hour data, and the service took it.
DATE_AND_TIME_IN_NOTEBOOKS = "yyyy-MM-dd hh:mm:ss"

FIRST_YEAR_TOO_LATE = 9000  # calendars end with 9999, and a forecast of 500 years must end before

_DIRECTIVES = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "hh": "%H", "mm": "%M", "ss": "%S"}
_TOKEN = re.compile(r"'(?P<quoted>[^']*)'|(?P<letters>([A-Za-z])\3*)|(?P<other>[^A-Za-z'])")


def strptime_format(timestamp_format: str) -> str:
    """The strptime pattern of a ``TimestampFormat``. ValueError names a letter that has no meaning here, or has two.

    >>> strptime_format("yyyy-MM-dd hh:mm:ss")
    '%Y-%m-%d %H:%M:%S'
    """
    parts = [_translated(match, timestamp_format) for match in _TOKEN.finditer(timestamp_format)]
    repeated = [letters for letters, directive in _DIRECTIVES.items() if parts.count(directive) > 1]
    if repeated:
        raise ValueError(f"TimestampFormat {timestamp_format}: found {repeated[0]} more than once, wanted it once.")
    return "".join(parts)


def _translated(match: re.Match[str], timestamp_format: str) -> str:
    letters = match["letters"]
    if letters is None:
        return (match["quoted"] if match["quoted"] is not None else match["other"]).replace("%", "%%")
    if letters == "T":
        return "T"
    if letters not in _DIRECTIVES:
        wanted = f"{DATE} or {DATE_AND_TIME}"
        raise ValueError(f"TimestampFormat {timestamp_format}: found {letters}, wanted a form such as {wanted}.")
    return _DIRECTIVES[letters]


def parses(text: str, strptime_pattern: str) -> bool:
    """Whether text is a timestamp of the pattern."""
    return year_of(text, strptime_pattern) is not None


def year_of(text: str, strptime_pattern: str) -> int | None:
    """The year of a timestamp; None where text is no timestamp of the pattern."""
    try:
        return datetime.strptime(text, strptime_pattern).year
    except ValueError:
        return None
