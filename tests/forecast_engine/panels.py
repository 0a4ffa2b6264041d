"""Panels of made-up series for the tests of training and forecasting."""

from dataclasses import replace

import numpy as np

from forecast_engine import (
    ROUNDS,
    Covariates,
    Frequency,
    Grid,
    Panel,
    Predictor,
    TrainingSettings,
    initial_shared_state,
    merge_round,
    run_round,
)
from forecast_engine.arrays.reductions import Array
from forecast_engine.portfolio.portfolio import Member
from forecast_engine.state import Arrays


def panel_of(target: Array, frequency: str = "M", item_ids: list[str] | None = None) -> Panel:
    """A panel whose target is given as an array [item, time]."""
    start = np.datetime64("2015-01-01T00:00:00")
    one = Grid.covering(Frequency.parse(frequency), start, start)
    grid = Grid.covering(one.frequency, start, one.timestamps(target.shape[1] - 1, 1)[0])
    names = item_ids or [f"item-{number:03d}" for number in range(len(target))]
    return Panel(names, grid, target, ~np.isnan(target), 0)


def seasonal_walks(item_count: int, length: int, seed: int = 0, season: int = 12) -> Array:
    """Random walks with a multiplicative season, above zero; every seventh is intermittent."""
    random = np.random.default_rng(seed)
    level = 100 * np.exp(np.cumsum(random.normal(0.002, 0.03, (item_count, length)), axis=1))
    pattern = 1 + 0.3 * np.sin(2 * np.pi * (np.arange(length) % season) / season)
    values = level * pattern * np.exp(random.normal(0, 0.05, (item_count, length)))
    sparse = random.poisson(0.4, (item_count, length)).astype(float)
    values[::7] = sparse[::7]
    return values


def rows_of(panel: Panel, rows: list[int]) -> Panel:
    """The panel of some of its items, in the order given."""
    covariates = Covariates(
        related={name: values[rows] for name, values in panel.covariates.related.items()},
        calendar=panel.covariates.calendar,
        attributes={name: values[rows] for name, values in panel.covariates.attributes.items()},
    )
    item_ids = [panel.item_ids[row] for row in rows]
    return Panel(item_ids, panel.grid, panel.target[rows], panel.observed[rows], 0, covariates)


def with_covariates(panel: Panel, horizon: int, seed: int = 1) -> Panel:
    """The panel with covariates of each kind that have nothing to do with its target, gaps and unknowns included."""
    items, width = len(panel.item_ids), panel.grid.length + horizon
    random = np.random.default_rng(seed)
    price = random.uniform(1, 9, (items, width))
    price[::3, 7] = np.nan
    stock = np.where(np.arange(width) < panel.grid.length, random.poisson(5.0, (items, width)), np.nan)
    size = np.where(np.arange(items) % 4 == 0, np.nan, np.arange(items))
    return replace(
        panel,
        covariates=Covariates(
            related={"price": price, "stock": stock},
            calendar={"Holiday_KR": (np.arange(width) % 9 == 0).astype(float)},
            attributes={"brand": np.array([["a", "b", ""][item % 3] for item in range(items)]), "size": size},
        ),
    )


def train(shards: list[Panel], settings: TrainingSettings) -> list[Predictor]:
    """Run all rounds over the shards; the predictor of each."""
    states: list[Arrays] = [{} for _ in shards]
    shared = initial_shared_state(sum(len(shard.item_ids) for shard in shards))
    for name in ROUNDS:
        results = [run_round(name, shard, settings, state, shared) for shard, state in zip(shards, states, strict=True)]
        states = [result.state for result in results]
        shared = merge_round(name, [result.sums for result in results], shared, settings)
    return [Predictor.of(settings, state, shared) for state in states]


def trained_with(predictor: Predictor, members: tuple[Member, ...]) -> Predictor:
    """The predictor as a version of the engine with other members would have left it."""
    tables = predictor.shared.tables
    errors = replace(tables.member_errors.errors, members=members)
    tables = replace(tables, member_errors=replace(tables.member_errors, errors=errors))
    return replace(predictor, shared=replace(predictor.shared, tables=tables))
