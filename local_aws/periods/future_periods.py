"""The time to forecast: rows that wait for their value, and the periods that may come."""

from dataclasses import dataclass
from datetime import datetime

from forecast_contract.frequencies import count_and_unit
from forecast_language import said
from local_aws.periods.frequency import start_of_step, step_of
from local_aws.periods.missing import PERIODS, TIME_OF_DAY, WEEKDAY, phase_of_week
from local_aws.periods.observations import Observations


@dataclass(frozen=True)
class FutureRows:
    """How many rows lie behind the last known value of all series, in how many periods; `last` is when that was."""

    rows: int
    periods: int
    last: datetime

    @property
    def sentence(self) -> str:
        """What these rows are taken for."""
        last = str(self.last).removesuffix(" 00:00:00")
        return said(
            "future      {number} rows behind {last} have no value: they are the time to forecast",
            number=self.rows,
            last=last,
        )


def leave_out_future_rows(rows: Observations, frequency: str) -> FutureRows | None:
    """Leave out the rows behind the last known value: none of them holds one. None if there are no such rows."""
    last = rows.one("SELECT max(moment) FROM observations WHERE is_known")
    behind = f"moment > TIMESTAMP '{last}'"
    step = step_of(frequency, f"TIMESTAMP '{last}'", "moment")
    periods = rows.one(f"SELECT count(DISTINCT {step}) FILTER ({step} > 0) FROM observations WHERE {behind}")
    count = rows.leave_out(behind)
    return FutureRows(count, periods, last) if count else None


def calendar_horizon(rows: Observations, frequency: str, horizon: int) -> int:
    """How many periods of the calendar hold `horizon` of those that occur: 14 days for 10 business days.

    PERIODS must be filled. A weekday, or a time of the week, occurs where any series has a row.
    """
    phases = phase_of_week(frequency)
    if phases is None:
        return horizon
    phase, _ = phases
    first, last = rows.query("SELECT (SELECT min(moment) FROM observations), max(step) FROM periods_with_a_row")[0]
    start = start_of_step(frequency, f"TIMESTAMP '{first}'", "step")
    occurring = rows.query(
        f"""SELECT step - {last} FROM (
              SELECT step, CAST({start} AS TIMESTAMP) AS start
              FROM range({last + 1}, {last + 1} + {horizon} * 1000) AS steps (step))
            WHERE {phase} IN (SELECT {phase} FROM {PERIODS}) ORDER BY step LIMIT 1 OFFSET {horizon - 1}"""
    )
    steps: int = occurring[0][0]
    return steps


def usual_of_those_that_occur(rows: Observations, frequency: str, usual: int) -> int:
    """How many periods that occur stand for a usual horizon: 10 business days for 14 days, a day of trading for a day.

    PERIODS must be filled.
    """
    phase, count = (WEEKDAY, 7) if count_and_unit(frequency)[1] == "D" else (TIME_OF_DAY, None)
    occurring: int = rows.one(f"SELECT count(DISTINCT {phase}) FROM {PERIODS}")
    return max(1, round(usual * occurring / count)) if count else min(usual, occurring)


def occurring_count(rows: Observations) -> int:
    """How many periods hold a row of any series; PERIODS must be filled."""
    count: int = rows.one(f"SELECT count(DISTINCT step) FROM {PERIODS}")
    return count
