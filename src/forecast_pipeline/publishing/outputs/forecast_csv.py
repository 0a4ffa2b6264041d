"""The two forms of the latest forecast: wide as the service exports it, and the workshop's long form for dashboards."""

from pathlib import Path

from forecast_contract.exports import DATE, own_columns
from forecast_contract.sql import identifier, literal
from forecast_pipeline.publishing.exports.run_tables import RunTables

# As in the service's own export, so that one reader takes both.
EXPORT_PATTERN = "%Y-%m-%dT%H:%M:%SZ"


def write_wide(tables: RunTables, path: Path) -> None:
    """Key columns, item metadata, date, a column per forecast type; ordered by key and date, with a header."""
    columns = tables.named_keys
    columns |= {column: f"forecast.{alias}" for alias, column in tables.metadata_columns.items()}
    own = own_columns([DATE, *tables.forecast_types.names], columns)
    columns[own[DATE]] = f"strftime(forecast.timestamp, {literal(EXPORT_PATTERN)})"
    columns |= {own[name]: f"forecast.{name}" for name in tables.forecast_types.names}
    rows = "FROM forecast JOIN series USING (series) ORDER BY series.series, forecast.timestamp"
    tables.write_csv(path, columns, rows)


def write_long(tables: RunTables, path: Path) -> None:
    """The schema's attributes in their order, and the type: one row per item, date and forecast type, with a header.

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
    known = tables.named_keys | {
        run.timestamp_column: f"strftime(line.timestamp, {literal(run.timestamp_pattern)})",
        run.target_column: "line.target",
    }
    columns = {name: known.get(name, "NULL") for name, _ in run.attributes} | {run.type_column: "line.type"}
    order = "series.series, line.type_order, line.timestamp"
    lines = " UNION ALL ".join(rows)
    tables.write_csv(path, columns, f"FROM ({lines}) AS line JOIN series USING (series) ORDER BY {order}")
