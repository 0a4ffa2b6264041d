"""What is to be forecast from a target file: what the user said, and for the rest a guess that is told."""

from collections.abc import Iterator
from dataclasses import dataclass

from forecast_contract.timestamp_formats import DATE, DATE_AND_TIME
from forecast_language import said
from local_aws.guessing.interpretation import interpret
from local_aws.guessing.options import Options
from local_aws.guessing.roles import Roles
from local_aws.guessing.table import DataError, Table
from local_aws.notations.frequencies import BUSINESS_DAYS
from local_aws.periods.aggregation import Aggregation, aggregation_of
from local_aws.periods.frequency import (
    Horizon,
    guess_frequency,
    history_length,
    longest_horizon,
    require_business_days,
    require_sensible,
    too_few_business_days,
    usual_horizon,
)
from local_aws.periods.future_periods import (
    FutureRows,
    calendar_horizon,
    leave_out_future_rows,
    occurring_count,
    usual_of_those_that_occur,
)
from local_aws.periods.later_periods import LaterRows, leave_out_later_rows
from local_aws.periods.missing import Missing, find_missing, phase_of_week
from local_aws.periods.observations import Observations
from local_aws.periods.partial_periods import PartialPeriod, leave_out_partial_periods
from local_aws.periods.repeated_rows import RepeatedRows, settle_repeated_rows
from local_aws.periods.unknown_parts import UnknownParts, settle_unknown_parts


@dataclass(frozen=True)
class Settled:
    """What became of the rows of a file that are not one value of one period each."""

    future: FutureRows | None
    later: LaterRows | None
    repeated: RepeatedRows
    partial: list[PartialPeriod]
    aggregation: Aggregation
    unknown_parts: UnknownParts | None


@dataclass(frozen=True)
class Plan:
    """How the target file is read, and what is to be forecast from it.

    `table` is the file with a row for each series and time, `rows` are those of its rows that are uploaded;
    `series_columns` are the columns that were a series each.
    """

    table: Table
    rows: Observations
    series_columns: tuple[str, ...]
    roles: Roles
    meaning: tuple[str, ...]  # of the columns, in words
    data_frequency: str
    frequency: str
    history: int  # steps
    horizon: int  # periods of the forecast
    calendar_horizon: int  # the same, and the periods between them that never occur
    settled: Settled
    missing: Missing

    @property
    def transformations(self) -> dict[str, str]:
        """Amazon's transformations of the target, where they are not its defaults."""
        return self.settled.aggregation.transformations | self.missing.fillings

    @property
    def time_format(self) -> str:
        """The format of timestamps in every file in the bucket.

        Whole days stay dates, so that exports read as the user's own file does.
        """
        if self.roles.notation.native:
            return self.roles.notation.native
        timed = self.rows.one("SELECT count(*) FROM observations WHERE moment != date_trunc('day', moment)")
        return DATE_AND_TIME if timed else DATE


def make_plan(table: Table, options: Options) -> Plan:
    """Guess what was not said. DataError if the file cannot be forecast, or not so."""
    meaning = interpret(table, options)
    table, roles, series_columns = meaning.table, meaning.roles, meaning.series_columns
    rows = Observations.of(table, roles)
    data_frequency, frequency = _frequencies(rows, options)
    settled = _settle(rows, (data_frequency, frequency), series_columns or (roles.target,), options)
    missing, horizon = _missing_and_horizon(rows, frequency, settled, options)
    require_sensible(table.path, data_frequency, frequency, horizon, history_length(rows, frequency))
    if options.frequency == BUSINESS_DAYS and not missing.leaves_out_phases:
        raise too_few_business_days(rows)
    return Plan(
        table=table,
        rows=rows,
        series_columns=series_columns,
        roles=roles,
        meaning=meaning.sentences,
        data_frequency=data_frequency,
        frequency=frequency,
        history=occurring_count(rows) if missing.leaves_out_phases else history_length(rows, frequency),
        horizon=horizon.occurring,
        calendar_horizon=horizon.in_calendar,
        settled=settled,
        missing=missing,
    )


def sentences_of(plan: Plan, options: Options) -> Iterator[str]:
    """The plan in words, each guess with the option that overrides it."""
    yield from plan.table.announcements
    yield from plan.meaning
    overrides = "" if options.frequency else said("  (guessed; --frequency overrides)")
    yield said("frequency   {frequency}{overrides}", frequency=_frequency_in_words(plan), overrides=overrides)
    overrides = "" if options.horizon else said("  (guessed; --horizon overrides)")
    yield said(
        "horizon     {horizon}, after {history} steps of history{overrides}",
        horizon=plan.horizon,
        history=plan.history,
        overrides=overrides,
    )
    yield from _of_rows(plan)
    yield from plan.missing.sentences()
    yield from plan.rows.sentences()


def _of_rows(plan: Plan) -> Iterator[str]:
    """What became of rows that are not one value of one period each."""
    settled = plan.settled
    if settled.later:
        yield settled.later.sentence
    elif settled.future:
        yield settled.future.sentence
    yield from settled.repeated.sentences()
    for period in settled.partial:
        yield period.sentence
    yield from settled.aggregation.sentences()
    if settled.unknown_parts:
        yield settled.unknown_parts.sentence


def _frequency_in_words(plan: Plan) -> str:
    if not plan.missing.leaves_out_phases:
        return plan.frequency
    if plan.frequency == "D":
        return said("{frequency}: the days that occur", frequency=BUSINESS_DAYS)
    return said("{frequency}, those that occur", frequency=plan.frequency)


def _frequencies(rows: Observations, options: Options) -> tuple[str, str]:
    """That of the data, and that of the forecast, both as Amazon Forecast calls them."""
    if options.frequency == BUSINESS_DAYS:
        require_business_days(rows)
    wanted = "D" if options.frequency == BUSINESS_DAYS else options.frequency
    try:
        of_data = guess_frequency(rows)
    except DataError:
        if wanted is None:
            raise
        of_data = wanted
    return of_data, wanted or of_data


def _settle(rows: Observations, frequencies: tuple[str, str], names: tuple[str, ...], options: Options) -> Settled:
    """Leave out of the rows what is no value of a period; say how the rest become one value for each."""
    data_frequency, frequency = frequencies
    future = leave_out_future_rows(rows, frequency)
    later = leave_out_later_rows(rows, data_frequency, options.as_of)
    repeated = settle_repeated_rows(rows, data_frequency, options.aggregate)
    partial = leave_out_partial_periods(rows, data_frequency, frequency, keep=options.keep_partial)
    aggregation = aggregation_of(rows, frequency, names, options.aggregate)
    unknown_parts = settle_unknown_parts(rows, frequencies, aggregation, options.missing)
    return Settled(future, later, repeated, partial, aggregation, unknown_parts)


def _missing_and_horizon(
    rows: Observations, frequency: str, settled: Settled, options: Options
) -> tuple[Missing, Horizon]:
    """What periods without a value are, and how far ahead to look: the one depends on the other."""
    history = history_length(rows, frequency)
    future = None if settled.later else settled.future  # they wait for values that come after the time to forecast
    horizon = options.horizon or _usual_horizon(future, frequency, history)
    missing = find_missing(
        rows,
        frequency,
        horizon,
        is_average=settled.aggregation.is_average,
        leaves_out_phases=_leaves_out_phases(options, settled.aggregation, frequency),
        wanted=options.missing,
    )
    if not missing.leaves_out_phases:
        return missing, Horizon(horizon, horizon)
    if not (options.horizon or _future_horizon(future, history)):
        horizon = usual_of_those_that_occur(rows, frequency, horizon)
    return missing, Horizon(horizon, calendar_horizon(rows, frequency, horizon))


def _usual_horizon(future: FutureRows | None, frequency: str, history: int) -> int:
    """As far as rows wait for their values, or what is usual."""
    return _future_horizon(future, history) or usual_horizon(frequency, history)


def _future_horizon(future: FutureRows | None, history: int) -> int | None:
    """The periods of the rows that wait for their values, if the history is long enough for so many."""
    return future.periods if future and 0 < future.periods <= longest_horizon(history) else None


def _leaves_out_phases(options: Options, aggregation: Aggregation, frequency: str) -> bool:
    """Whether weekdays and times that never occur are no periods. Who asks for days gets every day."""
    if options.frequency == BUSINESS_DAYS:
        return True
    is_guessed = options.frequency is None and options.missing is None and phase_of_week(frequency) is not None
    return aggregation.is_average and is_guessed
