"""Every row's timestamp is read, or the first that cannot be is told with its line."""

from collections.abc import Iterator
from dataclasses import replace

from forecast_contract.sql import identifier
from forecast_contract.timestamp_formats import FIRST_YEAR_TOO_LATE
from forecast_language import foreign, said
from local_aws.guessing.moments import Moment
from local_aws.guessing.table import DataError, Table
from local_aws.notations.timestamps import Grammar

FAR_OFF = 10 * 366  # days
SEEN_AGAIN = 100  # texts that a wider notation is made from
OUT_OF_ORDER = 3  # rows
FEW_ROWS, MOST_WITHOUT_TIME = 3, 0.1  # notes below a table, or this share of the rows


def checked(table: Table, moment: Moment) -> Moment:
    """The moment, in a notation that reads every row but those without a time.

    DataError with the line of a timestamp that cannot be read, that lies far off all others, or whose day and month
    are another way round than in other lines.
    """
    moment = _widened(table, moment)
    column = identifier(moment.columns[0])
    reading = moment.notation.reading(column)
    wrong = table.query(
        f"SELECT line, {column} FROM data WHERE {_is_written(moment)} AND {reading} IS NULL ORDER BY line LIMIT 1"
    )
    if wrong:
        raise DataError(_cannot_be_read(table, moment, *wrong[0]))
    _require_one_time(table, moment)
    _require_one_order(table, moment)
    return moment


def without_time(table: Table, moment: Moment) -> Iterator[str]:
    """Leave out the rows that say no time, and say so. DataError if they are many."""
    blank = f"NOT ({_is_written(moment)})"
    count, first = table.query(f"SELECT count(*), min(line) FROM data WHERE {blank}")[0]
    if count:
        total = table.query("SELECT count(*) FROM data")[0][0]
        if count > max(FEW_ROWS, MOST_WITHOUT_TIME * total):
            raise DataError(
                said(
                    "{file}: found {count} of {total} rows without {column}, the first in {place}; wanted at "
                    "most {most:.0%} of them",
                    file=table.path,
                    count=count,
                    total=total,
                    column=moment.columns[0],
                    place=table.line(first),
                    most=MOST_WITHOUT_TIME,
                )
            )
        table.connection.execute(f"DELETE FROM data WHERE {blank}")
        yield said(
            "left out    {count} of {total} rows without {column}, the first in {place}",
            count=count,
            total=total,
            column=moment.columns[0],
            place=table.line(first),
        )


def _is_written(moment: Moment) -> str:
    """SQL for whether a row says a time at all."""
    return " AND ".join(f"coalesce(trim({identifier(name)}), '') != ''" for name in moment.columns)


def _widened(table: Table, moment: Moment) -> Moment:
    """The same form of a day with whatever else stands around it in rows that were not looked at before."""
    form = moment.notation.form
    if form is None or len(moment.columns) > 1:
        return moment
    column = identifier(moment.columns[0])
    unread = table.query(
        f"SELECT DISTINCT {column} FROM data WHERE {_is_written(moment)}"
        f" AND {moment.notation.reading(column)} IS NULL LIMIT {SEEN_AGAIN}"
    )
    grammar = Grammar(form)
    texts = [text for (text,) in unread if grammar.fits(text)]
    if not texts:
        return moment
    known = [text for text in table.sample[moment.columns[0]] if grammar.fits(text)]
    return replace(moment, notation=grammar.notation([*known, *texts]))


def _cannot_be_read(table: Table, moment: Moment, line: int, found: str) -> str:
    name, notation = moment.columns[0], moment.notation
    column = identifier(name)
    known = table.query(
        f"SELECT line, {column} FROM data WHERE {notation.reading(column)} IS NOT NULL ORDER BY line LIMIT 1"
    )
    example = said(", as in {place} ({text})", place=table.line(known[0][0]), text=known[0][1]) if known else ""
    if len(moment.columns) > 1:
        row = table.query(f"SELECT {', '.join(map(identifier, moment.columns))} FROM data WHERE line = {line}")[0]
        found, name = " ".join(map(str, row)), said(" and ").join(moment.columns)
    return said(
        "{place}, column {column}: found {found!r}, wanted {form}{example}",
        place=table.place(line),
        column=name,
        found=found,
        form=foreign(notation.name),
        example=example,
    )


def _require_one_time(table: Table, moment: Moment) -> None:
    """DataError for a year that no calendar reaches, and for a timestamp further off than all others are apart."""
    column = identifier(moment.columns[0])
    reading = moment.notation.reading(column)
    first, last = table.query(f"SELECT min({reading}), max({reading}) FROM data")[0]
    if first is None or (last - first).days <= FAR_OFF:
        if last is None or last.year < FIRST_YEAR_TOO_LATE:
            return
        line, found = table.query(f"SELECT line, {column} FROM data ORDER BY {reading} DESC, line LIMIT 1")[0]
        place, wanted = table.place(line), said("a timestamp before the year {year}", year=FIRST_YEAR_TOO_LATE)
        raise DataError(_misfit(place, moment.columns[0], found, wanted))
    gap = table.query(
        f"""SELECT before, t, first, last, earlier FROM (
              SELECT t, lag(t) OVER (ORDER BY t) AS before, min(t) OVER () AS first, max(t) OVER () AS last,
                     row_number() OVER (ORDER BY t) <= count(*) OVER () / 2 AS earlier
              FROM (SELECT DISTINCT {reading} AS t FROM data WHERE {reading} IS NOT NULL))
            WHERE before IS NOT NULL ORDER BY t - before DESC, t LIMIT 1"""
    )[0]
    before, after, first, last, is_early = gap
    if (after - before).days > max(FAR_OFF, ((last - first) - (after - before)).days):
        odd, usual = (before, after) if is_early else (after, before)
        line, found = table.query(
            f"SELECT line, {column} FROM data WHERE {reading} = TIMESTAMP '{odd}' ORDER BY line LIMIT 1"
        )[0]
        raise DataError(
            said(
                "{place}, column {column}: found {found}, years away from the others ({usual:%Y-%m-%d} "
                "comes next to it); wanted timestamps of one history",
                place=table.place(line),
                column=moment.columns[0],
                found=found,
                usual=usual,
            )
        )


def _misfit(place: str, column: str, found: str, wanted: str) -> str:
    return said(
        "{place}, column {column}: found {found}, wanted {wanted}",
        place=place,
        column=column,
        found=found,
        wanted=wanted,
    )


def _require_one_order(table: Table, moment: Moment) -> None:
    """DataError if the rows stand in the order of time only where days up to 12 are read as months.

    Excel, set to one country, turns round the dates of another wherever it can, and leaves the others as they are.
    """
    form = moment.notation.form
    if form is None or form.order not in ("dmy", "mdy"):
        return
    column = identifier(moment.columns[0])
    reading = moment.notation.reading(column)
    swapped = "make_timestamp(year(t), day(t), month(t), hour(t), minute(t), second(t))"
    rows = (
        f"(SELECT *, CASE WHEN day(t) <= 12 THEN {swapped} ELSE t END AS turned"
        f" FROM (SELECT line, {column} AS text, {reading} AS t FROM data))"
    )
    steps = (
        "(SELECT *, t - lag(t) OVER (ORDER BY line) AS step, turned - lag(turned) OVER (ORDER BY line) AS turn"
        f" FROM {rows})"
    )
    zero = "INTERVAL 0 SECOND"
    asc, desc, turned_asc, turned_desc = table.query(
        f"SELECT count(*) FILTER (step > {zero}), count(*) FILTER (step < {zero}),"
        f" count(*) FILTER (turn > {zero}), count(*) FILTER (turn < {zero}) FROM {steps}"
    )[0]
    back, back_if_turned = min(asc, desc), min(turned_asc, turned_desc)
    if back < OUT_OF_ORDER or back_if_turned * 2 >= back:
        return
    is_back = "<" if desc <= asc else ">"
    line, text = table.query(
        f"SELECT line, text FROM {steps} WHERE day(t) <= 12 AND day(t) != month(t) AND step {is_back} {zero}"
        " ORDER BY line LIMIT 1"
    )[0]
    other = table.query(f"SELECT line, text FROM {rows} WHERE day(t) > 12 ORDER BY line LIMIT 1")
    raise DataError(_other_way_round(table, moment, (line, text), other))


def _other_way_round(table: Table, moment: Moment, row: tuple[int, str], others: list[tuple[int, str]]) -> str:
    (line, text), shown = row, ""
    for other, other_text in others:
        shown = said(
            ", and {other} ({other_text}) only as {form}",
            other=table.line(other),
            other_text=other_text,
            form=foreign(moment.notation.name),
        )
    return said(
        "{file}: column {column}: {place} ({text}) is in the order of time only with day and month "
        "the other way round{shown}; write all as yyyy-MM-dd",
        file=table.path,
        column=moment.columns[0],
        place=table.line(line),
        text=text,
        shown=shown,
    )
