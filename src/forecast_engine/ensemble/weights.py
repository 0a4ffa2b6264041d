"""How much each member of the portfolio counts for each item: never the one best, always a mixture.

An item's own backtest errors are few and noisy; they are shrunk towards the errors of the whole panel.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array, sums_over_first
from forecast_engine.ensemble.members import multiplicities
from forecast_engine.panel.demand_class import DEMAND_CLASSES
from forecast_engine.settings import Document, ErrorMeasure
from forecast_engine.state import State

PRIOR_WINDOWS = 3.0  # the panel's mean counts as much as this many windows of the item; decision 0116
SHARPNESS = 12.0  # how fast weight falls with relative error


def relative_errors(points: Array, actual: Array, measure: ErrorMeasure = "absolute") -> Array:
    """Each member's error over the members' mean of it.

    ``points`` [member, item, window, step], ``actual`` [item, window, step] -> [member, item, window]; NaN where
    nothing was observed or the member has no points, 1 where no member errs. ``measure``: the mean of absolute errors,
    the root of the mean of squared ones, or the mean of absolute errors in shares of what was observed, where that is
    not zero.
    """
    observed = ~np.isnan(actual)
    errors = np.where(observed, np.abs(points - np.where(observed, actual, 0.0)), 0.0)
    if measure == "squared":
        errors = np.sqrt((errors**2).sum(axis=-1))
    elif measure == "percentage":
        has_share = observed & (actual != 0)
        errors = np.where(has_share, errors / np.where(has_share, np.abs(actual), 1.0), 0.0).sum(axis=-1)
    else:
        errors = errors.sum(axis=-1)
    known = ~np.isnan(points).any(axis=-1)
    typical = sums_over_first(np.where(known, errors, 0.0)) / np.maximum(known.sum(axis=0), 1)
    relative = np.where(typical > 0, errors / np.where(typical > 0, typical, 1.0), 1.0)
    return np.where(observed.any(axis=-1) & known, relative, np.nan)


def member_weights(relative: Array, prior: Array, multiplicity: Array | float = 1.0) -> Array:
    """Weights [member, item] that sum to 1 over members.

    ``relative`` [member, item, window] with NaN for windows that do not count; ``prior`` [member, item] is the
    panel's mean relative error. ``multiplicity`` [member]: as how many members each counts.
    """
    known = ~np.isnan(relative)
    counted = known.any(axis=0).sum(axis=-1)  # windows [item]; a member that lacks one is taken to be as good as usual
    total = np.where(known, relative, 0.0).sum(axis=-1) + (counted - known.sum(axis=-1) + PRIOR_WINDOWS) * prior
    shrunk = total / (counted + PRIOR_WINDOWS)
    weights = np.reshape(multiplicity, (-1, 1)) * np.exp(-SHARPNESS * (shrunk - shrunk.min(axis=0)))
    return weights / sums_over_first(weights)


def mixed(weights: Array, points: Array) -> tuple[Array, Array]:
    """Points [item, step] and weights [member, item], of members that have ``points`` [member, item, step] without NaN.

    Members alone in having none leave their weight to the others.
    """
    present: NDArray[np.bool_] = np.logical_not(np.isnan(points).any(axis=-1))
    used = np.where(present, weights, 0.0)
    total = sums_over_first(used)
    used = np.where(total > 0, used / np.where(total > 0, total, 1.0), present / np.maximum(present.sum(axis=0), 1))
    known = present[:, :, None]
    mixture = sums_over_first(used[:, :, None] * np.where(known, points, 0.0))
    lowest = np.where(known, points, np.inf).min(axis=0)
    highest = np.where(known, points, -np.inf).max(axis=0)
    return np.clip(mixture, lowest, highest), used  # by rounding it may lie just outside its members


def prior_relative(shared: Document, left_out: frozenset[int] = frozenset()) -> Array:
    """The panel's mean relative error [member, kind] over all windows but some; 1 where there is none."""
    prior = np.ones((len(shared["members"]), len(DEMAND_CLASSES)))
    for kind, windows in enumerate(shared["relative"]):
        used = [window for number, window in enumerate(windows) if number not in left_out]
        count = np.sum([window["counts"] for window in used], axis=0)
        total = np.sum([window["sums"] for window in used], axis=0)
        prior[:, kind] = np.where(count > 0, total / np.maximum(count, 1), 1.0)
    return prior


def weights_of(item_ids: list[str], is_intermittent: NDArray[np.bool_], state: State, shared: dict[str, Any]) -> Array:
    """Weights [member, item]: the item's own from training, the panel's for items that training did not see."""
    prior = prior_relative(shared)[:, is_intermittent.astype(int)]
    weights = member_weights(np.empty((*prior.shape, 0)), prior, multiplicities(shared["members"]))
    for item, position in trained_items(item_ids, state):
        weights[:, item] = state["weights"][:, position]
    return weights


def trained_items(item_ids: list[str], state: State) -> list[tuple[int, int]]:
    """Which items training saw, and where in ``state``; of a shard that had none, ``item_ids`` is all the state."""
    positions = {str(item_id): position for position, item_id in enumerate(state["item_ids"])}
    return [(item, positions[item_id]) for item, item_id in enumerate(item_ids) if item_id in positions]
