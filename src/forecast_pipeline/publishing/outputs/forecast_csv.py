"""The two forms of the latest forecast: wide as the service exports it, and the workshop's long form for dashboards."""

from pathlib import Path

from forecast_contract.sql import identifier, literal
from forecast_pipeline.publishing.exports.run_tables import RunTables

# As in the service's own export, so that one reader takes both.
EXPORT_PATTERN = "%Y-%m-%dT%H:%M:%SZ"


def write_wide(tables: RunTables, path: Path) -> None:
    """Key columns, item metadata, date, a column per forecast type; ordered by key and date, with a header."""
    keys = ", ".join(f"series.{identifier(column)}" for column in tables.run.key_columns)
    about = "".join(f"{alias} AS {identifier(column)}, " for alias, column in tables.metadata_columns.items())
    types = ", ".join(identifier(each) for each in tables.forecast_types.names)
    tables.connection.execute(
        f"""
        COPY (SELECT {keys}, {about}strftime(forecast.timestamp, {literal(EXPORT_PATTERN)}) AS date, {types}
              FROM forecast JOIN series USING (series) ORDER BY series, forecast.timestamp)
        TO {literal(str(path))} (FORMAT csv, HEADER true)
        """
    )


def write_long(tables: RunTables, path: Path) -> None:
    """The schema's attributes in their order, and ``type``: one row per item, date and forecast type, with a header.

    The first row of each item and type is a bridge: the last actual value at its own time (table ``last_actual``). So
    the line of a forecast begins, in a chart, where its history ends. An attribute that is no forecast dimension was
    summed away, and its column is empty.
    """
    run = tables.run
    rows = [
        f"SELECT series, timestamp, {identifier(name)} AS target, {order} AS type_order, {literal(name)} AS type"
        " FROM forecast"
        f" UNION ALL SELECT series, timestamp, target, {order}, {literal(name)} FROM last_actual"
        for order, name in enumerate(tables.forecast_types.names)
    ]
    columns = [_long_column(tables, name) for name, _ in run.attributes]
    tables.connection.execute(
        f"""
        COPY (SELECT {", ".join(columns)}, type
              FROM ({" UNION ALL ".join(rows)}) AS line JOIN series USING (series)
              ORDER BY series, type_order, line.timestamp)
        TO {literal(str(path))} (FORMAT csv, HEADER true)
        """
    )


def _long_column(tables: RunTables, name: str) -> str:
    run = tables.run
    if name == run.timestamp_column:
        return f"strftime(line.timestamp, {literal(run.timestamp_pattern)}) AS {identifier(name)}"
    if name == run.target_column:
        return f"target AS {identifier(name)}"
    return f"series.{identifier(name)}" if name in run.key_columns else f"NULL AS {identifier(name)}"
