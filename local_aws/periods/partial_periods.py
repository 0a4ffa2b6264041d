"""The first and the last period of a forecast that is coarser than its data: a week of two days is no week."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from forecast_contract.frequencies import count_and_unit, mean_seconds
from forecast_language import counted, said
from local_aws.periods.frequency import PARTS, history_length, start_of_step, step_of
from local_aws.periods.observations import Observations

FEWEST_PERIODS = 4  # that must remain
EPOCH = "TIMESTAMP '1970-01-05'"  # a Monday


NOUNS: dict[str, Callable[[int], str]] = {
    "Y": lambda count: counted("year", "years", count),
    "M": lambda count: counted("month", "months", count),
    "W": lambda count: counted("week", "weeks", count),
    "D": lambda count: counted("day", "days", count),
    "H": lambda count: counted("hour", "hours", count),
    "min": lambda count: counted("minute", "minutes", count),
}


@dataclass(frozen=True)
class PartialPeriod:
    """A period that holds fewer `steps` of the data than the `whole` of it; `rows` of the file lie in it."""

    place: str  # first or last
    start: datetime
    steps: int
    whole: int
    unit: str  # of the steps
    rows: int
    is_kept: bool

    @property
    def sentence(self) -> str:
        """What is missing, and what becomes of it."""
        start = str(self.start).removesuffix(" 00:00:00")
        known: dict[str, object] = {"start": start, "steps": self.steps, "whole": self.whole, "unit": self.unit}
        holds = (
            said("the first period, from {start}, holds {steps} of {whole} {unit}", **known)
            if self.place == "first"
            else said("the last period, from {start}, holds {steps} of {whole} {unit}", **known)
        )
        if self.is_kept:
            return said("partial     {holds}: is kept", holds=holds)
        return said(
            "partial     {holds}: its {rows} rows are left out  (--keep-partial keeps them)",
            holds=holds,
            rows=self.rows,
        )


def leave_out_partial_periods(
    rows: Observations, data_frequency: str, frequency: str, *, keep: bool
) -> list[PartialPeriod]:
    """The last and the first period where they are not whole; their rows are left out unless they are kept."""
    step = data_frequency
    if mean_seconds(step) >= mean_seconds(frequency):
        if not _holds_several_days(rows, frequency):
            return []
        step = "D"  # rows of any time, such as receipts, fill a week when they fill its days
    partial, periods = [], history_length(rows, frequency)
    first, last = rows.query("SELECT min(moment), max(moment) FROM observations")[0]
    for place, moment in (("last", last), ("first", first)):
        start, end = _period_of(rows, frequency, first, moment)
        beyond = "m > moment" if place == "last" else "m < moment"
        whole, lacking = _steps(rows, step, moment, (start, end), beyond)
        if not lacking:
            continue
        periods -= 1
        condition = f"moment >= TIMESTAMP '{start}' AND moment < TIMESTAMP '{end}'"
        is_kept = keep or periods < FEWEST_PERIODS
        count = rows.one(f"SELECT count(*) FROM observations WHERE {condition}")
        if not is_kept:
            rows.leave_out(condition)
        partial.append(PartialPeriod(place, start, whole - lacking, whole, _noun(step, whole), count, is_kept))
    return partial


def _holds_several_days(rows: Observations, frequency: str) -> bool:
    """Whether a period of more than a day holds rows of one series on more than one day."""
    if mean_seconds(frequency) <= mean_seconds("D"):
        return False
    several = rows.query(
        f"""SELECT 1 FROM observations GROUP BY series, {step_of(frequency, EPOCH, "moment")}
            HAVING count(DISTINCT date_trunc('day', moment)) > 1 LIMIT 1"""
    )
    return bool(several)


def _period_of(rows: Observations, frequency: str, first: datetime, moment: datetime) -> tuple[datetime, datetime]:
    """Where the period that holds a moment begins, and where the next one does."""
    begin, there = f"TIMESTAMP '{first}'", f"TIMESTAMP '{moment}'"
    step = step_of(frequency, begin, there)
    starts = [f"CAST({start_of_step(frequency, begin, number)} AS TIMESTAMP)" for number in (step, f"({step} + 1)")]
    start, end = rows.query(f"SELECT {', '.join(starts)}")[0]
    return start, end


def _steps(
    rows: Observations, frequency: str, moment: datetime, period: tuple[datetime, datetime], beyond: str
) -> tuple[int, int]:
    """How many steps of a frequency a period might hold, a `moment` among them, and how many lie `beyond` it.

    Weekdays and times of the day at which nothing ever happens are no steps: a week of business days ends on Friday.
    """
    count, unit = count_and_unit(frequency)
    start, end = (f"TIMESTAMP '{bound}'" for bound in period)
    most = f"date_diff('{PARTS[unit]}', {start}, {end}) // {count} + 1"
    happens = []
    if mean_seconds(frequency) <= mean_seconds("D"):
        happens.append(_happens(rows, "isodow({})", days=28))
    if mean_seconds(frequency) < mean_seconds("D"):
        happens.append(_happens(rows, "CAST({} AS TIME)", days=4))
    whole, lacking = rows.query(
        f"""SELECT count(*), count(*) FILTER ({beyond})
            FROM (SELECT TIMESTAMP '{moment}' AS moment, moment + k * INTERVAL '{count} {PARTS[unit]}' AS m
                  FROM range(-({most}), {most} + 1) AS steps (k))
            WHERE m >= {start} AND m < {end} AND {" AND ".join(["true", *happens])}"""
    )[0]
    return whole, lacking


def _happens(rows: Observations, phase: str, days: int) -> str:
    """SQL for whether anything is ever observed in the phase of a moment `m`; true where the data are too short."""
    if rows.one(f"SELECT max(moment) - min(moment) < INTERVAL '{days} days' FROM observations"):
        return "true"
    return f"{phase.format('m')} IN (SELECT {phase.format('moment')} FROM observations)"


def _noun(frequency: str, count: int) -> str:
    units, unit = count_and_unit(frequency)
    if units > 1:
        return counted("period of {frequency}", "periods of {frequency}", count, frequency=frequency)
    return NOUNS[unit](count)
