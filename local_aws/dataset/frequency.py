"""How often a series is observed, and how far ahead it is sensible to look."""

from local_aws.dataset.roles import Roles
from local_aws.dataset.table import DataError, Table, quoted

MINUTE, HOUR, DAY = 60, 3600, 86400
CALENDAR = ((28, 31, "M"), (89, 92, "3M"), (180, 184, "6M"), (365, 366, "Y"))  # days from, to
DAYS_OF_UNIT = {"Y": 365.25, "M": 30.44, "W": 7.0, "D": 1.0, "H": 1 / 24, "min": 1 / 1440}
USUAL_HORIZON = {"H": 24, "D": 14, "W": 8, "M": 12, "3M": 4, "6M": 4, "Y": 4, "30min": 48, "15min": 96, "1min": 60}
LONGEST_HORIZON = 500  # Amazon Forecast's limit, as is a quarter of the history
SHARE_OF_HISTORY = 4


def guess_frequency(table: Table, roles: Roles) -> str:
    """The usual step from one observation of a series to its next. DataError if no frequency is that long."""
    keys = ", ".join(["1", *(quoted(key) for key in roles.keys)])
    steps = table.query(
        f"""SELECT step FROM (
              SELECT date_diff('second', lag(t) OVER (PARTITION BY {keys} ORDER BY t), t) AS step FROM (
                SELECT DISTINCT {keys}, {roles.notation.reading(quoted(roles.timestamp))} AS t FROM data) AS times
            ) AS steps WHERE step IS NOT NULL GROUP BY step ORDER BY count(*) DESC, step LIMIT 1"""
    )
    if not steps:
        raise DataError(f"{table.path}: no series has two observations, so say its frequency with --frequency")
    frequency = name_of_step(steps[0][0])
    if frequency is None:
        raise DataError(
            f"{table.path}: cannot tell the frequency (usual step {steps[0][0]} s); say it with --frequency"
        )
    return frequency


def name_of_step(seconds: int) -> str | None:
    """Amazon's name of the frequency with this step, None if there is none."""
    for low, high, name in CALENDAR:
        if low * DAY <= seconds <= high * DAY and seconds % DAY == 0:
            return name
    for unit, length, most in (("W", 7 * DAY, 4), ("D", DAY, 6), ("H", HOUR, 23), ("min", MINUTE, 59)):
        count, rest = divmod(seconds, length)
        if not rest and 1 <= count <= most:
            return unit if count == 1 and unit != "min" else f"{count}{unit}"
    return None


def usual_horizon(frequency: str, length: int) -> int:
    """Steps to look ahead after `length` steps: a day of hours, a year of months, or what the history allows."""
    return max(1, min(USUAL_HORIZON.get(frequency, 12), length // SHARE_OF_HISTORY, LONGEST_HORIZON))


def history_length(table: Table, roles: Roles, frequency: str) -> int:
    """Steps from the first observation of all to the last, about."""
    reading = roles.notation.reading(quoted(roles.timestamp))
    days = table.query(f"SELECT date_diff('second', min({reading}), max({reading})) FROM data")[0][0] / DAY
    count = int("".join(c for c in frequency if c.isdigit()) or 1)
    unit = frequency.lstrip("0123456789")
    return round(days / (count * DAYS_OF_UNIT[unit])) + 1
