"""Which columns hold the time, and how it is written in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from forecast_contract.sql import identifier, literal
from forecast_language import foreign, said
from local_aws.guessing.moment_parts import in_several_columns, with_time_of_day
from local_aws.guessing.table import DataError, Table
from local_aws.notations.closest import meant
from local_aws.notations.column_names import PARTS, TIME_NAMES, base, named, says
from local_aws.notations.timestamps import Grammar, Notation, grammars_of

MOST = 0.9  # one typing error must not hide which column holds the time
YEARS = ("yyyy", "yyyy년")
FAR = 20  # times as long: a history read with the day for the year
Reading = tuple[Notation, list[Any]]  # the first, the last and the mean moment of a column in a notation
DAYS_OR_SECONDS = ("Excel's days", *(f"{unit}seconds since 1970" for unit in ("", "milli", "micro", "nano")))
SURELY_TIMES = ("yyyyMMdd", "yyyyMMddHHmmss")  # if all texts of a column are such, whatever it is called
LATER = ("created", "updated", "modified", "inserted", "loaded", "registered", "등록", "수정", "생성", "입력")
NO_YEAR = re.compile(r"\s*\d{1,2} ?(?:[-/.]|월) ?\d{1,2} ?일?\.?\s*")
OF_A_DAY = ("ts", "timestamp", "datetime", "date", "time", "ds", "dt", "day", "period", "start", "epoch", "unixtime")


@dataclass(frozen=True)
class Moment:
    """The columns that hold the time, and the notation that reads it from the first of them (and the others)."""

    columns: tuple[str, ...]
    notation: Notation


def find_moment(table: Table, wanted: Sequence[str] = (), order: str | None = None) -> Moment:
    """The columns of the time: `wanted` by the user, or guessed. `order` says what the user said of day and month.

    DataError if there are none, or if day and month cannot be told apart.
    """
    for name in wanted:
        if name not in table.columns:
            names, closest = ", ".join(table.columns), meant(name, table.columns)
            raise DataError(
                said(
                    "{file}: --timestamp {column}: wanted one of the columns {names}{closest}",
                    file=table.path,
                    column=name,
                    names=names,
                    closest=closest,
                )
            )
    samples = {name: table.sample[name] for name in wanted or table.columns}
    if len(wanted) > 1:
        moment = _of_day_and_time(table, samples, order) or in_several_columns(samples)
    else:
        moment = _guessed(table, samples, order, is_said=bool(wanted))
    if moment is None:
        raise DataError(_nothing_found(table, samples))
    return Moment(*moment)


def _guessed(
    table: Table, samples: dict[str, list[str]], order: str | None, *, is_said: bool
) -> tuple[tuple[str, ...], Notation] | None:
    found = list(_complete(samples, is_said=is_said))
    years = [name for name, grammars in found if all(grammar.form.name in YEARS for grammar in grammars)]
    several = in_several_columns(samples) if len(found) == len(years) else None
    if several or not found:
        return several
    name, grammars = found[0]
    notation = _decided(table, name, grammars, order)
    return with_time_of_day(table, samples, name, notation)


def _of_day_and_time(
    table: Table, samples: dict[str, list[str]], order: str | None
) -> tuple[tuple[str, ...], Notation] | None:
    """A day in one of the wanted columns and its time in another."""
    for name, texts in samples.items():
        grammars = [
            g for g in grammars_of(texts, MOST, numbers=True, weeks=_is_of_weeks(name)) if g.form.name != "yyyy"
        ]
        if grammars:
            return with_time_of_day(table, samples, name, _decided(table, name, grammars, order))
    return None


def _complete(samples: dict[str, list[str]], *, is_said: bool) -> Iterator[tuple[str, list[Grammar]]]:
    """The columns that hold a whole timestamp each, the likeliest first."""
    first = named(TIME_NAMES, [*samples])
    ranked: list[tuple[tuple[bool, ...], str, list[Grammar]]] = []
    for name, texts in samples.items():
        is_named = is_said or says(name, TIME_NAMES)
        grammars = grammars_of(texts, MOST, numbers=is_named, weeks=_is_of_weeks(name)) if texts else []
        grammars = grammars or (_of_numbers(texts) if not first else [])
        grammars = [grammar for grammar in grammars if is_said or _suits(grammar, name)]
        if grammars:
            is_number = all(grammar.form.is_number for grammar in grammars)
            is_year = all(grammar.form.name in YEARS for grammar in grammars)
            exact = base(name) in TIME_NAMES
            is_later = says(name, LATER)
            rank = (is_number and not exact, is_year, is_number, is_later, not exact, not is_named)
            ranked.append((rank, name, grammars))
    ranked.sort(key=lambda each: (*each[0][1:], each[1] != first))
    for _, name, grammars in ranked:
        yield name, grammars


def _of_numbers(texts: Sequence[str]) -> list[Grammar]:
    """The grammars of numbers that are times wherever they stand, where they fit all texts."""
    grammars = grammars_of(texts, MOST, numbers=True, weeks=False) if all(map(str.isdecimal, texts)) else []
    return [grammar for grammar in grammars if grammar.form.name in SURELY_TIMES and all(map(grammar.fits, texts))]


def _suits(grammar: Grammar, name: str) -> bool:
    """Whether numbers of a column called so may be days or seconds: those called year or week are not."""
    return grammar.form.name not in DAYS_OR_SECONDS or says(name, OF_A_DAY) or not name.isascii()


def _is_of_weeks(name: str) -> bool:
    return says(name, (*PARTS["week"], "yearweek", "year_week", "yyyyww"))


def _decided(table: Table, name: str, grammars: list[Grammar], order: str | None) -> Notation:
    """The notation that reads every value; of those in which the day is a month or a year, the one that must be."""
    texts = table.sample[name]
    if order:
        grammars = [grammar for grammar in grammars if grammar.form.order in ("", order)] or grammars
    notations = [grammar.notation([text for text in texts if grammar.fits(text)]) for grammar in grammars]
    if len(notations) == 1:
        return notations[0]
    column = identifier(name)
    readings = ", ".join(
        f"count({n.reading(column)}), min({n.reading(column)}), max({n.reading(column)}),"
        f" avg(epoch({n.reading(column)}))"
        for n in notations
    )
    values = table.query(f"SELECT {readings} FROM data")[0]
    found = list(zip(notations, (values[i : i + 4] for i in range(0, len(values), 4)), strict=True))
    most = max(count for _, (count, *_) in found)
    best = [(notation, rest) for notation, (count, *rest) in found if count == most]
    close = _by_year(best)
    orders = {notation.form.order for notation, _ in close if notation.form} - {""}
    if len({tuple(rest) for _, rest in close}) > 1 and len(orders) > 1:
        _refuse(table, name, [notation for notation, _ in close])
    return close[0][0]


def _by_year(readings: list[Reading]) -> list[Reading]:
    """Without those that take days for years: the others make a far shorter history of the same rows."""
    year_first = [each for each in readings if each[0].form and each[0].form.order.startswith("y")]
    others = [each for each in readings if each not in year_first]
    if not year_first or not others:
        return readings
    first, other = (min(last - begin for _, (begin, last, _) in group) for group in (year_first, others))
    if first * FAR < other:
        return year_first
    return others if other * FAR < first or first == other else readings


def _refuse(table: Table, name: str, notations: list[Notation]) -> None:
    words = {
        "dmy": said("day/month"),
        "mdy": said("month/day"),
        "ymd": said("year/month/day"),
        "ym": said("year/month"),
    }
    orders = list(dict.fromkeys(n.form.order for n in notations if n.form and n.form.order))
    readings = said(" and as ").join(words[order] for order in orders)
    line, text = table.query(f"SELECT line, {identifier(name)} FROM data WHERE {identifier(name)} IS NOT NULL LIMIT 1")[
        0
    ]
    raise DataError(
        said(
            "{file}: column {column} can be read as {readings} ({place}: {text}); write it as "
            "yyyy-MM-dd, or say --date-order {orders}",
            file=table.path,
            column=name,
            readings=readings,
            place=table.line(line),
            text=text,
            orders=said(" or ").join(order for order in orders if len(order) == len("dmy")),
        )
    )


def _nothing_found(table: Table, samples: dict[str, list[str]]) -> str:
    """What was found where a timestamp was wanted, with its line."""
    likely = [name for name in samples if says(name, TIME_NAMES) and samples[name]] or [*samples][:1]
    for name in likely:
        texts = samples[name]
        partly = grammars_of(texts, 0, numbers=True, weeks=_is_of_weeks(name)) if says(name, TIME_NAMES) else []
        if partly:
            best = max(partly, key=lambda grammar: sum(map(grammar.fits, texts)))
            fitting = next(text for text in texts if best.fits(text))
            other = next(text for text in texts if not best.fits(text))
            return said(
                "{place}, column {column}: found {other!r}, wanted {form} as in {other_place} ({fitting!r})",
                place=table.place(_line_of(table, name, other)),
                column=name,
                other=other,
                form=foreign(best.form.name),
                other_place=table.line(_line_of(table, name, fitting)),
                fitting=fitting,
            )
    name = likely[0]
    shown = ""
    if samples[name]:
        found = samples[name][0]
        no_year = said(", which has no year") if NO_YEAR.fullmatch(found) else ""
        shown = said(
            "; {place}, column {column}: found {found!r}{no_year}",
            place=table.line(_line_of(table, name, found)),
            column=name,
            found=found,
            no_year=no_year,
        )
    return said(
        "{file}: none of the columns {names} holds timestamps{shown}; wanted one such as "
        "2019-01-31 or 2019-01-31 13:00:00, or --timestamp COLUMN",
        file=table.path,
        names=_some(table.columns),
        shown=shown,
    )


def _line_of(table: Table, name: str, text: str) -> int:
    line: int = table.query(f"SELECT min(line) FROM data WHERE {identifier(name)} = {literal(text)}")[0][0]
    return line


def _some(names: Sequence[str], most: int = 10) -> str:
    if len(names) <= most:
        return ", ".join(names)
    return said("{names}, ... ({number} in all)", names=", ".join(names[:most]), number=len(names))
