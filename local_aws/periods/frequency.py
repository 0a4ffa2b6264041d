"""How often a series is observed, and how far ahead it is sensible to look."""

from dataclasses import dataclass
from pathlib import Path

from forecast_contract.frequencies import UNITS, count_and_unit, mean_seconds
from forecast_language import said
from local_aws.guessing.table import DataError
from local_aws.notations.frequencies import BUSINESS_DAYS
from local_aws.periods.observations import Observations

DAY = UNITS["D"].seconds
CALENDAR = ((28, 31, "M"), (89, 92, "3M"), (180, 184, "6M"), (365, 366, "Y"))  # days from, to
PARTS = {"Y": "year", "M": "month", "W": "week", "D": "day", "H": "hour", "min": "minute"}  # SQL's parts of a date
USUAL_HORIZON = {"H": 24, "D": 14, "W": 8, "M": 12, "3M": 4, "6M": 4, "Y": 4, "30min": 48, "15min": 96, "1min": 60}
LONGEST_HORIZON = 500  # Amazon Forecast's limit, as is a quarter of the history
SHARE_OF_HISTORY = 4


@dataclass(frozen=True)
class Horizon:
    """The periods of the forecast that occur, and with those between them that never do."""

    occurring: int
    in_calendar: int


def guess_frequency(rows: Observations) -> str:
    """The usual step from one observation of a series to its next. DataError if no frequency is that long."""
    path = rows.table.path
    steps = rows.query(
        """SELECT step FROM (
             SELECT date_diff('second', lag(moment) OVER (PARTITION BY series ORDER BY moment), moment) AS step
             FROM (SELECT DISTINCT series, moment FROM observations) AS times
           ) AS steps WHERE step IS NOT NULL GROUP BY step ORDER BY count(*) DESC, step LIMIT 1"""
    )
    if not steps:
        raise DataError(
            said("{file}: no series has two observations, so say its frequency with --frequency", file=path)
        )
    frequency = name_of_step(steps[0][0])
    if frequency is None:
        raise DataError(
            said(
                "{file}: cannot tell the frequency (usual step {seconds} s); say it with --frequency",
                file=path,
                seconds=steps[0][0],
            )
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
    return max(1, min(usual, longest_horizon(length)))


def longest_horizon(length: int) -> int:
    """Steps that Amazon Forecast looks ahead at most after `length` steps of history; 0 if it forecasts none."""
    return min(length // SHARE_OF_HISTORY, LONGEST_HORIZON)


def history_length(rows: Observations, frequency: str) -> int:
    """Steps from the first observation of all to the last, both counted."""
    length: int = rows.one(f"SELECT {step_of(frequency, 'min(moment)', 'max(moment)')} + 1 FROM observations")
    return length


def period_start(frequency: str, moment: str) -> str:
    """SQL for the beginning of the unit of a frequency that a moment lies in: weeks begin on Mondays, as the service's.

    `moment` is SQL too.
    """
    return f"date_trunc('{PARTS[count_and_unit(frequency)[1]]}', {moment})"


def step_of(frequency: str, first: str, moment: str) -> str:
    """SQL for the step that a timestamp lies in, counted from the one that the timestamp `first` lies in."""
    count, unit = count_and_unit(frequency)
    crossed = f"date_diff('{PARTS[unit]}', {period_start(frequency, first)}, {period_start(frequency, moment)})"
    return f"CAST(floor({crossed} / {count}) AS BIGINT)"


def start_of_step(frequency: str, first: str, step: str) -> str:
    """SQL for the moment at which a step begins; the inverse of `step_of`."""
    count, unit = count_and_unit(frequency)
    return f"{period_start(frequency, first)} + {step} * INTERVAL '{count} {PARTS[unit]}'"


def require_business_days(rows: Observations) -> None:
    """DataError if anything was observed on a Saturday or a Sunday."""
    weekend = rows.query(
        "SELECT data.line, _moment FROM data JOIN (SELECT place AS _place, moment AS _moment FROM observations"
        " WHERE isodow(moment) > 5) ON data.rowid = _place ORDER BY data.line LIMIT 1"
    )
    if weekend:
        line, moment = weekend[0]
        raise DataError(
            said(
                "{place}: found {moment:%A, %Y-%m-%d}, wanted Monday to Friday with --frequency {business}",
                place=rows.table.place(line),
                moment=moment,
                business=BUSINESS_DAYS,
            )
        )


def too_few_business_days(rows: Observations) -> DataError:
    """What to raise where the weeks are too few to tell that weekends never occur, since they would be forecast."""
    days = rows.one("SELECT count(DISTINCT date_trunc('day', moment)) FROM observations")
    return DataError(
        said(
            "{file}: found {days} days with rows, wanted four weeks of them with --frequency {business}",
            file=rows.table.path,
            days=days,
            business=BUSINESS_DAYS,
        )
    )


def require_sensible(path: Path, data_frequency: str, frequency: str, horizon: Horizon, history: int) -> None:
    """DataError if the service would surely refuse what was asked for, so that nothing is created in vain."""
    if mean_seconds(frequency) < mean_seconds(data_frequency):
        raise DataError(
            said(
                "{file}: the data have frequency {data_frequency}, and --frequency {frequency} is finer",
                file=path,
                data_frequency=data_frequency,
                frequency=frequency,
            )
        )
    longest = longest_horizon(history)
    if longest < 1:
        raise DataError(
            said(
                "{file}: {history} steps of frequency {frequency}, wanted at least {least}",
                file=path,
                history=history,
                frequency=frequency,
                least=SHARE_OF_HISTORY,
            )
        )
    if horizon.in_calendar > longest:
        between = ""
        if horizon.in_calendar > horizon.occurring:
            between = said(", {steps} with those that never occur,", steps=horizon.in_calendar)
        raise DataError(
            said(
                "{file}: --horizon {horizon}{between} after {history} steps of history, wanted at most {most}",
                file=path,
                horizon=horizon.occurring,
                between=between,
                history=history,
                most=longest,
            )
        )
