"""How much each member counts for each item: never the one best, always a weighted mean of all.

An item's own backtest errors are few and noisy; they are shrunk towards the mean errors of the panel (``prior``).
From a backtest error to a weight: ``relative_errors`` of one shard, their ``RelativeErrorSums`` over all shards, then
``PanelErrors.weights``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.exact_sum import ExactSum, exact_sum, merged, rounded_sum
from forecast_engine.arrays.reductions import Array, sums_over_first
from forecast_engine.ensemble.members import members_from_document, members_to_document, prior_shares
from forecast_engine.panel.demand_class import DEMAND_CLASSES
from forecast_engine.portfolio.portfolio import Member
from forecast_engine.settings import ErrorMeasure, JsonObject

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
    relative_errors = np.where(typical > 0, errors / np.where(typical > 0, typical, 1.0), 1.0)
    return np.where(observed.any(axis=-1) & known, relative_errors, np.nan)


@dataclass(frozen=True)
class RelativeErrorSums:
    """One shard's relative errors: ``counts`` [class, window, member] of items, and the exact sum of each cell."""

    counts: NDArray[np.int64]
    sums: list[list[list[ExactSum]]]  # [class][window][member]

    @classmethod
    def of(cls, errors: Array, is_intermittent: NDArray[np.bool_]) -> "RelativeErrorSums":
        """Of ``errors`` [member, item, window] whose items are of the class that ``is_intermittent`` [item, window]."""
        chosen = [(is_intermittent == is_class) & ~np.isnan(errors) for is_class in (False, True)]
        counts = np.stack([known.sum(axis=1).T for known in chosen])
        sums = [
            [
                [
                    exact_sum(own[of_class].tolist())
                    for own, of_class in zip(errors[:, :, window], known[:, :, window], strict=True)
                ]
                for window in range(errors.shape[2])
            ]
            for known in chosen
        ]
        return cls(counts, sums)

    def __add__(self, other: "RelativeErrorSums") -> "RelativeErrorSums":
        """The sums of both shards, still exact."""
        sums = [
            [[merged(parts) for parts in zip(*members, strict=True)] for members in zip(*windows, strict=True)]
            for windows in zip(self.sums, other.sums, strict=True)
        ]
        return RelativeErrorSums(self.counts + other.counts, sums)

    def rounded(self) -> Array:
        """The floats nearest to the sums [class, window, member]."""
        return np.array([[[rounded_sum(parts) for parts in members] for members in windows] for windows in self.sums])

    def to_document(self) -> JsonObject:
        """The same sums as a JSON object."""
        return {"counts": self.counts.tolist(), "sums": self.sums}

    @classmethod
    def from_document(cls, document: JsonObject) -> "RelativeErrorSums":
        """Sums from what ``to_document`` wrote."""
        return cls(np.array(document["counts"], dtype=np.int64), document["sums"])


@dataclass(frozen=True)
class PanelErrors:
    """The panel's relative errors, of all shards: ``counts`` and ``sums`` [class, window, member]."""

    members: tuple[Member, ...]
    counts: NDArray[np.int64]
    sums: Array

    def prior(self, left_out: frozenset[int] = frozenset()) -> Array:
        """The mean relative error [member, class] over all windows but some; 1 where there is none."""
        used = [window for window in range(self.counts.shape[1]) if window not in left_out]
        prior = np.ones((len(self.members), len(DEMAND_CLASSES)))
        for number in range(len(DEMAND_CLASSES)):
            counts, sums = self.counts[number, used].sum(axis=0), self.sums[number, used].sum(axis=0)
            prior[:, number] = np.where(counts > 0, sums / np.maximum(counts, 1), 1.0)
        return prior

    def weights(
        self, errors: Array, is_intermittent: NDArray[np.bool_], left_out: frozenset[int] = frozenset()
    ) -> Array:
        """Weights [member, item] from all windows but those ``left_out``.

        ``errors`` [member, item, window] are the items' own relative errors, without a window where they have none;
        ``is_intermittent`` [item] names the class whose errors they are shrunk towards.
        """
        if left_out:
            errors = errors[:, :, [window for window in range(errors.shape[2]) if window not in left_out]]
        prior = self.prior(left_out)[:, is_intermittent.astype(int)]
        return member_weights(errors, prior, prior_shares(self.members))

    def weights_without_backtest(self, is_intermittent: NDArray[np.bool_]) -> Array:
        """Weights [member, item] of items that training did not see."""
        return self.weights(np.empty((len(self.members), len(is_intermittent), 0)), is_intermittent)

    def to_document(self) -> JsonObject:
        """The same errors as a JSON object."""
        counts, sums = self.counts.tolist(), self.sums.tolist()
        return {"members": members_to_document(self.members), "counts": counts, "sums": sums}

    @classmethod
    def from_document(cls, document: JsonObject) -> "PanelErrors":
        """Errors from what ``to_document`` wrote."""
        shape = (len(DEMAND_CLASSES), -1, len(document["members"]))
        return cls(
            members_from_document(document["members"]),
            np.array(document["counts"], dtype=np.int64).reshape(shape),
            np.array(document["sums"], dtype=float).reshape(shape),
        )


def member_weights(errors: Array, prior: Array, shares: Array | float = 1.0) -> Array:
    """Weights [member, item] that sum to 1 over members: ``share * exp(-SHARPNESS * error)``, errors shrunk.

    ``errors`` [member, item, window] are relative, NaN for windows that do not count; ``prior`` [member, item] is the
    panel's mean, which counts as PRIOR_WINDOWS windows. ``shares`` [member]: the weights where all errors are alike.
    """
    known = ~np.isnan(errors)
    counted = known.any(axis=0).sum(axis=-1)  # windows [item]; a missing error counts as the member's prior error
    total = np.where(known, errors, 0.0).sum(axis=-1) + (counted - known.sum(axis=-1) + PRIOR_WINDOWS) * prior
    shrunk = total / (counted + PRIOR_WINDOWS)
    weights = np.reshape(shares, (-1, 1)) * np.exp(-SHARPNESS * (shrunk - shrunk.min(axis=0)))
    return weights / sums_over_first(weights)


def combine(weights: Array, points: Array) -> tuple[Array, Array]:
    """The weighted mean [item, step] of ``points`` [member, item, step], and the weights [member, item] in use.

    A member without points for an item gives its weight to those that have some; where those have no weight they
    count alike. The mean lies between its members, which rounding alone would not see to.
    """
    present: NDArray[np.bool_] = np.logical_not(np.isnan(points).any(axis=-1))
    used = np.where(present, weights, 0.0)
    total = sums_over_first(used)
    alike = present / np.maximum(present.sum(axis=0), 1)
    used = np.where(total > 0, used / np.where(total > 0, total, 1.0), alike)
    known = present[:, :, None]
    combined = sums_over_first(used[:, :, None] * np.where(known, points, 0.0))
    lowest = np.where(known, points, np.inf).min(axis=0)
    highest = np.where(known, points, -np.inf).max(axis=0)
    return np.clip(combined, lowest, highest), used
