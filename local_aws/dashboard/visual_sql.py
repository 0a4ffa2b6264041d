"""What a visual asks of its table, as SQL that Athena takes: field wells become columns, groups and an order."""

import re
from collections.abc import Sequence

from local_aws.dashboard.definition import Dashboard, Field, NewestPeriods, Visual

AGGREGATES = {"SUM": "sum", "AVERAGE": "avg"}
# The forms of calculated fields that the definition has: one column or else another; a column in the newest row alone.
OR_ELSE = re.compile(r"coalesce\(\{(\w+)\}, \{(\w+)\}\)")
OF_THE_NEWEST = re.compile(r"ifelse\(\{(\w+)\} = maxOver\(\{\1\}, \[\], PRE_AGG\), \{(\w+)\}, NULL\)")


def statement(dashboard: Dashboard, visual: Visual, by: Sequence[str] = (), where: str = "") -> str:
    """The statement of a visual, its fields named by their ids; ``by`` are columns that it is to be split by besides.

    ``where`` is a further condition. ValueError for a calculated field of a form that is not known here.
    """
    split = [quoted(column) for column in by]
    groups = [f"{_group(field)} AS {quoted(field.id)}" for field in visual.groups]
    values = [f"{_value(field)} AS {quoted(field.id)}" for field in visual.values]
    conditions = [condition for condition in (_newest(visual), where) if condition]
    sql = f"SELECT {', '.join([*split, *groups, *values])} FROM {_source(dashboard, visual)}"
    if conditions:
        sql += f" WHERE {' AND '.join(conditions)}"
    if split or groups:
        sql += f" GROUP BY {', '.join([*split, *(_group(field) for field in visual.groups)])}"
    if visual.sort:
        field, direction = visual.sort
        sql += f" ORDER BY {quoted(field)} {direction}"
    return sql


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _group(field: Field) -> str:
    return _truncated(field.column, field.granularity) if field.granularity else quoted(field.column)


def _truncated(column: str, granularity: str) -> str:
    return f"date_trunc('{granularity.lower()}', {quoted(column)})"


def _value(field: Field) -> str:
    if field.aggregate is None:
        raise ValueError(f"{field.id}: found no aggregation, wanted SUM or AVERAGE")
    return f"{AGGREGATES[field.aggregate]}({quoted(field.column)})"


def _source(dashboard: Dashboard, visual: Visual) -> str:
    """The table, or the table with the calculated fields that the visual uses."""
    calculated = dashboard.calculated[visual.table]
    used = [field.column for field in (*visual.groups, *visual.values) if field.column in calculated]
    if not used:
        return quoted(visual.table)
    columns = ", ".join(f"{_calculation(calculated[name])} AS {quoted(name)}" for name in used)
    return f"(SELECT *, {columns} FROM {quoted(visual.table)})"


def _calculation(expression: str) -> str:
    if match := OR_ELSE.fullmatch(expression):
        return f"coalesce({quoted(match[1])}, {quoted(match[2])})"
    if match := OF_THE_NEWEST.fullmatch(expression):
        time, column = quoted(match[1]), quoted(match[2])
        return f"CASE WHEN {time} = max({time}) OVER () THEN {column} END"
    raise ValueError(f"calculated field {expression!r}: wanted {OR_ELSE.pattern} or {OF_THE_NEWEST.pattern}")


def _newest(visual: Visual) -> str:
    newest: NewestPeriods | None = visual.newest
    if newest is None:
        return ""
    period = _truncated(newest.column, newest.granularity)
    return (
        f"{period} IN (SELECT {period} FROM {quoted(visual.table)} GROUP BY {period}"
        f" ORDER BY max({quoted(newest.column)}) DESC LIMIT {newest.count})"
    )
