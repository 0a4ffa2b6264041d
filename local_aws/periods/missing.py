"""What a period without a value is: zero where nothing was sold, unknown where nothing is known of it.

A value that is empty or NA is unknown. A period without a row is decided on for each series by itself:

- In a phase of the calendar that never occurs, such as the Sundays of a shop, it is 0 where the target is summed. Where
  the target is averaged, such as a price, weekdays and times that never occur are no periods of the series at all.
- A series that has zeros of its own, or that comes near zero, gets 0.
- A series that does neither, and of which few periods lack, is not known there; nor behind its last row, if it is late.
- Where the target is averaged, all of it is unknown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from forecast_contract.frequencies import count_and_unit, mean_seconds
from forecast_language import said
from local_aws.periods.frequency import start_of_step, step_of
from local_aws.periods.observations import Observations

PERIODS = "periods_with_a_row"  # series, step, start
GAPS = "gaps"  # series, step, start, is_regular: periods without a row, from the first row of a series to the end
SERIES = (
    "series_with_gaps"  # series, middle, behind: gaps of a series that are not regular; is_zero, is_late: their cause
)
ZEROS = "zero_rows"  # series, start: the gaps that count as 0
MOST_GAPS = 20_000_000  # that are looked at one by one; where there are more, they are 0 as Amazon Forecast has it
FEW = 0.1  # of the periods of a series
RARE, FAR_FROM_ZERO = 0.01, 0.2  # not one value in a hundred is below a fifth of what is usual for its series
MOST_WEEKDAYS = 2
SECONDS_A_DAY = 86400
ROWS_IN_PHASE = 4  # in each phase that occurs, so that another one is not without a row by chance
WEEKDAY, TIME_OF_DAY, MONTH = "isodow(start)", "hour(start) * 60 + minute(start)", "month(start)"
WEEKDAYS: dict[str, Callable[[], str]] = {
    "Monday": lambda: said("Mondays"),
    "Tuesday": lambda: said("Tuesdays"),
    "Wednesday": lambda: said("Wednesdays"),
    "Thursday": lambda: said("Thursdays"),
    "Friday": lambda: said("Fridays"),
    "Saturday": lambda: said("Saturdays"),
    "Sunday": lambda: said("Sundays"),
}
TIME_OF_WEEK = f"{WEEKDAY} * 1440 + {TIME_OF_DAY}"
# Unit -> the phases of a period, and how many days of a series tell that one of them never occurs.
PHASES: dict[str, tuple[tuple[str, int], ...]] = {
    "min": ((WEEKDAY, 28), (TIME_OF_DAY, 4), (TIME_OF_WEEK, 56)),
    "H": ((WEEKDAY, 28), (TIME_OF_DAY, 4), (TIME_OF_WEEK, 56)),
    "D": ((WEEKDAY, 28), (MONTH, 730)),
    "W": ((MONTH, 730),),
    "M": ((MONTH, 730),),
    "Y": (),
}


@dataclass(frozen=True)
class Missing:
    """How many of all `periods`, from the first row of each series to the end, lack a value, and what that means.

    `empty_rows` have no value. The others have no row: `regular` never have one in their phase of the calendar, `late`
    lie behind the last row of a series that is late. `leaves_out_phases`: regular ones are no periods at all.
    """

    periods: int
    empty_rows: int
    regular: int = 0
    zeros: int = 0
    unknown: int = 0
    late: int = 0
    phases: str = ""  # those of the regular ones, in words
    leaves_out_phases: bool = False
    is_wanted: bool = False

    @property
    def is_anything_unknown(self) -> bool:
        """Whether Amazon Forecast must not fill with zeros."""
        return bool(self.unknown or self.late or self.empty_rows or self.leaves_out_phases)

    @property
    def fillings(self) -> dict[str, str]:
        """Amazon's transformations of the target where they are not its defaults."""
        return {"middlefill": "nan", "backfill": "nan"} if self.is_anything_unknown else {}

    @property
    def has_zero_rows(self) -> bool:
        """Whether the periods that count as 0, in ZEROS, need rows, since other periods are unknown."""
        return self.is_anything_unknown and bool(self.zeros or (self.regular and not self.leaves_out_phases))

    def sentences(self) -> Iterator[str]:
        """What counts as what, and the option that says otherwise."""
        override = "" if self.is_wanted else said("  (guessed; --missing overrides)")
        known: dict[str, object] = {"periods": self.periods, "phases": self.phases, "override": override}
        if self.empty_rows:
            yield said("missing     {number} rows have no value and count as unknown", number=self.empty_rows)
        if self.regular and self.leaves_out_phases:
            yield said(
                "missing     {number} of {periods} periods have no row: {phases} and are no periods of the forecast",
                number=self.regular,
                **known,
            )
        elif self.regular:
            yield said(
                "missing     {number} of {periods} periods have no row: {phases} and count as 0{override}",
                number=self.regular,
                **known,
            )
        if self.zeros:
            yield said(
                "missing     {number} of {periods} periods have no row and count as 0{override}",
                number=self.zeros,
                **known,
            )
        if self.unknown:
            yield said(
                "missing     {number} of {periods} periods have no row and count as unknown{override}",
                number=self.unknown,
                **known,
            )
        if self.late:
            yield said(
                "missing     {number} of {periods} periods have no row since their series are late, and count as"
                " unknown{override}",
                number=self.late,
                **known,
            )


def find_missing(
    rows: Observations, frequency: str, horizon: int, *, is_average: bool, leaves_out_phases: bool, wanted: str | None
) -> Missing:
    """Decide on the periods without a value, and fill ZEROS.

    `leaves_out_phases`: what never occurs is no period. `wanted` is zero, unknown or None: a guess.
    """
    _load_periods(rows, frequency)
    empty = rows.one("SELECT count(*) FROM observations WHERE NOT is_known")
    periods, filled = rows.query(
        f"""SELECT sum(steps), sum(filled) FROM (
              SELECT (SELECT max(step) FROM {PERIODS}) - min(step) + 1 AS steps, count(*) AS filled
              FROM {PERIODS} GROUP BY series)"""
    )[0]
    missing = Missing(int(periods), empty, is_wanted=wanted is not None)
    if periods == filled:
        return missing
    if periods - filled > MOST_GAPS:
        return replace(missing, empty_rows=0, zeros=int(periods - filled))
    _load_gaps(rows, frequency, leaves_out_phases=leaves_out_phases)
    if wanted is None and is_average:
        wanted = "unknown"
    _load_series(rows, horizon, wanted)
    regular_are_zero = not leaves_out_phases and wanted != "unknown"
    regular, zeros, unknown, late = _decide(rows, regular_are_zero=regular_are_zero)
    if not (regular_are_zero or leaves_out_phases):
        regular, unknown = 0, unknown + regular
    return replace(
        missing,
        regular=regular,
        zeros=zeros,
        unknown=unknown,
        late=late,
        phases=_phases_in_words(rows) if regular else "",
        leaves_out_phases=leaves_out_phases and regular > 0,
    )


def _load_periods(rows: Observations, frequency: str) -> None:
    first = f"TIMESTAMP '{rows.one('SELECT min(moment) FROM observations')}'"
    rows.table.connection.execute(
        f"""CREATE OR REPLACE TABLE {PERIODS} AS
            SELECT series, step, CAST({start_of_step(frequency, first, "step")} AS TIMESTAMP) AS start FROM (
              SELECT DISTINCT series, {step_of(frequency, first, "moment")} AS step FROM observations)"""
    )


def phase_of_week(frequency: str) -> tuple[str, int] | None:
    """SQL for the weekday or the time of the week of a `start`, and how many there are; None if there is none."""
    unit, seconds = count_and_unit(frequency)[1], mean_seconds(frequency)
    if unit not in ("D", "H", "min") or SECONDS_A_DAY % seconds:
        return None
    return (WEEKDAY, 7) if unit == "D" else (TIME_OF_WEEK, 7 * SECONDS_A_DAY // seconds)


def _load_gaps(rows: Observations, frequency: str, *, leaves_out_phases: bool) -> None:
    """Fill GAPS: those are regular whose phase never holds a row of their series, in enough time to tell.

    Where phases are left out, months of the year are not, and a phase without a row of any series is so in all of them.
    """
    first = f"TIMESTAMP '{rows.one('SELECT min(moment) FROM observations')}'"
    rows.table.connection.execute(
        f"""CREATE OR REPLACE TABLE {GAPS} AS
            SELECT series, step, CAST({start_of_step(frequency, first, "step")} AS TIMESTAMP) AS start,
                   false AS is_regular
            FROM (SELECT series, unnest(range(min(step), (SELECT max(step) FROM {PERIODS}) + 1)) AS step
                  FROM {PERIODS} GROUP BY series)
            ANTI JOIN {PERIODS} USING (series, step)"""
    )
    count, unit = count_and_unit(frequency)
    if count > 1 and unit not in ("H", "min"):
        return
    for phase, days in PHASES[unit]:
        if leaves_out_phases and phase == MONTH:
            continue
        is_enough = f"max(start) - min(start) >= INTERVAL '{days - 1} days' AND"
        is_enough += f" count(DISTINCT step) >= {ROWS_IN_PHASE} * count(DISTINCT {phase})"
        never = f"""series IN (SELECT series FROM {PERIODS} GROUP BY series HAVING {is_enough})
                    AND (series, {phase}) NOT IN (SELECT (series, {phase}) FROM {PERIODS})"""
        if leaves_out_phases:
            never += f""" OR ((SELECT {is_enough} FROM {PERIODS})
                              AND {phase} NOT IN (SELECT {phase} FROM {PERIODS}))"""
        rows.table.connection.execute(f"UPDATE {GAPS} SET is_regular = true WHERE {never}")


def _load_series(rows: Observations, horizon: int, wanted: str | None) -> None:
    """Fill SERIES: each series with gaps that are not regular, and what they are."""
    comes_near = f"near > 1 AND near >= {RARE} * count"  # a single value may be an accident
    guess = f"zeros > 0 OR least < 0 OR least = 1 OR {comes_near} OR middle > {FEW} * (filled + middle)"
    is_zero = {"zero": "true", "unknown": "false", None: guess}[wanted]
    is_late = {"zero": "false", "unknown": "true", None: f"behind <= greatest({horizon}, {FEW} * filled)"}[wanted]
    rows.table.connection.execute(
        f"""CREATE OR REPLACE TABLE {SERIES} AS
            WITH counted AS (
              SELECT series, any_value(last) AS last, any_value(filled) AS filled,
                     count(*) FILTER (step < last) AS middle, count(*) FILTER (step > last) AS behind
              FROM {GAPS} JOIN (SELECT series, max(step) AS last, count(*) AS filled FROM {PERIODS} GROUP BY series)
              USING (series) WHERE NOT is_regular GROUP BY series),
            usual AS (SELECT series, median(number) AS usual FROM observations SEMI JOIN counted USING (series)
                      GROUP BY series),
            numbers AS (SELECT series, min(number) AS least, count(*) FILTER (number = 0) AS zeros,
                               count(*) FILTER (number < {FAR_FROM_ZERO} * usual) AS near, count(*) AS count
                        FROM observations JOIN usual USING (series) GROUP BY series)
            SELECT *, coalesce({is_zero}, true) AS is_zero, {is_late} AS is_late
            FROM counted LEFT JOIN numbers USING (series)"""
    )


def _decide(rows: Observations, *, regular_are_zero: bool) -> tuple[int, int, int, int]:
    """Fill ZEROS; gives how many gaps are regular, zeros, unknown and late."""
    cause = """CASE WHEN is_regular THEN 'regular' WHEN is_zero THEN 'zeros' WHEN step < last THEN 'unknown'
               WHEN is_late THEN 'late' ELSE 'zeros' END"""
    rows.table.connection.execute(
        f"""CREATE OR REPLACE TABLE {ZEROS} AS SELECT series, start, {cause} AS cause
            FROM {GAPS} LEFT JOIN {SERIES} USING (series)"""
    )
    counts: dict[str, int] = dict(rows.query(f"SELECT cause, count(*) FROM {ZEROS} GROUP BY cause"))
    kept = "('zeros', 'regular')" if regular_are_zero else "('zeros')"
    rows.table.connection.execute(f"DELETE FROM {ZEROS} WHERE cause NOT IN {kept}")
    return counts.get("regular", 0), counts.get("zeros", 0), counts.get("unknown", 0), counts.get("late", 0)


def _phases_in_words(rows: Observations) -> str:
    """When no row is ever there: the weekdays, if there are few of them."""
    names = rows.query(
        f"SELECT any_value(dayname(start)) FROM {GAPS} WHERE is_regular GROUP BY {WEEKDAY} ORDER BY {WEEKDAY}"
    )
    if len(names) > MOST_WEEKDAYS:
        return said("these times of the calendar never have one")
    return said("{days} never have one", days=said(" and ").join(WEEKDAYS[name]() for (name,) in names))
