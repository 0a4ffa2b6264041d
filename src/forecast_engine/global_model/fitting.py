"""The global model is fitted: two times on the sample, on what precedes the backtest windows and on everything."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from forecast_engine.evaluation.windows import SHORTEST_TRAINING, backtest_windows
from forecast_engine.global_model import cold_start
from forecast_engine.global_model.covariate_columns import FeatureColumns, Layout
from forecast_engine.global_model.demand import Demand, demand_features
from forecast_engine.global_model.features import FeatureTable
from forecast_engine.global_model.fits import GlobalFits
from forecast_engine.global_model.sample import SampleShare, sampled_panel
from forecast_engine.global_model.series import Indices
from forecast_engine.global_model.trees import Features, Parameters, grown
from forecast_engine.global_model.year import has_year
from forecast_engine.panel.demand_class import DEMAND_CLASSES, INTERMITTENT, SMOOTH, intermittent
from forecast_engine.panel.open_history import open_history
from forecast_engine.panel.panel import Covariates, Panel
from forecast_engine.settings import JsonObject, TrainingSettings

_ROWS = 30_000  # of a fit: more change nothing on held-back ends, and cost (decision 0126)
_ROWS_WITH_COVARIATES = 60_000
_ROWS_PER_PERIOD = 4  # on average: seen from more origins, a period tells little more
_FEWEST_PERIODS = 600  # to be forecast, over all items of a class: with fewer, series of M3 are better off without
_FEWEST_WITH_COVARIATES = 200  # which say what no local model knows
_BEFORE_WINDOWS = 0.2  # share of the periods that the fit for the windows must see to be worth comparing
_LARGEST_TARGET = 30.0  # in units of the series' scale: one value farther off must not rule a mean
_PARAMETERS: Parameters = {
    "num_iterations": 80,
    "num_leaves": 31,
    "learning_rate": 0.08,
    "min_data_in_leaf": 40,
    "max_bin": 127,
    "bin_construct_sample_cnt": 20_000,
    "feature_fraction": 0.7,
}
_WITH_COVARIATES: Parameters = {  # what covariates do takes more trees to tell, and more leaves
    "num_iterations": 150,
    "num_leaves": 63,
    "learning_rate": 0.1,
    "feature_fraction": 0.5,
}
_OBJECTIVES = {
    SMOOTH: "regression_l1",
    INTERMITTENT: "poisson",  # demand that is mostly 0 has no telling median, and its variance grows with its mean
}


@dataclass(frozen=True)
class FittedModels:
    """The global model and the one for items without history; None where one was not asked for or learnt too little.

    ``item_count``: of the panel, on which depends how many windows it is backtested in.
    """

    global_model: GlobalFits | None
    cold_start: cold_start.ColdStartFit | None
    item_count: int

    def to_document(self) -> JsonObject:
        """The same models as JSON objects."""
        return {
            "global_model": None if self.global_model is None else self.global_model.to_document(),
            "cold_start": None if self.cold_start is None else self.cold_start.to_document(),
            "item_count": self.item_count,
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "FittedModels":
        """The models that ``to_document`` wrote."""
        fits, new_items = document["global_model"], document["cold_start"]
        return cls(
            None if fits is None else GlobalFits.from_document(fits),
            None if new_items is None else cold_start.ColdStartFit.from_document(new_items),
            document["item_count"],
        )


def fit(shards: Iterable[JsonObject], settings: TrainingSettings, item_count: int) -> FittedModels:
    """Fit both models to the sample: what ``SampleShare.to_document`` gave of all shards, ``{}`` of those without.

    ``item_count``: of the whole panel.
    """
    shares = [SampleShare.from_document(shard) for shard in shards if shard]
    panel = sampled_panel(shares, settings) if shares else None
    if panel is None or not panel.item_ids:
        return FittedModels(None, None, item_count)
    layout = _layout(panel)
    fits = _fit_global(panel, layout, settings, item_count)
    return FittedModels(fits, cold_start.fit(panel, layout, settings.horizon), item_count)


def _fit_global(panel: Panel, layout: Layout, settings: TrainingSettings, item_count: int) -> GlobalFits | None:
    """Both fits; None where too little lies before the windows to learn from."""
    table = FeatureTable(panel, layout, settings.horizon)
    windows_from = _windows_from(panel, table, settings, item_count)
    if windows_from is None:
        return None
    windows = _fit_classes(panel, table, windows_from, settings.horizon)
    final = _fit_classes(panel, table, panel.grid.length, settings.horizon)
    groups: dict[str, list[str]] = {name: [] for name in DEMAND_CLASSES}
    for fitted in (*windows.values(), *final.values()):
        if fitted is not None:
            groups[fitted.demand_class] = fitted.groups
    return GlobalFits(layout, groups, windows_from, _texts(windows), _texts(final))


def _layout(panel: Panel) -> Layout:
    """The columns besides the target's: a related series is known ahead if any item's goes on behind the grid."""
    covariates, length = panel.covariates, panel.grid.length
    known_ahead = {name: bool((~np.isnan(values[:, length:])).any()) for name, values in covariates.related.items()}
    # A year ago a holiday may have stood elsewhere: beside a calendar these columns hid what a holiday does (0123).
    shows_year = has_year(panel.grid) and not covariates.calendar
    return Layout(known_ahead, tuple(covariates.calendar), _attributes(covariates), shows_year)


def _attributes(covariates: Covariates) -> dict[str, tuple[str, ...] | None]:
    """Categories in the order in which the sample shows them: what they are called moves no number."""
    categories: dict[str, tuple[str, ...] | None] = {}
    for name, values in covariates.attributes.items():
        is_text = values.dtype.kind == "U"
        categories[name] = tuple(dict.fromkeys(str(value) for value in values if value != "")) if is_text else None
    return categories


def _windows_from(panel: Panel, table: FeatureTable, settings: TrainingSettings, item_count: int) -> int | None:
    """The start of the earliest window before which lies enough to learn from; None if there is none."""
    everything = _period_count(panel, table, panel.grid.length)
    starts = sorted(window.start for window in backtest_windows(panel.grid.length, settings, item_count))
    for start in starts:
        count = _period_count(panel, table, start)
        if count >= max(_fewest_periods(panel), _BEFORE_WINDOWS * everything):
            return start
    return None


def _fewest_periods(panel: Panel) -> int:
    return _FEWEST_WITH_COVARIATES if _has_time_varying_covariates(panel) else _FEWEST_PERIODS


def _has_time_varying_covariates(panel: Panel) -> bool:
    return bool(panel.covariates.related or panel.covariates.calendar)


def _period_count(panel: Panel, table: FeatureTable, end: int) -> int:
    """Observed periods before ``end`` that have enough history before them."""
    first = _first_targets(panel, table)
    return int((~np.isnan(panel.target[:, :end]) & (np.arange(end) >= first[:, None])).sum())


def _first_targets(panel: Panel, table: FeatureTable) -> Indices:
    """[item]: the first period that is learnt from."""
    season = panel.grid.frequency.season_length
    return table.starts + max(SHORTEST_TRAINING, min(season, 24))


@dataclass(frozen=True)
class _FittedClass:
    """The trees of one demand class as text, and what the columns of their features are made of."""

    demand_class: str
    text: str
    groups: list[str]


def _texts(fitted: dict[str, _FittedClass | None]) -> dict[str, str | None]:
    return {name: None if one is None else one.text for name, one in fitted.items()}


def _fit_classes(panel: Panel, table: FeatureTable, end: int, horizon: int) -> dict[str, _FittedClass | None]:
    """The trees of each demand class from the periods before ``end``; None for a class with too little of them.

    Closed periods are no targets, and features see them filled.
    """
    history = open_history(panel, end, 0)
    if len(history.items):
        table = FeatureTable(history.filled_panel(panel), table.layout, horizon)
        panel = history.open_panel(panel)
    is_intermittent = intermittent(panel.target[:, :end])
    fitted: dict[str, _FittedClass | None] = {}
    for name in DEMAND_CLASSES:
        items = np.flatnonzero(is_intermittent == (name == INTERMITTENT))
        cells = _training_cells(panel, table, items, end, horizon)
        rows = None if cells is None else _ROWS_OF[name](panel, table, *cells)
        if rows is None or len(rows.targets) < _fewest_periods(panel):
            fitted[name] = None
            continue
        parameters = _PARAMETERS | {"objective": _OBJECTIVES[name]}
        if _has_time_varying_covariates(panel):
            parameters |= _WITH_COVARIATES
        columns = rows.columns
        text = grown(columns.values, rows.targets, columns.categorical, parameters, rows.weights)
        fitted[name] = _FittedClass(name, text, columns.groups)
    return fitted


def _training_cells(
    panel: Panel, table: FeatureTable, items: Indices, end: int, horizon: int
) -> tuple[Indices, Indices, Indices] | None:
    """A stratified draw of cells: items, origins and steps [row]; None where too few periods are observed.

    A cell is an observed period seen from one of the origins at most a horizon before it, where the origin has enough
    history. Of N cells, in order of item, period and step, n = min(N, rows, 4 * periods) are drawn, one from each of
    n equal strata: draw k is cell floor((k + u_k) * N / n) with u_k uniform in [0, 1).
    """
    first = _first_targets(panel, table)
    learnable = ~np.isnan(panel.target[items, :end]) & (np.arange(end) >= first[items][:, None])
    item_index, period = np.nonzero(learnable)
    if len(period) < _fewest_periods(panel):
        return None
    origin_count = np.minimum(period - first[items][item_index] + 1, horizon)  # from which a period can be seen
    ends = np.cumsum(origin_count)  # the cells of each period end there
    most = _ROWS_WITH_COVARIATES if _has_time_varying_covariates(panel) else _ROWS
    count = min(int(ends[-1]), most, _ROWS_PER_PERIOD * len(period))
    jitter = np.random.default_rng(0).random(count)
    cells = ((np.arange(count) + jitter) * (ends[-1] / count)).astype(np.int64)
    chosen = np.searchsorted(ends, cells, side="right")
    steps = cells - (ends[chosen] - origin_count[chosen])
    return items[item_index[chosen]], period[chosen] - steps, steps


@dataclass(frozen=True)
class _TrainingRows:
    """``targets`` and ``weights`` [row] of feature columns."""

    columns: FeatureColumns
    targets: Features
    weights: Features | None = None


def _smooth_rows(panel: Panel, table: FeatureTable, items: Indices, origins: Indices, steps: Indices) -> _TrainingRows:
    """Target = (value - level) / scale."""
    usable = table.scale(items, origins) > 0
    items, origins, steps = (index[usable] for index in (items, origins, steps))
    scale = table.scale(items, origins)
    targets = (panel.target[items, origins + steps] - table.centre(items, origins)) / scale
    clipped = np.clip(targets, -_LARGEST_TARGET, _LARGEST_TARGET).astype(np.float32)
    return _TrainingRows(table.series_columns(items, origins, steps), clipped)


def _intermittent_rows(
    panel: Panel, table: FeatureTable, items: Indices, origins: Indices, steps: Indices
) -> _TrainingRows:
    """Target = demand / its weighted mean; a row weighs the root of that mean.

    Between the mean itself, by which the weighted quantile loss weighs items, and items that count alike.
    """
    demand = Demand.of(panel.target, panel.grid.frequency.season_length)
    means = demand.mean(items, origins, steps)
    usable = means > 0
    items, origins, steps = (index[usable] for index in (items, origins, steps))
    means = means[usable]
    targets = np.minimum(panel.target[items, origins + steps] / means, _LARGEST_TARGET).astype(np.float32)
    weights = np.sqrt(means / max(means.max(initial=0.0), 1e-300)).astype(np.float32)
    columns = demand_features(table, items, origins, steps, demand.columns(means, items, origins, steps))
    return _TrainingRows(columns, targets, weights)


_ROWS_OF = {SMOOTH: _smooth_rows, INTERMITTENT: _intermittent_rows}
