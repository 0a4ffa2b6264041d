"""The global model is fitted: two times on the sample, on what precedes the backtest windows and on everything."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_engine.evaluation.windows import SHORTEST_TRAINING, backtest_windows
from forecast_engine.global_model import cold_start
from forecast_engine.global_model.demand import Demand, demand_features, demand_groups
from forecast_engine.global_model.features import FeatureTable, Layout
from forecast_engine.global_model.sample import sampled_panel
from forecast_engine.global_model.series import Indices
from forecast_engine.global_model.trees import Features, grown
from forecast_engine.panel.demand_class import DEMAND_CLASSES, intermittent
from forecast_engine.panel.panel import Covariates, Panel
from forecast_engine.settings import Document, TrainingSettings

_ROWS = 60_000  # of a fit: more change little, and cost
_ROWS_PER_PERIOD = 4  # seen from so many origins on average: more tell little more of the same period
_FEWEST_PERIODS = 600  # to be forecast, over all items of a kind: with fewer, series of M3 are better off without
_FEWEST_WITH_COVARIATES = 200  # which say what no local model knows
_BEFORE_WINDOWS = 0.2  # share of the periods that the fit for the windows must see to be worth comparing
_LARGEST_TARGET = 30.0  # in units of the series' scale: what lies farther off must not rule a mean
_PARAMETERS: dict[str, Any] = {
    "num_iterations": 80,
    "num_leaves": 31,
    "learning_rate": 0.08,
    "min_data_in_leaf": 40,
    "max_bin": 127,
    "feature_fraction": 0.7,
}
_WITH_COVARIATES: dict[str, Any] = {  # what covariates do takes more trees to tell, and more leaves
    "num_iterations": 150,
    "num_leaves": 63,
    "learning_rate": 0.1,
    "feature_fraction": 0.5,
}
_OBJECTIVES = {
    "smooth": "regression_l1",
    "intermittent": "poisson",  # demand that is mostly 0 has no telling median, and its variance grows with its mean
}


def fit(shards: Iterable[Document], settings: TrainingSettings) -> Document:
    """``global_model`` and ``cold_start`` as JSON objects, from what all shards sent as their sample.

    None in place of what was not asked for or has too little to learn from.
    """
    documents = [shard for shard in shards if shard]
    panel = sampled_panel(documents, settings.horizon) if documents else None
    if panel is None or not panel.item_ids:
        return {"global_model": None, "cold_start": None}
    layout = _layout(panel)
    return {
        "global_model": _fit_global(panel, layout, settings),
        "cold_start": cold_start.fit(panel, layout, settings.horizon),
    }


def _fit_global(panel: Panel, layout: Layout, settings: TrainingSettings) -> Document | None:
    """Two fits; ``windows_from`` is the first period that the windows' one has not seen."""
    table = FeatureTable(panel, layout, settings.horizon)
    windows_from = _windows_from(panel, table, settings)
    if windows_from is None:
        return None
    return {
        "layout": layout.to_document(),
        "groups": table.groups(),
        "demand_groups": demand_groups(table),
        "windows_from": windows_from,
        "windows": _fit_kinds(panel, table, windows_from, settings.horizon),
        "final": _fit_kinds(panel, table, panel.grid.length, settings.horizon),
    }


def _layout(panel: Panel) -> Layout:
    """The covariates' columns: a related series is known ahead if any item's goes on behind the grid."""
    covariates, length = panel.covariates, panel.grid.length
    known_ahead = {name: bool((~np.isnan(values[:, length:])).any()) for name, values in covariates.related.items()}
    return Layout(known_ahead, tuple(covariates.calendar), _attributes(covariates))


def _attributes(covariates: Covariates) -> dict[str, tuple[str, ...] | None]:
    categories: dict[str, tuple[str, ...] | None] = {}
    for name, values in covariates.attributes.items():
        is_text = values.dtype.kind == "U"
        categories[name] = tuple(sorted({str(value) for value in values} - {""})) if is_text else None
    return categories


def _windows_from(panel: Panel, table: FeatureTable, settings: TrainingSettings) -> int | None:
    """The start of the earliest window before which lies enough to learn from; None if there is none."""
    everything = _period_count(panel, table, panel.grid.length)
    starts = sorted(window.start for window in backtest_windows(panel.grid.length, settings))
    for start in starts:
        count = _period_count(panel, table, start)
        if count >= max(_fewest_periods(panel), _BEFORE_WINDOWS * everything):
            return start
    return None


def _fewest_periods(panel: Panel) -> int:
    return _FEWEST_WITH_COVARIATES if _has_moving_covariates(panel) else _FEWEST_PERIODS


def _has_moving_covariates(panel: Panel) -> bool:
    return bool(panel.covariates.related or panel.covariates.calendar)


def _period_count(panel: Panel, table: FeatureTable, end: int) -> int:
    """Observed periods before ``end`` that have enough history before them."""
    first = _first_targets(panel, table)
    return int((~np.isnan(panel.target[:, :end]) & (np.arange(end) >= first[:, None])).sum())


def _first_targets(panel: Panel, table: FeatureTable) -> Indices:
    """[item]: the first period that is learnt from."""
    season = panel.grid.frequency.season_length
    return table.starts + max(SHORTEST_TRAINING, min(season, 24))


def _fit_kinds(panel: Panel, table: FeatureTable, end: int, horizon: int) -> dict[str, str | None]:
    """The trained trees by kind of series, None for a kind with too little to learn from."""
    kinds = intermittent(panel.target[:, :end]).astype(int)
    trees: dict[str, str | None] = {}
    for kind, name in enumerate(DEMAND_CLASSES):
        items = np.flatnonzero(kinds == kind)
        cells = _training_cells(panel, table, items, end, horizon)
        rows = None if cells is None else _ROWS_OF[name](panel, table, *cells)
        if rows is None or len(rows.targets) < _fewest_periods(panel):
            trees[name] = None
            continue
        parameters = _PARAMETERS | {"objective": _OBJECTIVES[name]}
        if _has_moving_covariates(panel):
            parameters |= _WITH_COVARIATES
        trees[name] = grown(rows.features, rows.targets, rows.categorical, parameters, rows.weights)
    return trees


def _training_cells(
    panel: Panel, table: FeatureTable, items: Indices, end: int, horizon: int
) -> tuple[Indices, Indices, Indices] | None:
    """Items, origins and steps [row], spread evenly over all items, target periods and steps."""
    first = _first_targets(panel, table)
    learnable = ~np.isnan(panel.target[items, :end]) & (np.arange(end) >= first[items][:, None])
    place, period = np.nonzero(learnable)
    if len(place) < _fewest_periods(panel):
        return None
    depth = np.minimum(period - first[items][place] + 1, horizon)  # origins that a period can be seen from
    ends = np.cumsum(depth)
    count = min(int(ends[-1]), _ROWS, _ROWS_PER_PERIOD * len(place))
    jitter = np.random.default_rng(0).random(count)
    cells = ((np.arange(count) + jitter) * (ends[-1] / count)).astype(np.int64)
    chosen = np.searchsorted(ends, cells, side="right")
    steps = cells - (ends[chosen] - depth[chosen])
    return items[place[chosen]], period[chosen] - steps, steps


@dataclass(frozen=True)
class _TrainingRows:
    """``features`` [row, column], ``targets`` and ``weights`` [row]."""

    features: Features
    targets: Features
    categorical: list[int]
    weights: Features | None = None


def _smooth_rows(panel: Panel, table: FeatureTable, items: Indices, origins: Indices, steps: Indices) -> _TrainingRows:
    """The target is how far off the level a value is, in units of the series' scale."""
    usable = table.scale(items, origins) > 0
    items, origins, steps = (index[usable] for index in (items, origins, steps))
    scale = table.scale(items, origins)
    targets = (panel.target[items, origins + steps] - table.centre(items, origins)) / scale
    clipped = np.clip(targets, -_LARGEST_TARGET, _LARGEST_TARGET).astype(np.float32)
    return _TrainingRows(table.rows(items, origins, steps), clipped, table.categorical())


def _intermittent_rows(
    panel: Panel, table: FeatureTable, items: Indices, origins: Indices, steps: Indices
) -> _TrainingRows:
    """The target is the ratio of demand to its weighted mean; items of more demand weigh more, as in the WQL."""
    demand = Demand.of(panel.target, panel.grid.frequency.season_length)
    means = demand.mean(items, origins, steps)
    usable = means > 0
    items, origins, steps = (index[usable] for index in (items, origins, steps))
    means = means[usable]
    targets = np.minimum(panel.target[items, origins + steps] / means, _LARGEST_TARGET).astype(np.float32)
    weights = (means / max(means.max(initial=0.0), 1e-300)).astype(np.float32)
    features = demand_features(table, items, origins, steps, demand.columns(means, items, origins, steps))
    return _TrainingRows(features, targets, table.demand_categorical(), weights)


_ROWS_OF = {"smooth": _smooth_rows, "intermittent": _intermittent_rows}
