"""The two forms of the latest forecast: wide as the service exports it, and the workshop's long form for dashboards.

The tables ``forecast`` and ``train`` have Parquet files of the same rows.
"""

from pathlib import Path

from forecast_contract.exports import DATE, own_columns
from forecast_contract.spreadsheet_text import guarded
from forecast_contract.sql import identifier, literal
from forecast_pipeline.publishing.exports.catalog_types import forecast_types, train_types
from forecast_pipeline.publishing.exports.run_tables import RunTables

# As in the service's own export, so that one reader takes both.
EXPORT_PATTERN = "%Y-%m-%dT%H:%M:%SZ"


def write_wide(tables: RunTables, path: Path) -> None:
    """Key columns, item metadata, date, a column per forecast type; ordered by key and date, with a header."""
    columns = tables.keys_for_people
    columns |= {column: guarded(f"forecast.{alias}") for alias, column in tables.metadata_columns.items()}
    own = own_columns([DATE, *tables.forecast_types.names], columns)
    columns[own[DATE]] = f"strftime(forecast.timestamp, {literal(EXPORT_PATTERN)})"
    columns |= {own[name]: f"forecast.{name}" for name in tables.forecast_types.names}
    rows = "FROM forecast JOIN series USING (series) ORDER BY series.series, forecast.timestamp"
    tables.write_csv(path, columns, rows)


def write_long(tables: RunTables, path: Path, table_path: Path) -> None:
    """The schema's attributes in their order, and the type: one row per item, date and forecast type, with a header.

    The first row of each item and type is a bridge: the last actual value at its own time (table ``last_actual``). So
    the line of a forecast begins, in a chart, where its history ends. An attribute that is no forecast dimension was
    summed away, and its column is empty. ``table_path`` takes the same rows as Parquet, for the table ``forecast``.
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
    order = "series.series, line.type_order, line.timestamp, line.target"
    lines = " UNION ALL ".join(rows)
    rows_in_order = f"FROM ({lines}) AS line JOIN series USING (series) ORDER BY {order}"
    tables.write_csv(path, columns, rows_in_order)
    typed = columns | {run.timestamp_column: "line.timestamp"}
    tables.write_parquet(table_path, forecast_types(run), typed, rows_in_order)


def write_train(tables: RunTables, path: Path) -> None:
    """The rows of the train files as they were read, for a table ``train`` that cannot lie over the files."""
    schema = tables.run.train_format.schema
    columns = {column.name: f"train_rows.{identifier(column.canonical)}" for column in schema.columns}
    columns[tables.run.target_column] = "nullif(train_rows.target, 'nan')"
    order = [f"train_rows.{identifier(column.canonical)}" for column in schema.key_columns]
    rows = f"FROM train_rows ORDER BY {', '.join([*order, 'train_rows.timestamp', 'train_rows.target'])}"
    tables.write_parquet(path, train_types(tables.run), columns, rows)
