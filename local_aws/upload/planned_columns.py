"""Rows of the target file that wait for their value and say what is planned: prices, promotions."""

from forecast_contract.sql import identifier
from local_aws.guessing.roles import another_number
from local_aws.guessing.table import DataError
from local_aws.notations.column_names import PARTS, TIME_NAMES, base
from local_aws.periods.plan import Plan
from local_aws.upload.bucket_file import attribute_names, dimension_names
from local_aws.upload.related_file import RelatedFile
from local_aws.upload.related_rows import RelatedColumns, RelatedRows

OF_THE_CALENDAR = ("weekday", "day_of_week", "dayofweek", "dow", "day_of_year", "week_of_year", "weekend", "요일")


def planned_columns(plan: Plan) -> RelatedFile | None:
    """The numbers beside the target that the rows ahead hold, as a related time series; None if there are none.

    A column that a related time series could not be made of stays left out: one that begins late, or that has two
    values for one period.
    """
    roles, future = plan.roles, plan.settled.future
    candidates = [name for name, reason in roles.left_out.items() if reason == another_number() and _says_more(name)]
    if future is None or roles.turned or not candidates:
        return None
    moment = roles.notation.reading(identifier(roles.timestamp))
    numbers = (f"count(try_cast({plan.table.number(identifier(name))} AS DOUBLE))" for name in candidates)
    ahead = plan.table.query(f"SELECT {', '.join(numbers)} FROM data WHERE {moment} > TIMESTAMP '{future.last}'")[0]
    known = [name for name, count in zip(candidates, ahead, strict=True) if count]
    names = [name for name in known if _related(plan, [name])]
    return _related(plan, names) if names else None


def _says_more(name: str) -> bool:
    """Whether the column says more than the calendar does."""
    parts = [word for words in PARTS.values() for word in words]
    return base(name) not in (*TIME_NAMES, *parts, *OF_THE_CALENDAR)


def _related(plan: Plan, names: list[str]) -> RelatedFile | None:
    """The columns as a related time series, or None."""
    roles, dimensions = plan.roles, dimension_names(plan.roles)
    attributes = attribute_names(names, "column", dimensions.values())
    columns = RelatedColumns(
        moment=roles.notation.reading(identifier(roles.timestamp)),
        item=roles.item,
        dimensions=dimensions,
        features=dict(zip(names, attributes, strict=True)),
        is_named=" AND ".join(["true", *(f"coalesce({identifier(key)}, '') != ''" for key in roles.keys)]),
    )
    try:
        coverage = RelatedRows(plan.table, columns, plan.table, plan).coverage()
    except DataError:
        return None
    return RelatedFile(plan.table, roles.timestamp, columns, {}, coverage, is_target=True)
