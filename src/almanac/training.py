"""Trains the engine on the panels of all shards, in this process, and forecasts them."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from almanac.panels import PanelSource, panel_source
from forecast_engine import (
    ROUNDS,
    Array,
    BacktestResult,
    Forecast,
    JsonObject,
    Panel,
    Predictor,
    RoundResult,
    TrainingSettings,
    backtest_result,
    forecast,
    initial_shared_state,
    merge_round,
    run_round,
)
from forecast_engine.evaluation import unobserved_periods
from local_aws.upload.upload import Guesses

Key = tuple[str, ...]  # what names a series: the item, then its dimensions
Given = TypeVar("Given")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Shard:
    """Series of the data: their keys, their panel, and the engine's predictor of them."""

    keys: list[Key]
    panel: Panel
    predictor: Predictor


@dataclass(frozen=True)
class Trained:
    """What a training leaves: the guesses that it followed, the rows, and the state of each shard."""

    guesses: Guesses
    source: PanelSource
    panels: dict[int, Panel]
    states: dict[int, dict[str, Array]]
    shared: JsonObject

    @cached_property
    def shards(self) -> list[Shard]:
        """All series that are to be forecast, with the items that metadata describe and that have no history."""
        count, own = self.source.shard_count, self.source.plan.shard_count
        shards = []
        for number in self.source.shards:
            keys, panel = self.source.panel(number, count)
            if keys:
                state = self.states.get(number % own)
                shards.append(Shard(keys, panel, Predictor.of(self.source.plan.settings, state, self.shared)))
        return shards

    @cached_property
    def forecasts(self) -> list[Forecast]:
        """The forecast of each of the ``shards``."""
        return _each(lambda shard: forecast(shard.panel, shard.predictor), self.shards)

    def backtests(self) -> list[BacktestResult]:
        """The backtest windows of the series that were trained on, of each of their shards."""
        plan = self.source.plan
        return [backtest_result(Predictor.of(plan.settings, self.states[shard], self.shared)) for shard in plan.shards]

    def occurring(self) -> list[NDArray[np.bool_]]:
        """Of each of the ``shards`` [item, step]: whether the period of a step ever occurs in its series.

        All do, unless weekdays and times that never occur are no periods of the forecast.
        """
        first, end = self.source.grid.length, self.source.grid.length + self.source.plan.settings.horizon
        if not self.guesses.planned.missing.leaves_out_phases:
            return [np.ones((len(shard.keys), end - first), dtype=bool) for shard in self.shards]
        known = np.logical_or.reduce([(~np.isnan(shard.panel.target)).any(axis=0) for shard in self.shards])
        together = replace(
            self.shards[0].panel, item_ids=["all"], target=np.where(known, 1.0, np.nan)[None], observed=known[None]
        )
        in_all = unobserved_periods(together, first, end)
        return [~(unobserved_periods(shard.panel, first, end) | in_all) for shard in self.shards]


def train(guesses: Guesses) -> Trained:
    """Train on the rows that were guessed about. ValueError or InputRefused for what cannot be forecast."""
    source = panel_source(guesses)
    plan = source.plan
    panels = {shard: source.panel(shard, plan.shard_count, with_new_items=False)[1] for shard in plan.shards}
    states: dict[int, dict[str, Array]] = {shard: {} for shard in plan.shards}
    shared = initial_shared_state(plan.series_count)
    for name in ROUNDS:
        run = partial(_round, name, plan.settings, shared)
        results = _each(run, [(panels[shard], states[shard]) for shard in plan.shards])
        states = {shard: dict(result.state) for shard, result in zip(plan.shards, results, strict=True)}
        shared = merge_round(name, [result.sums for result in results], shared, plan.settings)
    return Trained(guesses, source, panels, states, shared)


def _round(
    name: str, settings: TrainingSettings, shared: JsonObject, shard: tuple[Panel, dict[str, Array]]
) -> RoundResult:
    panel, state = shard
    return run_round(name, panel, settings, state, shared)


def _each(run: Callable[[Given], Result], given: Iterable[Given]) -> list[Result]:
    """The results in the order of what was given; several are at work at a time."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(run, given))
