"""What is to be forecast from a target file: what the user said, and for the rest a guess that is told."""

from collections.abc import Iterator
from dataclasses import dataclass

from forecast_contract.sql import identifier
from forecast_contract.timestamp_formats import DATE, DATE_AND_TIME
from local_aws.guessing.frequency import (
    Gaps,
    find_gaps,
    guess_frequency,
    history_length,
    require_sensible,
    usual_horizon,
    zero_is_far_off,
)
from local_aws.guessing.interpretation import interpret
from local_aws.guessing.options import Options
from local_aws.guessing.roles import Roles
from local_aws.guessing.table import DataError, Table

MOST_UNKNOWN = 0.5  # steps in a window, on average


@dataclass(frozen=True)
class Plan:
    """How the target file is read, and what is to be forecast from it.

    `table` is the file with a row for each series and time; `series_columns` are the columns that were a series each.
    """

    table: Table
    series_columns: tuple[str, ...]
    roles: Roles
    meaning: tuple[str, ...]  # of the columns, in words
    time_format: str  # of every file in the bucket
    data_frequency: str
    frequency: str
    history: int  # steps
    horizon: int
    gaps: Gaps
    gaps_are_unknown: bool  # those within a series; else they count as 0, like those behind it

    @property
    def fillings(self) -> dict[str, str]:
        """Amazon's transformations of the target, where they are not its defaults."""
        return {"middlefill": "nan"} if self.gaps_are_unknown else {}


def make_plan(table: Table, options: Options) -> Plan:
    """Guess what was not said. DataError if the file cannot be forecast, or not so."""
    meaning = interpret(table, options)
    table, roles, series_columns = meaning.table, meaning.roles, meaning.series_columns
    data_frequency = _data_frequency(table, roles, options)
    frequency = options.frequency or data_frequency
    history = history_length(table, roles, frequency)
    horizon = usual_horizon(frequency, history) if options.horizon is None else options.horizon
    require_sensible(table.path, data_frequency, frequency, horizon, history)
    gaps = find_gaps(table, roles, frequency)
    # A window of the backtest with an unknown step measures nothing, so most windows must have none.
    is_rare = 0 < gaps.within * horizon < gaps.steps * MOST_UNKNOWN
    is_unknown = is_rare and zero_is_far_off(table, roles)
    time_format = _time_format(table, roles)
    said = meaning.sentences
    return Plan(
        table, series_columns, roles, said, time_format, data_frequency, frequency, history, horizon, gaps, is_unknown
    )


def sentences_of(plan: Plan, options: Options) -> Iterator[str]:
    """The plan in words, each guess with the option that overrides it."""
    yield from plan.table.announcements
    yield from plan.meaning
    yield f"frequency   {plan.frequency}{'' if options.frequency else '  (guessed; --frequency overrides)'}"
    overrides = "" if options.horizon else "  (guessed; --horizon overrides)"
    yield f"horizon     {plan.horizon}, after {plan.history} steps of history{overrides}"
    yield from _gaps(plan)


def _gaps(plan: Plan) -> Iterator[str]:
    """What counts as what; --params can say otherwise."""
    gaps, override = plan.gaps, "  (--params can say otherwise)"
    if plan.gaps_are_unknown:
        why = "since no value is near 0"
        yield f"gaps        {gaps.within} of {gaps.steps} steps have no row and count as unknown, {why}{override}"
    zeros = gaps.behind if plan.gaps_are_unknown else gaps.within + gaps.behind
    if zeros:
        where = "behind the last row of a series " if plan.gaps_are_unknown else ""
        yield f"gaps        {zeros} of {gaps.steps} steps {where}have no row and count as 0{override}"


def _data_frequency(table: Table, roles: Roles, options: Options) -> str:
    try:
        return guess_frequency(table, roles)
    except DataError:
        if options.frequency is None:
            raise
        return options.frequency


def _time_format(table: Table, roles: Roles) -> str:
    """Whole days stay dates, so that exports read as the user's own file does."""
    if roles.notation.native:
        return roles.notation.native
    reading = roles.notation.reading(identifier(roles.timestamp))
    timed = table.query(f"SELECT count(*) FROM data WHERE {reading} != date_trunc('day', {reading})")[0][0]
    return DATE_AND_TIME if timed else DATE
