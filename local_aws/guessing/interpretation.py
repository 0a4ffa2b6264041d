"""What the columns of a target file mean, and the file as one with a row for each series and time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from forecast_contract.sql import identifier
from forecast_language import foreign, said
from local_aws.guessing.file_series import hold_a_series_each, with_file_names
from local_aws.guessing.moment_checks import checked, without_time
from local_aws.guessing.moments import find_moment
from local_aws.guessing.number_columns import require_numbers, said_of_numbers
from local_aws.guessing.options import Options
from local_aws.guessing.roles import Roles, another_number, another_time, guess_roles
from local_aws.guessing.table import Table
from local_aws.guessing.wide_dates import date_columns, with_dates_down
from local_aws.guessing.wide_file import IN_LONG_FORM, in_long_form
from local_aws.guessing.wide_parts import parts_across, with_parts_down

SHOWN_COLUMNS = 5


@dataclass(frozen=True)
class Interpretation:
    """The table with a row for each series and time, its columns by what they mean, and all of that in words.

    `series_columns` are the columns of the file that were a series each.
    """

    table: Table
    roles: Roles
    series_columns: tuple[str, ...]
    sentences: tuple[str, ...]


def interpret(table: Table, options: Options) -> Interpretation:
    """Find out what each column means. DataError for what cannot be told or read."""
    table = replace(table, decimal=options.decimal)
    table, opened = (table, []) if options.no_turn else _turned(table)
    timestamp = [table.column(name) for name in options.timestamp]
    moment = checked(table, find_moment(table, timestamp, options.date_order))
    left_out = [*without_time(table, moment)]
    target = table.column(options.target) if options.target else None
    roles = guess_roles(table, target, moment, [table.column(name) for name in options.item_id])
    if not roles.keys and not options.aggregate and hold_a_series_each(table, moment):
        table = with_file_names(table)
        roles = guess_roles(table, target, moment)
        opened += [
            said(
                "opened      each file as a series, called in {item}  (guessed; --aggregate puts them together)",
                item=roles.item,
            )
        ]
    numbers = _numbers(table, roles, options)
    sentences = [*opened, *_time(roles, options), *left_out, *_series(roles, options), *numbers]
    if table.pieces:
        table = table.of_whole_series(roles.keys)
        list(without_time(table, moment))  # said of the pieces already
    table, trimmed = _without_blanks(table, roles)
    sentences += trimmed
    if not roles.series:
        return Interpretation(table, roles, (), (*sentences,))
    long_table = in_long_form(table, roles)
    in_long = replace(guess_roles(long_table), notation=replace(roles.notation, sql=IN_LONG_FORM), turned=roles.moment)
    return Interpretation(long_table, in_long, roles.series, (*sentences,))


def _turned(table: Table) -> tuple[Table, list[str]]:
    """The table with columns of dates, months or hours as rows, if it has such columns; and a sentence on it."""
    dates = date_columns(table)
    parts = None if dates else parts_across(table)
    if not dates and not parts:
        return table, []
    names = [*(parts[1] if parts else dates)]
    table = with_parts_down(table, *parts) if parts else with_dates_down(table, dates)
    shown = f"{', '.join(names[:2])}, ... {names[-1]}"
    rows_of = table.columns[-2]
    return table, [
        said(
            "opened      each of the {number} columns {shown} as rows of {rows_of}  (guessed; --no-turn leaves them)",
            number=len(names),
            shown=shown,
            rows_of=rows_of,
        )
    ]


def _without_blanks(table: Table, roles: Roles) -> tuple[Table, list[str]]:
    """The table without blanks around what names a series: two texts that look alike are one name."""
    trimmed = []
    for name in roles.keys:
        column = identifier(name)
        (count,) = table.connection.execute(
            f"UPDATE data SET {column} = trim({column}) WHERE {column} != trim({column})"
        ).fetchall()[0]
        if count:
            trimmed.append(
                said(
                    "blanks      {count} values of {column} are read without the blanks around them",
                    count=count,
                    column=name,
                )
            )
    return (replace(table, is_own=False), trimmed) if trimmed else (table, trimmed)


def _numbers(table: Table, roles: Roles, options: Options) -> list[str]:
    """What is said of the numbers to forecast, all of which are read."""
    sentences: list[str] = []
    for name in roles.series or (roles.target,):
        require_numbers(table, name)
        sentences += said_of_numbers(table, name, is_said=options.decimal is not None)
    more = len(sentences) - SHOWN_COLUMNS
    if more <= 0:
        return sentences
    return [*sentences[:SHOWN_COLUMNS], said("numbers     and {more} more of these lines", more=more)]


def _time(roles: Roles, options: Options) -> Iterator[str]:
    columns = said(" and ").join((roles.timestamp, *roles.more_of_timestamp))
    others = [name for name, reason in roles.left_out.items() if reason == another_time()]
    is_guessed = (others or roles.more_of_timestamp) and not options.timestamp
    overrides = said("  (guessed; --timestamp overrides)") if is_guessed else ""
    order = roles.notation.form.order if roles.notation.form else ""
    if order and not options.date_order and not overrides:
        overrides = said("  (guessed; --date-order overrides)")
    yield said(
        "timestamp   {columns} ({form}){overrides}",
        columns=columns,
        form=foreign(roles.notation.name),
        overrides=overrides,
    )
    if roles.notation.zone:
        yield said(
            "time zone   {zone} is left out: the clock is read as it stands in the file", zone=roles.notation.zone
        )


def _series(roles: Roles, options: Options) -> Iterator[str]:
    if roles.series:
        shown = ", ".join(roles.series[:SHOWN_COLUMNS]) + (", ..." * (len(roles.series) > SHOWN_COLUMNS))
        yield said(
            "item_id     each of the {number} columns {shown}  (guessed; --target forecasts one)",
            number=len(roles.series),
            shown=shown,
        )
    else:
        yield said("item_id     {item}", item=roles.item) if roles.item else said("item_id     none: one series")
        if roles.dimensions:
            yield said("dimensions  {dimensions}", dimensions=", ".join(roles.dimensions))
        yield said("target      {target}{overrides}", target=roles.target, overrides=_overrides(roles, options))
    for name, reason in roles.left_out.items():
        if name not in roles.series:
            yield said_of_left_out(name, reason)


def said_of_left_out(name: str, reason: str) -> str:
    """That a column is not read, and why."""
    return said("left out    {column} ({reason})", column=name, reason=reason)


def _overrides(roles: Roles, options: Options) -> str:
    if not roles.target_is_guessed or options.target:
        return ""
    others = [name for name, reason in roles.left_out.items() if reason == another_number()]
    shown = ", ".join(others[:SHOWN_COLUMNS]) + ", ..." * (len(others) > SHOWN_COLUMNS)
    if others:
        return said("  (guessed; --target overrides: {shown})", shown=shown)
    return said("  (guessed; --target overrides)")
