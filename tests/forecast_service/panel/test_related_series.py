"""Fillings of related series against a slow reading of their rules, period by period."""

import math
import statistics
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from forecast_engine import Frequency, Grid
from forecast_files.schema import Column, Schema
from forecast_service.panel.related_series import RelatedAttribute, RelatedSeries, SeriesOfPanel
from forecast_service.storage.bucket import Storage
from forecast_service.storage.imported_dataset import ImportedDataset, Key, Series

LENGTH, HORIZON, LEAD = 90, 6, 20
STATISTICS = {"median": statistics.median, "mean": statistics.fmean, "min": min, "max": max}
SCHEMA = Schema("RELATED_TIME_SERIES", (Column("item_id", "string", "item_id"), Column("price", "float", "feature")))
Known = dict[int, float]  # period -> value


@dataclass(frozen=True)
class HeldSeries(ImportedDataset):
    """An import whose rows are at hand."""

    held: Series

    def series(self, shard: int, shard_count: int, dimensions: list[str], columns: list[str]) -> Series:
        assert (dimensions, columns) == ([], ["feature_price"])
        return self.held


def grid() -> Grid:
    first = np.datetime64("2020-01-01", "s")
    return Grid.covering(Frequency.parse("D"), first, first + np.timedelta64((LENGTH - 1) * 86400, "s"))


def related(known: list[Known], attribute: RelatedAttribute, order: np.random.Generator) -> list[list[float]]:
    """What RelatedSeries makes of the items' values, whose rows come in any order."""
    rows = [(item, period, value) for item, values in enumerate(known) for period, value in values.items()]
    rows = [rows[row] for row in order.permutation(len(rows))]
    start = np.datetime64("2020-01-01", "s")
    keys: list[Key] = [(f"item_{item}",) for item in range(len(known))]
    series = Series(
        keys,
        np.array([item for item, _, _ in rows], dtype=np.int64),
        np.array([start + np.timedelta64(period * 86400, "s") for _, period, _ in rows]),
        {"feature_price": np.array([value for _, _, value in rows])},
    )
    nowhere = Storage("bucket", "prefix", client=Path())  # type: ignore[arg-type] # never asked
    imported = HeldSeries(SCHEMA, "D", 1, [0], None, None, len(keys), len(keys), {}, nowhere, series)
    starts = np.full(len(keys), LENGTH - 1)  # late, so that every series begins early enough
    arrays = RelatedSeries(imported, [attribute], grid(), HORIZON).arrays(0, 1, SeriesOfPanel(keys, [], starts))
    return [[float(value) for value in row] for row in arrays["price"]]


def by_hand(known: Known, attribute: RelatedAttribute) -> list[float]:
    """The same, period by period."""
    end = LENGTH + HORIZON if attribute.is_forward else LENGTH
    inside = {period: value for period, value in sorted(known.items()) if period < end}
    values = [inside.get(period, math.nan) for period in range(LENGTH + HORIZON)]
    for period in range(min(inside), end):
        if period < 0 or period in inside:
            continue
        filling = "futurefill" if period >= LENGTH else "middlefill" if period < max(inside) else "backfill"
        before = [value for at, value in inside.items() if at < period][-64:]
        method = attribute.fillings[filling]
        fixed = {"zero": 0.0, "value": float(attribute.fillings.get(f"{filling}_value", "nan"))}
        values[period] = fixed[method] if method in fixed else STATISTICS[method](before)
    return values


@pytest.mark.parametrize("seed", range(40))
def test_fillings_are_those_of_the_rules(seed: int) -> None:
    random = np.random.default_rng(seed)
    fillings = {}
    for filling in ("middlefill", "backfill", "futurefill"):
        fillings[filling] = str(random.choice(["zero", "value", *STATISTICS]))
        fillings[f"{filling}_value"] = str(int(random.integers(-9, 9)))
    attribute = RelatedAttribute("price", bool(random.integers(2)), fillings)
    known: list[Known] = []
    for _ in range(5):
        first, last = sorted(random.integers(-LEAD, LENGTH + HORIZON, 2).tolist())
        first = min(first, LENGTH - 1)  # a value at least that a historical attribute may read
        periods = {first, *random.permutation(np.arange(first, last + 1))[: random.integers(1, 90)].tolist()}
        known.append({period: float(random.integers(-50, 50)) for period in periods})
    found = related(known, attribute, random)
    for values, filled in zip(known, found, strict=True):
        assert filled == pytest.approx(by_hand(values, attribute), nan_ok=True)
