"""Which items a run has that the run before had not, and the other way round."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.runs.published import ChangedItems

MOST_NAMED = 10  # of the items that are new, and of those that have vanished


@dataclass(frozen=True)
class ItemDifference:
    """The items of some series, now and in an earlier run; ``new_keys`` and ``vanished_keys`` are the first by name."""

    earlier: int
    now: int
    new: int
    new_keys: list[list[str]]
    vanished: int
    vanished_keys: list[list[str]]


def item_difference(tables: RunTables) -> ItemDifference:
    """The items whose models the service names against ``earlier_items``."""
    now = ", ".join(f"coalesce({alias}, '') AS {alias}" for alias in tables.keys.split(", "))
    tables.connection.execute(
        f"CREATE TEMP TABLE items_now AS SELECT DISTINCT {now} FROM series SEMI JOIN item_models USING (series)"
    )
    new, vanished = _without(tables, "items_now", "earlier_items"), _without(tables, "earlier_items", "items_now")
    return ItemDifference(_count(tables, "earlier_items"), _count(tables, "items_now"), *new, *vanished)


def changed_items(run_id: str, differences: Sequence[ItemDifference]) -> ChangedItems | None:
    """The items against those of the run ``run_id``, of all shards together.

    None where it had none or other key columns, or where the service does not say what made a forecast.
    """
    if not sum(each.earlier for each in differences) or not sum(each.now for each in differences):
        return None
    return ChangedItems(
        Since=run_id,
        Earlier=sum(each.earlier for each in differences),
        New=sum(each.new for each in differences),
        NewNames=_first_names(each.new_keys for each in differences),
        Vanished=sum(each.vanished for each in differences),
        VanishedNames=_first_names(each.vanished_keys for each in differences),
    )


def _count(tables: RunTables, table: str) -> int:
    ((count,),) = tables.connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(count)


def _without(tables: RunTables, table: str, other: str) -> tuple[int, list[list[str]]]:
    """How many items of a table another one has not, and the first of their keys."""
    rows = tables.connection.execute(
        f"SELECT count(*) OVER (), * FROM (FROM {table} EXCEPT FROM {other}) ORDER BY ALL LIMIT {MOST_NAMED}"
    ).fetchall()
    return (int(rows[0][0]) if rows else 0), [list(key) for _, *key in rows]


def _first_names(keys: Iterable[list[list[str]]]) -> list[str]:
    return [" · ".join(key) for key in sorted(chain.from_iterable(keys))[:MOST_NAMED]]
