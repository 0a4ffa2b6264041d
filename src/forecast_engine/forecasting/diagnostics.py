"""What is special about each series, in plain words beside its forecast; nothing here changes a number.

A note tells of one series alone, of its latest ``_SEASONS`` seasons. Several notes of a series are joined by ``"; "``,
data gaps first. Notes have no commas, so that CSV files need no quotes.
"""

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array, medians_over_time
from forecast_engine.panel.panel import Panel
from forecast_engine.portfolio.outliers import (
    LASTING,
    MOST_OUTLIERS,
    OUTLYING,
    deviation_of,
    in_runs,
    middle_of_three,
    shifted,
)

NEW_ITEM = "no history: forecast like items with the same attributes"
BORROWED_WIDTH = "interval as wide as the beginnings of other items tell"
GUESSED_WIDTH = "interval is a guess: no other item tells how far off so few observations are"
INTERMITTENT_DEMAND = "quantiles from past demand"
ON_THE_FLOOR = "seasonal naive alone: other models were worse in backtests"
WORSE_THAN_NAIVE = "worse than seasonal naive in backtests"

_FEW_OBSERVATIONS = 8  # with fewer, their number is said
_MOSTLY_ZERO = 0.5  # share of periods
_TOO_SPARSE = 0.3  # with so many zeros a level, its shifts and its outliers mean little
_SHORTEST_GAP = 2  # periods without observation at the end, of series whose season or horizon is one period
_SEASONS = 12  # the latest ones are looked at,
_FEWEST_PERIODS = 60  # or so many periods where seasons are short
_SPAN = 4  # periods of which a level is the mean, where the season is shorter or the history too short for seasons
_SPANS_FOR_SHIFT = 8  # in a history shorter than these a shift is the greater part of what is known
_RECENT_SPANS = 3  # a shift before these has become the history
_UNUSUAL_SHIFT = 6.0  # times the median change between neighbouring spans: four standard deviations of noise
_LARGE_SHIFT = 0.2  # of the larger level: what matters to someone who plans by it
_FAST_GROWTH = 2.0  # from span to span, twice in a row


def reasons(panel: Panel, horizon: int, is_intermittent: NDArray[np.bool_]) -> list[str]:
    """What is special about each item's history, "" if nothing.

    ``is_intermittent`` [item]: whose quantiles come from NPTS.
    """
    season = panel.grid.frequency.season_length
    known = ~np.isnan(panel.target)
    lengths = np.where(known.any(axis=1), panel.grid.length - known.argmax(axis=1), 0)
    notes: list[list[str]] = [[] for _ in panel.item_ids]
    _note_data_gaps(notes, panel, min(season, horizon))
    _note_zeros(notes, panel.target, known)
    for item in np.flatnonzero((lengths >= _FEW_OBSERVATIONS) & (lengths < 2 * season)):
        notes[item].append(f"shorter than two seasons of {season} periods")
    dense = known & (panel.target != 0)
    steady = np.flatnonzero(dense.sum(axis=1) > (1 - _TOO_SPARSE) * known.sum(axis=1))
    not_over = np.logical_or.accumulate(panel.observed[:, ::-1], axis=1)[:, ::-1]  # what fills the end is no change
    reported = np.where(not_over, panel.target, np.nan)[steady]
    for item, note in zip(steady, _changes(reported, lengths[steady], season), strict=True):
        if note:
            notes[item].append(note)
    varies = (panel.target != panel.target[np.arange(len(notes)), known.argmax(axis=1)][:, None]) & known
    for item in np.flatnonzero(is_intermittent & varies.any(axis=1)):
        notes[item].append(INTERMITTENT_DEMAND)
    return ["; ".join(parts) for parts in notes]


def _note_data_gaps(notes: list[list[str]], panel: Panel, notable_gap: int) -> None:
    """How many observations there are, and how long ago the last one was, where that is notable."""
    counts = panel.observed.sum(axis=1)
    gaps = panel.observed[:, ::-1].argmax(axis=1)
    for item in np.flatnonzero((counts < _FEW_OBSERVATIONS) | (gaps >= max(notable_gap, _SHORTEST_GAP))):
        if counts[item] == 0:
            notes[item].append("no history")
            continue
        if counts[item] < _FEW_OBSERVATIONS:
            notes[item].append(f"{counts[item]} observation{'' if counts[item] == 1 else 's'}")
        if gaps[item] >= max(notable_gap, _SHORTEST_GAP):
            notes[item].append(f"not observed in its last {gaps[item]} periods")


def _note_zeros(notes: list[list[str]], target: Array, known: NDArray[np.bool_]) -> None:
    """Whether every value is the same, or most are zero."""
    counts = known.sum(axis=1)
    lowest = np.where(known, target, np.inf).min(axis=1)
    highest = np.where(known, target, -np.inf).max(axis=1)
    zeros = (target == 0).sum(axis=1)
    for item in np.flatnonzero(counts > 1):
        if lowest[item] == highest[item]:
            notes[item].append("always zero" if highest[item] == 0 else "constant history")
        elif zeros[item] >= _MOSTLY_ZERO * counts[item]:
            notes[item].append(f"zero in {100 * zeros[item] // counts[item]} % of its periods")


def _changes(target: Array, lengths: NDArray[np.int64], season: int) -> list[str]:
    """Outliers, and of what is left without them fast growth or else a shift of the level [item]; "" for none."""
    latest = target[:, -max(_SEASONS * season, _FEWEST_PERIODS) :]
    if latest.shape[1] < LASTING:
        return [""] * len(target)
    spans = [season, _SPAN] if season > _SPAN else [_SPAN]
    outliers, replacement = _outliers(latest, lengths, season)
    news = np.where(outliers.all(axis=1), 0, outliers[:, ::-1].argmin(axis=1))  # outlying periods up to the end
    outliers &= ~in_runs(outliers, LASTING)
    steady = np.where(outliers, replacement, latest)
    growth = _fast_growth(steady, lengths, spans)
    shifts = _latest_shifts(steady, lengths, spans)
    notes = []
    for item in range(len(target)):
        if news[item] >= LASTING:
            levels = replacement[item, -news[item] :].mean(), latest[item, -news[item] :].mean()
            shifts[item] = _shift_words(*levels, int(news[item]))
        parts = [growth[item] or shifts[item]]
        if outliers[item].any():
            count, age = int(outliers[item].sum()), int(outliers[item, ::-1].argmax())
            where = f"{age} periods before its end" if age else "in its last period"
            parts.append(f"an outlier {where}" if count == 1 else f"{count} outliers (the latest {where})")
        notes.append("; ".join(part for part in parts if part))
    return notes


def _means(values: Array, span: int) -> Array:
    """Means [item, start] of the known values of the ``span`` periods from each start on; NaN where none is known."""
    known = ~np.isnan(values)
    padding = np.zeros((len(values), 1))
    sums = np.cumsum(np.concatenate([padding, np.where(known, values, 0.0)], axis=1), axis=1)
    counts = np.cumsum(np.concatenate([padding, known], axis=1), axis=1)
    inside = counts[:, span:] - counts[:, :-span]
    means: Array = (sums[:, span:] - sums[:, :-span]) / np.where(inside > 0, inside, np.nan)
    return means


def _fast_growth(values: Array, lengths: NDArray[np.int64], spans: list[int]) -> list[str]:
    """What to say of series whose mean grew so fast twice, from span to span [item]."""
    notes = [""] * len(values)
    for span in spans:
        if values.shape[1] < 3 * span:
            continue
        means = _means(values, span)
        first, middle, last = (means[:, -1 - age * span] * np.sign(means[:, -1]) for age in (2, 1, 0))
        fast = (lengths >= 3 * span) & (first > 0) & (middle >= _FAST_GROWTH * first) & (last >= _FAST_GROWTH * middle)
        for item in np.flatnonzero(fast):
            rate = last[item] / middle[item]
            notes[item] = notes[item] or f"grew {_plain(rate)}-fold in its last {span} periods: seldom lasts"
    return notes


def _latest_shifts(values: Array, lengths: NDArray[np.int64], spans: list[int]) -> list[str]:
    """What to say of series whose level changed, by much and by more than it usually does from span to span [item]."""
    notes = [""] * len(values)
    for span in spans:
        if values.shape[1] < _SPANS_FOR_SHIFT * span:
            continue
        sizes = np.abs(_level_changes(values, span))
        recent = np.where(np.isnan(sizes), -1.0, sizes)
        recent[:, : -_RECENT_SPANS * span] = -1.0
        unusual = (recent.max(axis=1) > _UNUSUAL_SHIFT * np.nan_to_num(medians_over_time(sizes))) & (
            lengths >= _SPANS_FOR_SHIFT * span
        )
        for item in np.flatnonzero(unusual):
            notes[item] = notes[item] or _shift_note(values[item], int(recent[item].argmax()), span)
    return notes


def _level_changes(values: Array, span: int) -> Array:
    """[item, time]: the mean of ``span`` periods from each one on, less that of the ``span`` before; NaN outside."""
    means = _means(values, span)
    changes = np.full(values.shape, np.nan)
    changes[:, span : values.shape[1] - span + 1] = means[:, span:] - means[:, :-span]
    return changes


def _shift_note(series: Array, index: int, span: int) -> str:
    """The levels before and behind the greatest step near ``index``; "" where their difference matters little."""
    direction = np.nanmean(series[index : index + span]) - np.nanmean(series[index - span : index])
    first = index - span // 2
    steps = np.diff(series[first - 1 : index + span]) * np.sign(direction)
    start = first + int(np.where(np.isnan(steps), -np.inf, steps).argmax())
    behind, before = series[start : start + span], series[start - span : start]
    if np.isnan(behind).all() or np.isnan(before).all():
        return ""
    old, new = float(np.nanmedian(before)), float(np.nanmedian(behind))
    if abs(new - old) <= _LARGE_SHIFT * max(abs(old), abs(new)):
        return ""
    return _shift_words(old, new, len(series) - start)


def _shift_words(old: float, new: float, age: int) -> str:
    return f"level changed from {_plain(old)} to {_plain(new)} ({age} periods before its end)"


def _plain(value: float) -> str:
    """Three digits that matter, without an exponent where a person writes none."""
    return f"{float(f'{value:.3g}'):.15g}"


def _outliers(values: Array, lengths: NDArray[np.int64], season: int) -> tuple[NDArray[np.bool_], Array]:
    """[item, time]: which values are outliers, and the replacement of each value if it is one.

    The first two lags have no outliers, and stand as they are.
    """
    far, replacement = np.zeros(values.shape, dtype=bool), values.copy()
    by_season = lengths >= 4 * season
    for lag, items in ((season, np.flatnonzero(by_season)), (1, np.flatnonzero(~by_season))):
        if len(items) and values.shape[1] >= 4 * lag:
            earlier, later = _neighbours(values[items], lag)
            far[items] = _is_far(values[items], earlier, later)
            replacement[items, 2 * lag :] = earlier[:, 2 * lag :]
    few = far.sum(axis=1) <= MOST_OUTLIERS * np.minimum(lengths, values.shape[1])
    return far & few[:, None], replacement


def _neighbours(values: Array, lag: int) -> tuple[Array, Array]:
    """Medians [item, time] of neighbours whole lags away: of two before and one behind, of one before and two behind.

    The last lag has no neighbour behind: the first median takes the third one before, the second is the one before. The
    lag before the last has one neighbour behind: that is its second median.
    """
    lags_left = (values.shape[1] - 1 - np.arange(values.shape[1])) // lag  # [time], behind each period
    before, behind = shifted(values, lag), shifted(values, -lag)
    earlier = middle_of_three(
        before, shifted(values, 2 * lag), np.where(lags_left > 0, behind, shifted(values, 3 * lag))
    )
    later = np.where(
        lags_left > 1,
        middle_of_three(before, behind, shifted(values, -2 * lag)),
        np.where(lags_left > 0, behind, before),
    )
    return earlier, later


def _is_far(values: Array, earlier: Array, later: Array) -> NDArray[np.bool_]:
    """[item, time]: what stands out from both medians of its neighbours; the first value of a new level is near one."""
    trend = np.nan_to_num(medians_over_time(values - earlier))[:, None]  # what the median value is above its neighbours
    distance = np.abs(values - earlier - trend)
    deviation = deviation_of(distance)
    limit = OUTLYING * np.where(deviation > 0, deviation, np.inf)[:, None]
    nearest = np.fmin(distance, np.abs(values - later - trend))
    return np.asarray(np.where(np.isnan(distance), 0.0, nearest) > limit)
