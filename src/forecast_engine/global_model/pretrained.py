"""A model trained beforehand on public series: point = mean of local models + unit * correction.

It serves panels too small to learn from, and larger panels beside their own model. Features and corrections are in
units of the series, as those of the panel's model, and time comes in seasons too: one fit serves years, quarters and
months. ``pretrained.json`` beside this file holds the trees and what they were trained on, see ``PretrainedDocument``;
``benchmarks/pretrained_model.py`` makes it.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TypedDict

import numpy as np

from forecast_engine.arrays.reductions import Array, sums_over_first
from forecast_engine.evaluation.windows import SHORTEST_TRAINING
from forecast_engine.global_model.covariate_columns import stacked
from forecast_engine.global_model.series import Indices, Series
from forecast_engine.global_model.trees import Features, Trees
from forecast_engine.panel.demand_class import intermittent
from forecast_engine.panel.frequency import Frequency
from forecast_engine.portfolio.portfolio import Portfolio

FILE = "pretrained.json"
_BASE_MEMBERS = (
    ("seasonal_naive", "values"),
    ("drift", "values"),
    ("theta", "values"),
    ("theta", "logarithms"),
    ("autoregression", "values"),
    ("autoregression", "differences"),
)  # model and transform: it corrects the mean of these
_UNITS = ("M", "Y")  # of frequencies; it was not tried on others, whose members differ
_SEASONS_BACK = 3
_CHANGES = (1, 2, 3)  # the latest values, each compared with the value a season earlier
_LATEST_SEASONS = 2  # the noise of these is compared with the noise of the whole history
_LATEST_PERIODS = 6  # of that noise at least, where seasons are short


class DataRecord(TypedDict):
    """One data set that the model was trained on: how many series, the names left out, a digest of all values."""

    name: str
    series: int
    left_out: list[str]
    sha256: str


class PretrainedDocument(TypedDict):
    """The shipped file; ``trees``: see ``trees.grown``."""

    data: list[DataRecord]
    trees: str


@dataclass(frozen=True)
class CorrectionRows:
    """Features [item * step, column] of corrections, and their use: point = ``mean`` + ``unit`` * correction."""

    features: Features
    mean: Array  # [item, step] of the local models
    unit: Array  # [item], 0 where a series never changed


def base_members_of(portfolio: Portfolio, frequency: Frequency) -> list[int] | None:
    """Positions of the base members in the portfolio; None where it lacks one, or the frequency is not served."""
    if frequency.unit not in _UNITS:
        return None
    positions = {(member.model, member.transform): position for position, member in enumerate(portfolio.members)}
    if not all(base in positions for base in _BASE_MEMBERS):
        return None
    return [positions[base] for base in _BASE_MEMBERS]


def series_of(history: Array, season_length: int) -> Series:
    """A history [item, time] as ``correction_rows`` takes it."""
    return Series.of(history, (1, season_length))


def correction_rows(
    series: Series, items: Indices, origins: Indices, season_length: int, local: Array
) -> CorrectionRows:
    """The features of all steps behind each origin.

    ``items`` and ``origins`` [row]; ``local`` [base member, row, step]: points from what lies before the origin.
    """
    horizon = local.shape[2]
    scale = series.scale(items, origins, season_length)
    unit = np.where(scale > 0, scale, np.nan)
    mean = sums_over_first(local) / len(local)
    spread = np.sqrt(sums_over_first((local - mean) ** 2) / len(local))
    age = (origins - np.minimum(series.starts[items], origins)) / season_length
    past = [column / unit for column in _past_columns(series, items, origins, season_length)]
    steps = np.tile(np.arange(1.0, horizon + 1), len(items))
    last = series.at(items, origins - 1)[:, None]
    level = series.mean(items, origins, season_length)[:, None]
    of_steps = [*local - mean, mean - mean[:, :1], mean - last, mean - level, spread]
    columns = [np.repeat(column, horizon) for column in (age, *past)] + [steps, steps / season_length]
    columns += [(column / unit[:, None]).ravel() for column in of_steps]
    return CorrectionRows(stacked(columns), mean, np.nan_to_num(unit))


def _past_columns(series: Series, items: Indices, origins: Indices, season_length: int) -> list[Array]:
    """Drift, level, changes and noise [row] of the histories, in units of the target."""
    levels = [
        series.mean(items, np.maximum(origins - back * season_length, 0), season_length)
        for back in range(_SEASONS_BACK + 1)
    ]
    starts = np.minimum(series.starts[items], origins)
    first = series.mean(items, np.minimum(starts + season_length, origins), season_length)
    seasons = (origins - starts) / season_length
    drift = np.where(seasons > _LATEST_SEASONS, levels[0] - first, np.nan) / np.maximum(seasons - 1, 1)
    changes = [series.at(items, origins - back) - series.at(items, origins - back - season_length) for back in _CHANGES]
    latest = max(_LATEST_SEASONS * season_length, _LATEST_PERIODS)
    noise = [
        series.latest_difference(items, origins, 1, series.values.shape[1]),
        series.latest_difference(items, origins, season_length, latest),
        series.latest_difference(items, origins, 1, latest),
    ]
    return [drift, levels[0], *changes, *(levels[0] - level for level in levels[1:]), *noise]


@dataclass(frozen=True)
class Pretrained:
    """The trees that ship with the package, at work."""

    trees: Trees

    def points(self, history: Array, season_length: int, local: Array) -> Array:
        """Points [item, step] behind ``history`` [item, time], from the points ``local`` [base member, item, step].

        NaN where an item is intermittent, whose quantiles come from elsewhere, or has too little history.
        """
        points = np.full(local.shape[1:], np.nan)
        long_enough = (~np.isnan(history)).sum(axis=1) >= SHORTEST_TRAINING
        items = np.flatnonzero(long_enough & ~intermittent(history))
        if len(items):
            origins = np.full(len(items), history.shape[1])
            series = series_of(history[items], season_length)
            rows = correction_rows(series, np.arange(len(items)), origins, season_length, local[:, items])
            correction = self.trees.predict(rows.features).reshape(rows.mean.shape)
            unit = rows.unit[:, None]  # a series that never changed stays what it was, to the last bit
            points[items] = np.where(unit > 0, rows.mean + unit * correction, local[0, items])
        return points


@cache
def shipped() -> Pretrained:
    """The model of the package, read once."""
    text = (resources.files("forecast_engine.global_model") / FILE).read_text()
    document: PretrainedDocument = json.loads(text)
    return Pretrained(Trees(document["trees"]))
