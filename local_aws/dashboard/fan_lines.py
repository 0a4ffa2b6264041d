"""The fan chart of the dashboard for each choice of its filters: everything, a dimension, an item, an item's dimension.

A page cannot carry 30,000 series. It carries the totals, which are of all of them, and the series whose forecast is the
largest.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forecast_pipeline.publishing.outputs.report_page import page_number
from local_aws.dashboard.athena import Row
from local_aws.dashboard.definition import Dashboard, Visual
from local_aws.dashboard.visual_sql import quoted, statement

MOST_SERIES = 500
MOST_DIMENSIONS = 100
NUMBERS_IN_PAGE = 600_000  # some 4 MB of page, as in the report
ITEM, DIMENSION = "item_id", "dimension"

Ask = Callable[[str], list[Row]]
Choice = tuple[str | None, str | None]  # item and dimension; None stands for all of them
EVERYTHING: Choice = (None, None)


@dataclass(frozen=True)
class FanAxis:
    """The periods of the chart; from place ``start`` on there are ``horizon`` of them with a forecast."""

    times: list[str]
    start: int
    horizon: int


def fan_lines(dashboard: Dashboard, fan: Visual, ask: Ask) -> dict[str, Any]:
    """The time axis, a line with its band for each choice that the page offers, and how many series there are."""
    total = ask(statement(dashboard, fan))
    axis = _axis(fan, total)
    (count,) = ask(
        f'SELECT count(DISTINCT "series") AS "series", count(DISTINCT {quoted(ITEM)}) AS "items",'
        f' count(DISTINCT {quoted(DIMENSION)}) AS "dimensions" FROM {quoted(fan.table)}'
    )
    has_dimensions = int(count["dimensions"]) > 1
    most = _most_series(axis, has_dimensions=has_dimensions)
    rows: dict[Choice, list[Row]] = {EVERYTHING: total}
    for by, where in _splits(fan, most, has_dimensions=has_dimensions):
        for row in ask(statement(dashboard, fan, by, where)):
            choice = (row.get(ITEM), row.get(DIMENSION))
            rows.setdefault(choice, []).append(row)
    accuracy = _accuracy(ask)
    lines = [
        {"item": choice[0], "dimension": choice[1]} | _line(fan, axis, each) | accuracy.get(choice, NOT_MEASURED)
        for choice, each in rows.items()
    ]
    return {
        "times": axis.times,
        "forecastStart": axis.start,
        "lines": lines,
        "items": _items(lines),
        "seriesCount": int(count["series"]),
        "itemCount": int(count["items"]),
        "dimensionCount": int(count["dimensions"]),
        "heldSeriesCount": min(most, int(count["series"])),
    }


def _axis(fan: Visual, total: list[Row]) -> FanAxis:
    times = [row[fan.groups[0].id][:19] for row in total]
    forecast = [place for place, row in enumerate(total) if row[_ids(fan)["middle"]]]
    return FanAxis(times, forecast[0] if forecast else len(times), len(forecast))


def _ids(fan: Visual) -> dict[str, str]:
    return {field.column: field.id for field in fan.values}


def _most_series(axis: FanAxis, *, has_dimensions: bool) -> int:
    """How many series the page can carry; with dimensions each item has a line for all of its series besides."""
    numbers_each = (len(axis.times) + 2 * axis.horizon) * (2 if has_dimensions else 1)
    return max(1, min(MOST_SERIES, NUMBERS_IN_PAGE // max(1, numbers_each)))


def _splits(fan: Visual, most: int, *, has_dimensions: bool) -> Iterator[tuple[list[str], str]]:
    """By which columns the chart is to be split, and for which rows."""
    series = _among_largest(fan, "series", most)
    yield [ITEM], f"{quoted(ITEM)} IN (SELECT {quoted(ITEM)} FROM {quoted(fan.table)} WHERE {series})"
    if has_dimensions:
        yield [DIMENSION], _among_largest(fan, DIMENSION, MOST_DIMENSIONS)
        yield [ITEM, DIMENSION], series


def _among_largest(fan: Visual, column: str, count: int) -> str:
    return (
        f"{quoted(column)} IN (SELECT {quoted(column)} FROM {quoted(fan.table)} GROUP BY {quoted(column)}"
        f' ORDER BY sum(abs(coalesce("p50", "mean"))) DESC NULLS LAST, {quoted(column)} LIMIT {count})'
    )


def _line(fan: Visual, axis: FanAxis, rows: list[Row]) -> dict[str, Any]:
    """What the chart draws of one choice: its history up to the last value, and its forecast with the band."""
    ids = _ids(fan)
    at = {row[fan.groups[0].id][:19]: row for row in rows}

    def values(column: str, times: list[str]) -> list[float | None]:
        texts = (at[time][ids[column]] if time in at else "" for time in times)
        return [page_number(float(text)) if text else None for text in texts]

    history = values("history", axis.times)
    while history and history[-1] is None:
        history.pop()
    steps = axis.times[axis.start :]
    forecast = {"line": values("middle", steps), "low": values("p10", steps), "high": values("p90", steps)}
    if all(value is None for value in (*forecast["low"], *forecast["high"])):
        forecast = {"line": forecast["line"]}
    return {"history": history, "forecast": forecast, "backtests": []}


def _items(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the list offers: all items together (item None), then each, the largest forecast first."""
    of_items = [line for line in lines if line["dimension"] is None]
    of_items.sort(key=lambda line: (line["item"] is not None, -_size(line), line["item"]))
    return [
        {"name": line["item"] or "", "item": line["item"], "wape": line["wape"], "naiveWape": line["naiveWape"]}
        for line in of_items
    ]


def _size(line: dict[str, Any]) -> float:
    return sum(abs(value) for value in line["forecast"]["line"] if value is not None)


NOT_MEASURED: dict[str, float | None] = {"wape": None, "naiveWape": None}


def _accuracy(ask: Ask) -> Mapping[Choice, dict[str, float | None]]:
    """WAPE for each choice: the sum of the errors of its series as a share of their total.

    A series' error is its WAPE times its total.
    """
    sums: dict[Choice, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for row in ask(
        f'SELECT {ITEM}, {DIMENSION}, "wape" * "total" AS "error", "seasonal_naive_wape" * "total" AS "naive_error",'
        ' "total" FROM "forecast_accuracy"'
    ):
        if all(row[name] for name in ("error", "naive_error", "total")):
            item, dimension = row[ITEM], row[DIMENSION]
            for choice in (EVERYTHING, (item, None), (None, dimension), (item, dimension)):
                for place, name in enumerate(("error", "naive_error", "total")):
                    sums[choice][place] += float(row[name])
    return {
        choice: {"wape": page_number(error / total), "naiveWape": page_number(naive / total)}
        for choice, (error, naive, total) in sums.items()
        if total
    }
