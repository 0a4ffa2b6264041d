"""What the page of the dashboard holds: the answer to each visual, and as many series as a page can carry."""

from typing import Any

from forecast_language import said
from forecast_pipeline.publishing.outputs.report_page import page_number
from local_aws.dashboard.athena import Row
from local_aws.dashboard.definition import Dashboard, Field, Visual
from local_aws.dashboard.fan_lines import Ask, Choice, fan_lines
from local_aws.dashboard.visual_sql import statement

ROWS_OF_A_TABLE = 200  # beside those of the series that the page holds
FAN_CHART = "fan-chart"


class NothingPublishedError(Exception):
    """The tables are there, and no run has filled them."""


def page_data(dashboard: Dashboard, ask: Ask, database: str) -> dict[str, Any]:
    """The JSON document that the page draws. NothingPublishedError where no run has published a forecast yet."""
    newest = ask(
        'SELECT "run_id", "published", "low_type", "middle_type", "high_type"'
        ' FROM "forecast_runs" ORDER BY "published" DESC LIMIT 1'
    )
    if not newest:
        raise NothingPublishedError(
            said("the tables of database {database} are empty; a run of the pipeline fills them", database=database)
        )
    data: dict[str, Any] = {"database": database, "run": newest[0]["run_id"], "made": newest[0]["published"][:16]}
    data |= _band(newest[0])
    fan = next(visual for visual in dashboard.visuals if visual.id == FAN_CHART)
    data |= fan_lines(dashboard, fan, ask)
    data["filters"] = [{"column": each.column, "label": each.label} for each in dashboard.filters]
    held = {(line["item"], line["dimension"]) for line in data["lines"]}
    data["visuals"] = [
        {"id": visual.id, "kind": visual.kind, "title": visual.title, "row": visual.row, "span": visual.span}
        | ({} if visual is fan else _answer(dashboard, visual, ask, held))
        for visual in sorted(dashboard.visuals, key=lambda visual: visual.row)
    ]
    return data


def _band(run: Row) -> dict[str, Any]:
    """The line and the band of the newest run: "p50", and the share of values between p10 and p90, 0.8."""
    low, high = run["low_type"], run["high_type"]
    named = [float(name[1:]) for name in (low, high) if name.startswith("p")]
    share = (named[1] - named[0]) / 100 if len(named) == 2 and low != high else None
    return {"line": run["middle_type"] or "mean", "bandShare": share, "low": low, "high": high}


def _answer(dashboard: Dashboard, visual: Visual, ask: Ask, held: set[Choice]) -> dict[str, Any]:
    if visual.kind == "KPIVisual":
        (row,) = ask(statement(dashboard, visual))
        values = [_cell(row, field) for field in visual.values]
        return {"value": values[0], "target": values[1] if len(values) > 1 else None}
    if visual.kind == "TableVisual":
        return _table(dashboard, visual, ask, held)
    rows = ask(statement(dashboard, visual))
    return {
        "times": [row[visual.groups[0].id][:19] for row in rows],
        "lines": [
            {
                "label": field.label,
                "dashed": field.id in visual.dashed,
                "values": [_cell(row, field) for row in rows],
            }
            for field in visual.values
        ],
    }


def _table(dashboard: Dashboard, visual: Visual, ask: Ask, held: set[Choice]) -> dict[str, Any]:
    """The first rows in the table's own order, and those of the series that the page holds."""
    by = [each.column for each in dashboard.filters]
    rows = ask(statement(dashboard, visual, by))
    kept = [
        (tuple(row[column] for column in by), row)
        for place, row in enumerate(rows)
        if place < ROWS_OF_A_TABLE or tuple(row[column] for column in by) in held
    ]
    return {
        "columns": [{"label": each.label, "percent": each.is_percent} for each in (*visual.groups, *visual.values)],
        "rows": [
            {
                "keys": keys,
                "cells": [
                    *(row[field.id] for field in visual.groups),
                    *(_cell(row, field) for field in visual.values),
                ],
            }
            for keys, row in kept
        ],
        "rowCount": len(rows),
    }


def _cell(row: Row, field: Field) -> float | None:
    return page_number(float(row[field.id])) if row[field.id] else None
