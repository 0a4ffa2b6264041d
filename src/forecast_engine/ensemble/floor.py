"""The floor: where the backtest says that the mixture is worse than seasonal naive, seasonal naive forecasts.

Worse is a mean paired difference of scaled losses that is more than two standard errors above zero: of one item over
its windows, of a demand class or of the whole panel over items and windows. Errors of one window have causes in common
and so have those of one item, so a panel's standard error is the larger of the two of its clusters::

    se^2 = G / (G - 1) * sum_g (D_g - n_g m)^2 / N^2

D_g is the sum of the n_g differences of cluster g (a window, or an item), m the mean of all N: Liang and Zeger 1986.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.exact_sum import ExactSum, exact_sum, merged, rounded_sum
from forecast_engine.arrays.reductions import Array, means_over_time, sums_over_time
from forecast_engine.panel.demand_class import DEMAND_CLASSES
from forecast_engine.settings import JsonObject

STANDARD_ERRORS = 2.0
FEWEST_WINDOWS = 3  # of an item or a panel; two agree by chance every other time
_LARGEST_DIFFERENCE = 100.0  # of one window, in units of the scale; squares of more may overflow
_ROUNDING = 1e-9  # of the level: what losses may differ by and be the same


def loss_differences(
    errors: Array, naive_errors: Array, level: Array, scale: Array, by_squares: NDArray[np.bool_]
) -> Array:
    """[item]: the loss of the mixture less that of seasonal naive in one window; NaN where nothing is known.

    ``errors`` and ``naive_errors`` [item, step] are NaN where a step teaches nothing. Losses are mean absolute errors
    in units of ``scale`` [item], MASE's, or of the ``level`` [item] of the window where that is 0. ``by_squares``
    [item]: the root of the mean squared error instead. The mean of demand by chance is no median, and an absolute error
    would prefer a zero to it.
    """
    loss, naive_loss = (
        np.where(by_squares, np.sqrt(means_over_time(each**2)), means_over_time(np.abs(each)))
        for each in (errors, naive_errors)
    )
    difference = np.where(np.abs(loss - naive_loss) > _ROUNDING * level, loss - naive_loss, 0.0)
    difference = np.where(np.isnan(loss), np.nan, difference)
    unit = np.where(scale > 0, scale, np.where(level > 0, level, 1.0))
    return np.clip(difference / unit, -_LARGEST_DIFFERENCE, _LARGEST_DIFFERENCE)


def worse_items(differences: Array) -> NDArray[np.bool_]:
    """[item]: whose mixture is worse than seasonal naive by its own ``differences`` [item, window], NaN unknown."""
    if differences.shape[1] < FEWEST_WINDOWS:
        return np.zeros(len(differences), dtype=bool)
    known = ~np.isnan(differences)
    count = known.sum(axis=1)
    mean = sums_over_time(np.where(known, differences, 0.0)) / np.maximum(count, 1)
    squares = sums_over_time(np.where(known, differences - mean[:, None], 0.0) ** 2)
    error = np.sqrt(squares / np.maximum(count - 1, 1) / np.maximum(count, 1))
    worse: NDArray[np.bool_] = (count >= FEWEST_WINDOWS) & (mean > STANDARD_ERRORS * error)
    return worse


@dataclass(frozen=True)
class DifferenceSums:
    """What one shard's differences add to the mean of each class and to its standard error; sums are exact.

    ``counts`` [class, window] of differences, ``sums`` [class][window] of them. ``items`` [class] counts items that
    have any; with n of them whose sum is D, ``item_sums`` [class] are the sums over items of n^2, n D, and D^2.
    """

    counts: NDArray[np.int64]
    sums: list[list[ExactSum]]
    items: NDArray[np.int64]
    item_sums: list[list[ExactSum]]

    @classmethod
    def of(cls, differences: Array, is_intermittent: NDArray[np.bool_]) -> "DifferenceSums":
        """Of ``differences`` [item, window], whose items are of the class that ``is_intermittent`` [item, window]."""
        chosen = [(is_intermittent == bool(number)) & ~np.isnan(differences) for number in range(len(DEMAND_CLASSES))]
        sums, item_sums = [], []
        for known in chosen:
            sums.append(
                [exact_sum(column[of_class].tolist()) for column, of_class in zip(differences.T, known.T, strict=True)]
            )
            count = known.sum(axis=1).astype(float)
            total = np.zeros(len(differences))
            for column, of_class in zip(differences.T, known.T, strict=True):
                total += np.where(of_class, column, 0.0)
            item_sums.append([exact_sum(each.tolist()) for each in (count**2, count * total, total**2)])
        return cls(
            np.stack([known.sum(axis=0) for known in chosen]),
            sums,
            np.array([known.any(axis=1).sum() for known in chosen]),
            item_sums,
        )

    def __add__(self, other: "DifferenceSums") -> "DifferenceSums":
        """The sums of both shards, still exact."""
        return DifferenceSums(
            self.counts + other.counts,
            _merged(self.sums, other.sums),
            self.items + other.items,
            _merged(self.item_sums, other.item_sums),
        )

    def worse_classes(self) -> NDArray[np.bool_]:
        """[class]: worse than seasonal naive by its own differences; or the panel is, and the class by its mean."""
        sums, item_sums = _rounded(self.sums), _rounded(self.item_sums)
        classes = [
            _mean_and_error(self.counts[number], sums[number], int(self.items[number]), item_sums[number])
            for number in range(len(DEMAND_CLASSES))
        ]
        mean, error = _mean_and_error(
            self.counts.sum(axis=0), sums.sum(axis=0), int(self.items.sum()), item_sums.sum(axis=0)
        )
        panel_is_worse = mean > STANDARD_ERRORS * error
        return np.array([m > STANDARD_ERRORS * e or (panel_is_worse and m > 0) for m, e in classes])

    def to_document(self) -> JsonObject:
        """The same sums as a JSON object."""
        counts = {"counts": self.counts.tolist(), "items": self.items.tolist()}
        return counts | {"sums": self.sums, "item_sums": self.item_sums}

    @classmethod
    def from_document(cls, document: JsonObject) -> "DifferenceSums":
        """Sums from what ``to_document`` wrote."""
        counts = np.array(document["counts"], dtype=np.int64).reshape(len(DEMAND_CLASSES), -1)
        items = np.array(document["items"], dtype=np.int64)
        return cls(counts, document["sums"], items, document["item_sums"])


def _mean_and_error(counts: NDArray[np.int64], sums: Array, items: int, item_sums: Array) -> tuple[float, float]:
    """The mean difference and its standard error, infinite with too few windows.

    ``counts`` and ``sums`` [window]; ``item_sums`` over items of n^2, n D, and D^2.
    """
    windows, total = int((counts > 0).sum()), int(counts.sum())
    if windows < FEWEST_WINDOWS:
        return 0.0, float("inf")
    mean = float(sums.sum() / total)
    by_window = float(((sums - counts * mean) ** 2).sum()) * windows / (windows - 1)
    by_item = float(item_sums[2] - 2 * mean * item_sums[1] + mean**2 * item_sums[0]) * items / max(items - 1, 1)
    return mean, float(np.sqrt(max(by_window, by_item if items > 1 else 0.0)) / total)


def _merged(one: list[list[ExactSum]], other: list[list[ExactSum]]) -> list[list[ExactSum]]:
    return [[merged(parts) for parts in zip(*rows, strict=True)] for rows in zip(one, other, strict=True)]


def _rounded(sums: list[list[ExactSum]]) -> Array:
    """The nearest floats [class, column]."""
    return np.array([[rounded_sum(parts) for parts in row] for row in sums]).reshape(len(sums), -1)
