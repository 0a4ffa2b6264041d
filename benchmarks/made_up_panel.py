"""The made-up daily panel of ``large_panel.py``, a file of which others take the first series."""

from pathlib import Path

import duckdb


def write_panel(path: Path, items: int, days: int) -> None:
    """A CSV of items with a level, a weekly season, a trend and noise of their own; the same at every call."""
    duckdb.execute("SET enable_progress_bar = false")
    duckdb.execute(
        f"""
        COPY (
            SELECT printf('item_%06d', item) AS item_id,
                   strftime(DATE '2024-01-01' + day::INTEGER, '%Y-%m-%d') AS timestamp,
                   round(greatest(0, level * (1 + 0.3 * sin(6.2832 * (day + phase) / 7) + 0.0005 * slope * day)
                         + 0.2 * level * (hash(item * {days} + day) % 2000 / 1000.0 - 1)), 2) AS target_value
            FROM (SELECT item, 5 + hash(item) % 200 AS level, hash(item + 1) % 7 AS phase,
                         hash(item + 2) % 3 - 1.0 AS slope
                  FROM range({items}) AS items(item)),
                 range({days}) AS days(day)
        ) TO '{path}' (FORMAT csv, HEADER false)
        """
    )
