"""The file of the target: the user's own if the service can read it as it is, else its rows written anew."""

from dataclasses import replace
from pathlib import Path

from forecast_contract.sql import identifier
from local_aws.periods.missing import ZEROS
from local_aws.periods.plan import Plan
from local_aws.upload.bucket_file import dimension_names, item_column, renamed, time_column, write
from local_aws.upload.user_file import RewrittenFile, UserFile


def target_file(planned: Plan, folder: Path) -> UserFile:
    """The file, written into `folder` if it must be: other columns, rows left out, or zeros that need rows."""
    table, roles = planned.table, planned.roles
    names = {"timestamp": roles.timestamp, "item_id": roles.item or "item_id", "target_value": roles.target}
    names |= {attribute: column for column, attribute in dimension_names(roles).items()}
    if not planned.series_columns and _goes_as_it_is(planned):
        return UserFile(f"train/{table.stem}.csv", table.path, str(table.path), names)
    columns = [
        time_column("_moment", planned.time_format),
        item_column(roles),
        *renamed(dimension_names(roles)),
        "_value AS target_value",
    ]
    file = RewrittenFile.of(table, "train", folder, names)
    return write(replace(file, rows=f"({target_rows(planned)}) AS target_rows", line="_line"), columns)


def target_rows(planned: Plan) -> str:
    """SQL for the rows that are uploaded: the columns that name a series, _moment, _value and _line."""
    table, roles = planned.table, planned.roles
    keys = "".join(f"data.{identifier(key)}, " for key in roles.keys)
    number = table.number(f"data.{identifier(roles.target)}")
    rows = f"""SELECT {keys}_moment, CASE WHEN _is_changed THEN CAST(_number AS VARCHAR) ELSE {number} END AS _value,
                      data.line AS _line
               FROM data JOIN (SELECT place AS _place, moment AS _moment, number AS _number, is_changed AS _is_changed
                               FROM observations) ON data.rowid = _place"""
    if not planned.missing.has_zero_rows:
        return rows
    return f"""{rows} UNION ALL
        SELECT {keys}_moment, '0', NULL
        FROM data JOIN (SELECT start AS _moment, _place FROM {ZEROS}
                        JOIN (SELECT series, min(place) AS _place FROM observations GROUP BY series) USING (series))
        ON data.rowid = _place"""


def _goes_as_it_is(planned: Plan) -> bool:
    """Whether columns stand in the schema's order, and under its names if there are names, and no row is changed."""
    table, roles, rows = planned.table, planned.roles, planned.rows
    in_order = (roles.timestamp, *roles.keys, roles.target) == table.columns
    names = ("timestamp", "item_id", *dimension_names(roles).values(), "target_value")
    named = table.columns == names or not table.has_header
    if not (in_order and named and roles.item and roles.notation.native and table.is_own):
        return False
    uploaded, changed = rows.query("SELECT count(*), count(*) FILTER (is_changed) FROM observations")[0]
    if planned.missing.has_zero_rows or changed or uploaded + rows.unnamed < rows.read:
        return False
    target = identifier(roles.target)
    rewritten = table.query(f"SELECT count(*) FROM data WHERE {target} IS DISTINCT FROM {table.number(target)}")
    return not rewritten[0][0]
