"""How often a series is observed, and how far ahead it is sensible to look."""

from dataclasses import dataclass
from pathlib import Path

from forecast_contract.frequencies import UNITS, count_and_unit, mean_seconds
from forecast_contract.sql import identifier
from local_aws.guessing.roles import Roles
from local_aws.guessing.table import DataError, Table

DAY = UNITS["D"].seconds
CALENDAR = ((28, 31, "M"), (89, 92, "3M"), (180, 184, "6M"), (365, 366, "Y"))  # days from, to
# Unit -> which of SQL's parts of a date it is, and how many of them (weeks begin when the series does, so 7 days).
PARTS = {"Y": ("year", 1), "M": ("month", 1), "W": ("day", 7), "D": ("day", 1), "H": ("hour", 1), "min": ("minute", 1)}
USUAL_HORIZON = {"H": 24, "D": 14, "W": 8, "M": 12, "3M": 4, "6M": 4, "Y": 4, "30min": 48, "15min": 96, "1min": 60}
LONGEST_HORIZON = 500  # Amazon Forecast's limit, as is a quarter of the history
SHARE_OF_HISTORY = 4
RARE, FAR_FROM_ZERO = 0.01, 0.2  # not one value in a hundred is below a fifth of what is usual for its series


def _series(roles: Roles, number: str = "0") -> tuple[str, str]:
    """SQL for the rows as `t`, `number` (given in SQL) and the keys, under names of their own; and those names."""
    names = [f"key_{place}" for place in range(len(roles.keys) + 1)]
    keys = [f"{column} AS {name}" for column, name in zip(("1", *map(identifier, roles.keys)), names, strict=True)]
    moment = roles.notation.reading(identifier(roles.timestamp))
    return f"SELECT {moment} AS t, {number} AS number, {', '.join(keys)} FROM data", ", ".join(names)


def guess_frequency(table: Table, roles: Roles) -> str:
    """The usual step from one observation of a series to its next. DataError if no frequency is that long."""
    rows, keys = _series(roles)
    steps = table.query(
        f"""SELECT step FROM (
              SELECT date_diff('second', lag(t) OVER (PARTITION BY {keys} ORDER BY t), t) AS step FROM (
                SELECT DISTINCT {keys}, t FROM ({rows}) AS rows) AS times
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
    for unit in ("W", "D", "H", "min"):
        count, rest = divmod(seconds, UNITS[unit].seconds)
        if not rest and 1 <= count <= UNITS[unit].largest_count:
            return unit if count == 1 and unit != "min" else f"{count}{unit}"
    return None


def usual_horizon(frequency: str, length: int) -> int:
    """Steps to look ahead after `length` steps: a day of hours, a year of months, or what the history allows."""
    usual = USUAL_HORIZON.get(frequency.removeprefix("1") if frequency != "1min" else frequency, 12)
    return max(1, min(usual, length // SHARE_OF_HISTORY, LONGEST_HORIZON))


def history_length(table: Table, roles: Roles, frequency: str) -> int:
    """Steps from the first observation of all to the last, both counted."""
    reading, (count, unit) = roles.notation.reading(identifier(roles.timestamp)), count_and_unit(frequency)
    name, length = PARTS[unit]
    crossed: int = table.query(f"SELECT date_diff('{name}', min({reading}), max({reading})) FROM data")[0][0]
    return crossed // (length * count) + 1


@dataclass(frozen=True)
class Gaps:
    """Steps without a row: `within` a series, between two rows of it, and `behind` its last row up to the last of all.

    `steps` are all of them, with or without a row, from the first row of each series.
    """

    within: int
    behind: int
    steps: int


def find_gaps(table: Table, roles: Roles, frequency: str) -> Gaps:
    """Count the steps that have no row."""
    (rows, keys), (count, unit) = _series(roles), count_and_unit(frequency)
    name, length = PARTS[unit]
    size = length * count
    gaps = table.query(
        f"""SELECT sum(own - with_row), sum(steps - own), sum(steps) FROM (
              SELECT date_diff('{name}', any_value(first), any_value(last)) // {size} + 1 AS steps,
                     date_diff('{name}', any_value(first), max(t)) // {size} + 1 AS own,
                     count(DISTINCT date_diff('{name}', first, t) // {size}) AS with_row
              FROM (SELECT *, min(t) OVER (PARTITION BY {keys}) AS first, max(t) OVER () AS last
                    FROM ({rows}) AS rows) AS spans GROUP BY {keys}) AS series"""
    )[0]
    return Gaps(*(int(number) for number in gaps))


def zero_is_far_off(table: Table, roles: Roles) -> bool:
    """Whether a step without a row is hardly one with the value zero: no value of any series comes near.

    Where the least value is 1, rows of zeros were probably left out of counts.
    """
    rows, keys = _series(roles, f"try_cast({table.number(identifier(roles.target))} AS DOUBLE)")
    least, near = table.query(
        f"""WITH numbers AS MATERIALIZED ({rows}),
                 usual AS (SELECT {keys}, median(number) AS usual FROM numbers GROUP BY {keys})
            SELECT min(number), avg(CAST(number < {FAR_FROM_ZERO} * usual AS INTEGER))
            FROM numbers JOIN usual USING ({keys})"""
    )[0]
    return least is not None and least > 0 and least != 1 and near < RARE


def step_of(frequency: str, first: str, moment: str) -> str:
    """SQL for the step that a timestamp lies in, counted from the one that the timestamp `first` lies in."""
    count, unit = count_and_unit(frequency)
    name = "week" if unit == "W" else PARTS[unit][0]
    crossed = f"date_diff('{name}', date_trunc('{name}', {first}), date_trunc('{name}', {moment}))"
    return f"CAST(floor({crossed} / {count}) AS BIGINT)"


def require_sensible(path: Path, data_frequency: str, frequency: str, horizon: int, history: int) -> None:
    """DataError if the service would surely refuse what was asked for, so that nothing is created in vain."""
    if mean_seconds(frequency) < mean_seconds(data_frequency):
        raise DataError(f"{path}: the data have frequency {data_frequency}, and --frequency {frequency} is finer")
    longest = min(history // SHARE_OF_HISTORY, LONGEST_HORIZON)
    if longest < 1:
        raise DataError(f"{path}: {history} steps of frequency {frequency}, wanted at least {SHARE_OF_HISTORY}")
    if horizon > longest:
        raise DataError(f"{path}: --horizon {horizon} after {history} steps of history, wanted at most {longest}")
