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
from local_aws.guessing.options import Options
from local_aws.guessing.roles import Roles, guess_roles, require_timestamps
from local_aws.guessing.table import DataError, Table
from local_aws.guessing.wide_file import in_long_form

MOST_UNKNOWN = 0.5  # steps in a window, on average
SHOWN_COLUMNS = 5


@dataclass(frozen=True)
class Plan:
    """How the target file is read, and what is to be forecast from it.

    `table` is the file with a row for each series and time; `series_columns` are the columns that were a series each.
    """

    table: Table
    series_columns: tuple[str, ...]
    roles: Roles
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
    roles = guess_roles(table, options.target)
    require_timestamps(table, roles.timestamp, roles.notation)
    series_columns = roles.series
    if series_columns:
        table = in_long_form(table, roles)
        roles = guess_roles(table)
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
    return Plan(
        table, series_columns, roles, time_format, data_frequency, frequency, history, horizon, gaps, is_unknown
    )


def sentences_of(plan: Plan, options: Options) -> Iterator[str]:
    """The plan in words, each guess with the option that overrides it."""
    roles = plan.roles
    yield from plan.table.announcements
    yield f"timestamp   {roles.timestamp} ({roles.notation.name})"
    if plan.series_columns:
        shown = ", ".join(plan.series_columns[:SHOWN_COLUMNS]) + (", ..." * (len(plan.series_columns) > SHOWN_COLUMNS))
        yield f"item_id     each of the {len(plan.series_columns)} columns {shown}  (guessed; --target forecasts one)"
    else:
        yield f"item_id     {roles.item or 'none: one series'}"
        if roles.dimensions:
            yield f"dimensions  {', '.join(roles.dimensions)}"
        overrides = "  (guessed; --target overrides)" if roles.target_is_guessed and not options.target else ""
        yield f"target      {roles.target}{overrides}"
    for name, reason in roles.left_out.items():
        yield f"left out    {name} ({reason})"
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
