"""Exports as the service writes them, for the series of ``made_up_panel``; nobody has trained anything for them."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

WINDOWS = 3
ITEMS_PER_PART = 16_000
STAMP = "2026-01-01T00-00-00Z"
_ITEM = "printf('item_%06d', item) AS item_id"
_POINT = "round((5 + hash(item) % 200) * (1 + 0.3 * sin(6.2832 * {day} / 7)), 3)"
_QUANTILES = "round(0.8 * point, 3) AS p10, point AS p50, round(1.2 * point, 3) AS p90"


def write_exports(folder: Path, items: int, days: int, horizon: int) -> Iterator[tuple[str, Path]]:
    """Key below the run's folder -> file of each part of each export, written while one is asked for."""
    for number, first in enumerate(range(0, items, ITEMS_PER_PART)):
        series = f"range({first}, {min(first + ITEMS_PER_PART, items)}) AS items(item)"
        for place, query in _queries(series, days, horizon).items():
            path = folder / "part.csv"
            duckdb.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER true)")
            yield f"{place}/panel_{STAMP}_part{number}.csv", path


def _queries(series: str, days: int, horizon: int) -> dict[str, str]:
    def moment(day: str, zone: str) -> str:
        return f"strftime(DATE '2024-01-01' + ({day})::INTEGER, '%Y-%m-%dT00:00:00{zone}')"

    ahead, behind = f"{days} + step", f"{days} - shown * {horizon} + step"
    start, end = f"{days} - shown * {horizon}", f"{days} - (shown - 1) * {horizon} - 1"
    window = f"{moment(start, '')} AS backtestwindow_start_time, {moment(end, '')} AS backtestwindow_end_time"
    steps, windows = f"range({horizon}) AS steps(step)", f"range(1, {WINDOWS + 1}) AS windows(shown)"
    return {
        "forecast": f"SELECT item_id, date, {_QUANTILES} FROM (SELECT {_ITEM}, {moment(ahead, 'Z')} AS date,"
        f" {_POINT.format(day=f'({ahead})')} AS point FROM {series}, {steps})",
        "backtest/forecasted-values": f"SELECT * EXCLUDE (point), {_QUANTILES} FROM (SELECT {_ITEM},"
        f" {moment(behind, 'Z')} AS timestamp, round(1.1 * point, 3) AS target_value, {window}, point"
        f" FROM (SELECT *, {_POINT.format(day=f'({behind})')} AS point FROM {series}, {windows}, {steps}))",
        "backtest/accuracy-metrics-values": f"SELECT {_ITEM}, 'Summary' AS backtest_window, '' AS"
        " backtestwindow_start_time, '' AS backtestwindow_end_time, 0.1 AS \"wQL[0.5]\", 0.1 AS WAPE FROM"
        f" {series}",
        "forecast/item-models": f"SELECT {_ITEM}, model, 7 AS season, 'values' AS form, weight, '' AS note"
        f" FROM {series},"
        " (VALUES ('ets', 0.5), ('theta', 0.3), ('lightgbm', 0.2)) AS models(model, weight)",
    }
