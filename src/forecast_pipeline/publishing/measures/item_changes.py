"""Which items a run has that the run before had not, and the other way round."""

from pathlib import Path

from forecast_contract.spreadsheet_text import unguarded
from forecast_contract.sql import identifier
from forecast_pipeline.publishing.exports.run_database import export_rows
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.exports.staging import key_aliases
from forecast_pipeline.runs.published import ChangedItems

MOST_NAMED = 10  # of the items that are new, and of those that have vanished


def item_changes(tables: RunTables, run_id: str, models: Path) -> ChangedItems | None:
    """The items against those of an earlier run, by its file of ``models``.

    None where it had other key columns, or where the service does not say what made a forecast.
    """
    run, rows = tables.run, export_rows([models])
    header = [name for name, *_ in tables.connection.execute(f"DESCRIBE FROM {rows}").fetchall()]
    if header != [*run.key_columns, *run.item_models_columns.values()]:
        return None
    aliases = key_aliases(run)
    named = zip(run.key_columns, aliases, strict=True)
    earlier = ", ".join(f"coalesce({unguarded(identifier(name))}, '') AS {alias}" for name, alias in named)
    now = ", ".join(f"coalesce({alias}, '') AS {alias}" for alias in aliases)
    tables.connection.execute(f"CREATE TEMP TABLE earlier_items AS SELECT DISTINCT {earlier} FROM {rows}")
    tables.connection.execute(
        f"CREATE TEMP TABLE items_now AS SELECT DISTINCT {now} FROM series SEMI JOIN item_models USING (series)"
    )
    counts = [_count(tables, table) for table in ("earlier_items", "items_now")]
    if not all(counts):
        return None
    new, vanished = _without(tables, "items_now", "earlier_items"), _without(tables, "earlier_items", "items_now")
    return ChangedItems(Since=run_id, New=new[0], NewNames=new[1], Vanished=vanished[0], VanishedNames=vanished[1])


def _count(tables: RunTables, table: str) -> int:
    ((count,),) = tables.connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(count)


def _without(tables: RunTables, table: str, other: str) -> tuple[int, list[str]]:
    """How many items of a table another one has not, and the first of their names."""
    rows = tables.connection.execute(
        f"SELECT count(*) OVER (), * FROM (FROM {table} EXCEPT FROM {other}) ORDER BY ALL LIMIT {MOST_NAMED}"
    ).fetchall()
    return (int(rows[0][0]) if rows else 0), [" · ".join(key) for _, *key in rows]
