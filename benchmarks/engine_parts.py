"""Parts of the engine that ``ablation.py`` takes away, by patches of the engine's modules."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any
from unittest.mock import patch

import numpy as np
from data_sets import Competition
from peers import QUANTILES, Forecasts

from forecast_engine import Array, TrainingSettings
from forecast_engine.ensemble.weights import relative_errors
from forecast_engine.evaluation.scales import seasonal_differences
from forecast_engine.intervals.conformity_scores import WHOLE_SCORE
from forecast_engine.models import LOCAL_MODELS
from forecast_engine.portfolio.portfolio import Member, Portfolio

_NONE = np.zeros(0, dtype=np.int64)
_PANEL_PART = 1e-9  # of a window: nothing, but for items without a window of their own


class PartError(Exception):
    """The part could not be taken away."""


@dataclass(frozen=True)
class Part:
    """Something that can be missing: members, by a patch, or by other quantiles in the end.

    ``members`` tells which of the ensemble's lose their weight. Their other uses stay: as base members of the
    pre-trained model, as the expected demand of intermittent items. ``refit``: whether the global model is fitted anew.
    """

    name: str
    members: Callable[[Member], bool] | None = None
    patched: Callable[[], AbstractContextManager[Any]] = nullcontext
    quantiles: Callable[[Competition, Forecasts], Array] | None = None
    refit: bool = False

    def taken_away(self) -> AbstractContextManager[Any]:
        """The engine without the part, for a while."""
        return self.patched() if self.members is None else without_members(self.members)


@contextmanager
def constant(module: str, value: Any, *names: str) -> Iterator[None]:
    """Constants of a module of the engine have another value for a while; PartError where there is no such one."""
    found = importlib.import_module(f"forecast_engine.{module}")
    missing = [name for name in names if not hasattr(found, name)]
    if missing:
        raise PartError(f"forecast_engine.{module} has no {', '.join(missing)} any more")
    with patch.multiple(found, **dict.fromkeys(names, value)):
        yield


@contextmanager
def without_members(chosen: Callable[[Member], bool]) -> Iterator[None]:
    """Members for which ``chosen`` holds have no weight."""
    weights = importlib.import_module("forecast_engine.ensemble.weights")
    original = weights.prior_shares

    def replaced(members: tuple[Member, ...]) -> Array:
        counts = np.where([chosen(member) for member in members], 0.0, original(members))
        return counts if counts.any() else np.ones(len(members))

    with patch.object(weights, "prior_shares", replaced):
        yield


@contextmanager
def plain_widths() -> Iterator[None]:
    """Intervals in units of MASE's scale, the items' own backtests and the age of windows left out."""
    found = {
        name: importlib.import_module(f"forecast_engine.{name}")
        for name in ("training.backtest", "forecasting.forecast")
    }
    calibration, window_errors = (
        importlib.import_module(f"forecast_engine.training.{name}") for name in ("calibration", "window_errors")
    )
    with ExitStack() as patches:
        for user in found.values():
            patches.enter_context(patch.object(user, "change_scale", lambda *past: seasonal_differences(*past)[0]))
        for module in (calibration, window_errors):
            patches.enter_context(patch.object(module, "difficulty", lambda ratios: np.ones(len(ratios))))
        patches.enter_context(
            patch.object(window_errors, "score_weights", lambda counts: np.full(counts.shape, WHOLE_SCORE))
        )
        patches.enter_context(constant("intervals.conformity_scores", 1.0, "_LOCATION_KEPT"))
        yield


def weights_by_absolute_errors() -> AbstractContextManager[Any]:
    """Weights of intermittent items are learnt from the errors that those of all others are learnt from."""
    return constant(
        "training.backtest",
        lambda points, actual, measure, _: relative_errors(points, actual, measure),
        "_relative_errors",
    )


@contextmanager
def conformal_for_all() -> Iterator[None]:
    """Quantiles of intermittent items come from the scores of their like, not from their own past."""
    predictor = importlib.import_module("forecast_engine.forecasting.forecast")
    original = getattr(predictor, "item_quantiles", None)
    if original is None:
        raise PartError("forecast_engine.forecasting.forecast has no item_quantiles any more")

    def replaced(**arguments: Any) -> Any:
        if "demand" not in arguments:
            raise PartError("item_quantiles is called without 'demand'")
        demand = arguments["demand"]
        smooth = replace(demand, is_intermittent=np.zeros_like(demand.is_intermittent))
        return original(**arguments | {"demand": smooth})

    with patch.object(predictor, "item_quantiles", replaced):
        yield


def gaussian(competition: Competition, whole: Forecasts) -> Array:
    """Normal quantiles [item, step, level] around the mean, as the textbook has them for seasonal naive: the root mean
    square of past seasonal differences, times the root of the seasons ahead. Intermittent items keep theirs.
    """
    data_set = competition.data_set
    steps = np.arange(data_set.horizon) // data_set.season + 1
    spread = typical_difference(competition.history, data_set.season)[:, None] * np.sqrt(steps)
    normal = np.array([NormalDist().inv_cdf(level) for level in QUANTILES])
    quantiles = whole.mean[:, :, None] + spread[:, :, None] * normal
    floor = np.where(np.nanmin(competition.history, axis=1) < 0, -np.inf, 0.0)
    quantiles = np.maximum(quantiles, floor[:, None, None])
    is_intermittent = Portfolio.for_frequency(competition.panel.grid.frequency).is_intermittent(competition.history)
    return np.where(is_intermittent[:, None, None], whole.quantiles, quantiles)


def typical_difference(history: Array, season: int) -> Array:
    """Root mean square [item] of differences over one season, over one period where there is none; NaN breaks pairs."""
    found = np.zeros(len(history))
    for lag in sorted({season, 1}):  # the season's last: it wins where it exists
        if history.shape[1] > lag:
            differences = history[:, lag:] - history[:, :-lag]
            count = (~np.isnan(differences)).sum(axis=1)
            squares = np.nansum(differences**2, axis=1)
            found = np.where(count > 0, np.sqrt(squares / np.maximum(count, 1)), found)
    return found


def model(name: str, *transforms: str) -> Callable[[Member], bool]:
    """Whether a member is of a model, and of one of the transforms if any is given."""
    return lambda member: member.model == name and (not transforms or member.transform in transforms)


PARTS = (
    Part("learned weights", patched=lambda: constant("ensemble.weights", 0.0, "SHARPNESS")),
    Part("the panel's part in the weights", patched=lambda: constant("ensemble.weights", _PANEL_PART, "PRIOR_WINDOWS")),
    Part(
        "further learning windows", patched=lambda: constant("evaluation.windows", 1, "_LEARNING_WINDOWS"), refit=True
    ),
    Part("closed periods", patched=lambda: constant("panel.open_history", lambda *_: _NONE, "candidates"), refit=True),
    Part("the floor of seasonal naive", patched=lambda: patch.object(TrainingSettings, "has_floor", False)),
    Part("conformal quantiles", quantiles=gaussian),
    Part("widths by change, level, backtests", patched=plain_widths),
    Part("NPTS and demand table: conformal", patched=conformal_for_all),
    Part("the demand table: NPTS alone", patched=lambda: constant("intervals.demand_table", 0.0, "_TABLE_SHARE")),
    Part("squared errors of intermittent items", patched=weights_by_absolute_errors),
    Part("the panel's global model", members=model("lightgbm", "values")),
    Part("the year in days", patched=lambda: constant("global_model.fitting", lambda _: False, "has_year"), refit=True),
    Part(
        "means of a weekday: of one week",
        patched=lambda: constant("global_model.features", 1, "_CYCLES_OF_MEAN"),
        refit=True,
    ),
    Part(
        "ten windows of one series",
        patched=lambda: constant("evaluation.windows", 5, "_LEARNING_WINDOWS_OF_ONE"),
        refit=True,
    ),
    Part("memories of a week: four cycles", patched=lambda: constant("portfolio.portfolio", {}, "_MEMORIES")),
    Part("the pre-trained model", members=model("lightgbm", "pretrained")),
    Part("both LightGBM models", members=model("lightgbm")),
    *(Part(f"model {name}", members=model(name)) for name in LOCAL_MODELS if name != "damped_trend"),
    Part("logarithms", members=lambda member: member.transform == "logarithms"),
    Part("differences", members=lambda member: member.transform == "differences"),
)
