"""What stands in the gaps of a series: Amazon's fillings."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array

FILLINGS = ("zero", "nan", "value", "median", "mean", "min", "max")
_ENTRIES_BEFORE_GAP = 64  # Amazon's rule: statistics of a filling come from the 64 most recent entries before the gap
_STATISTICS: dict[str, Callable[[Array], np.floating]] = {
    "median": np.median,
    "mean": np.mean,
    "min": np.min,
    "max": np.max,
}


@dataclass(frozen=True)
class Fillings:
    """What stands in gaps between observations (``middlefill``) and behind the last one (``backfill``).

    ``value`` needs the number beside it. Periods before the first observation are never filled.
    """

    middlefill: str = "zero"
    backfill: str = "zero"
    middlefill_value: float | None = None
    backfill_value: float | None = None

    def __post_init__(self) -> None:
        """Refuse an unknown filling, and ``value`` without a value."""
        for name, method, value in (
            ("middlefill", self.middlefill, self.middlefill_value),
            ("backfill", self.backfill, self.backfill_value),
        ):
            if method not in FILLINGS:
                raise ValueError(f"Unknown {name} {method!r}: expected one of {', '.join(FILLINGS)}")
            if method == "value" and value is None:
                raise ValueError(f"{name} 'value' needs {name}_value, found none")


def fill_gaps(target: Array, observed: NDArray[np.bool_], fillings: Fillings) -> None:
    """Fill gaps of ``target`` [item, time] in place, behind each item's first observation."""
    periods = np.arange(target.shape[1])
    has_any = observed.any(axis=1)
    first = np.where(has_any, observed.argmax(axis=1), target.shape[1])
    last = np.where(has_any, target.shape[1] - 1 - observed[:, ::-1].argmax(axis=1), -1)
    gaps = ~observed & (periods >= first[:, None])
    middle = gaps & (periods < last[:, None])
    fill_cells(target, observed, middle, fillings.middlefill, fillings.middlefill_value)
    fill_cells(target, observed, gaps & ~middle, fillings.backfill, fillings.backfill_value)


def fill_cells(
    values: Array, observed: NDArray[np.bool_], cells: NDArray[np.bool_], method: str, value: float | None
) -> None:
    """Fill ``cells`` of ``values`` (all [item, time]) in place with one of ``FILLINGS``; ``value`` is that of "value".

    Statistics are those of the latest entries ``observed`` before each gap: every cell must lie behind one.
    """
    if method == "nan":
        return
    if method in ("zero", "value"):
        values[cells] = 0.0 if value is None or method == "zero" else value
        return
    statistic = _STATISTICS[method]
    for item in np.flatnonzero(cells.any(axis=1)):
        observations = values[item, observed[item]]
        gaps = np.flatnonzero(cells[item])
        counts, gap_of = np.unique(np.cumsum(observed[item])[gaps], return_inverse=True)  # observations before each gap
        recent = [observations[max(0, count - _ENTRIES_BEFORE_GAP) : count] for count in counts]
        values[item, gaps] = np.array([statistic(entries) for entries in recent])[gap_of]
