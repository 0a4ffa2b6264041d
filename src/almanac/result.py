"""What ``forecast`` gives: the forecast as a frame of the caller's kind, and what is to be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from almanac.answers import Answers
from almanac.measures import Accuracy, Statistics, statistics_of
from almanac.page import html_of
from almanac.training import Key, Trained
from forecast_engine import Array
from forecast_language import said

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FrameT = TypeVar("FrameT")
SMALLEST_WEIGHT = 0.0005  # what counts less is left out


@dataclass(frozen=True)
class Forecast(Generic[FrameT]):
    """A forecast, its accuracy and what was guessed on the way.

    Attributes:
        frame: A row for each series and period, with the columns, types and index of the frame that was given, and a
            column for each quantile: ``p10``, ``p50``, ``p90`` (and ``mean``, if it was asked for).
        horizon: The periods that are forecast.
        frequency: Of the forecast, as Amazon Forecast calls it: D, W, M, 3M, H, 30min.
        notes: What was guessed and left out, a sentence each; the sentences of ``almanac forecast``.

    Examples:
        >>> import almanac, pandas as pd
        >>> days = pd.date_range("2024-01-01", periods=56)
        >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 8})
        >>> result = almanac.forecast(sold, horizon=3)
        >>> result.frame.columns.to_list(), result.frequency
        (['day', 'p10', 'p50', 'p90'], 'D')
        >>> print(*result.notes, sep="\\n")
        timestamp   day (yyyy-MM-dd)
        item_id     none: one series
        target      sold
        frequency   D  (guessed; frequency= overrides)
        horizon     3, after 56 steps of history
    """

    frame: FrameT
    horizon: int
    frequency: str
    notes: tuple[str, ...]
    _answers: Answers = field(repr=False)

    @property
    def accuracy(self) -> Accuracy:
        """How good the forecast was on backtest windows at the end of the history, beside seasonal naive.

        Examples:
            >>> import almanac, pandas as pd
            >>> days = pd.date_range("2024-01-01", periods=56)
            >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 8})
            >>> round(almanac.forecast(sold, horizon=3).accuracy.forecast.wape, 6)
            0.0
        """
        return self._answers.accuracy

    @property
    def models(self) -> FrameT:
        """Which models make the forecast of each series: its columns, ``model``, ``weight``, and a ``note`` on it.

        Examples:
            >>> import almanac, pandas as pd
            >>> days = pd.date_range("2024-01-01", periods=56)
            >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 8})
            >>> float(almanac.forecast(sold, horizon=3).models["weight"].sum())
            1.0
        """
        keys: list[Key] = []
        columns: dict[str, list[Any]] = {"model": [], "weight": [], "note": []}
        for shard, result in zip(self._answers.trained.shards, self._answers.trained.forecasts, strict=True):
            for place in self._answers.in_order(shard.keys):
                shares = {name: share for name, share in result.models[place].items() if share >= SMALLEST_WEIGHT}
                for name, share in sorted(shares.items(), key=lambda each: -each[1]):
                    keys.append(shard.keys[place])
                    columns["model"].append(name)
                    columns["weight"].append(round(share / sum(shares.values()), 6))
                    columns["note"].append(result.notes[place])
        frame = self._answers.frame
        made = {name: frame.series(name, values) for name, values in columns.items()}
        answer: FrameT = frame.answer(self._answers.key_columns(keys) | made, indexed=False)
        return answer

    def plot(self, items: Sequence[Any] | None = None, *, most: int = 6, history: int | None = None) -> "Figure":
        """Draw a fan chart of each series: its history, the line of the forecast, and the band of its quantiles.

        Args:
            items: Names of the series to draw, as in the item's column; the largest if None.
            most: So many series at most.
            history: So many periods of the past; three horizons and a season at least, if None.

        Returns:
            The figure of matplotlib, which must be installed.

        Raises:
            DataError: Where matplotlib is not installed, or a series has no such name.

        Examples:
            >>> import almanac, pandas as pd
            >>> days = pd.date_range("2024-01-01", periods=56)
            >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 8})
            >>> figure = almanac.forecast(sold, horizon=3).plot()
            >>> len(figure.axes)
            1
        """
        from almanac.drawing import drawn  # noqa: PLC0415 - matplotlib takes a second, and need not be installed

        return drawn(self._answers, items, most, history)

    def _repr_html_(self) -> str:
        """The forecast for a notebook: its first rows, its accuracy and the notes."""
        return html_of(self.frame, self.accuracy, self.notes)


def result_of(answers: Answers) -> Forecast[Any]:
    """The forecast of a training."""
    trained = answers.trained
    planned = trained.guesses.planned
    statistics = statistics_of(trained)
    keys, steps, values = _rows(answers, trained, statistics)
    grid = trained.source.grid
    moments = grid.timestamps(grid.length, trained.source.plan.settings.horizon)[steps]
    shown = answers.shown(moments)
    kept = [key for key, is_shown in zip(keys, shown, strict=True) if is_shown]
    frame = answers.rows(kept, moments[shown], {name: column[shown] for name, column in values.items()})
    notes = answers.read.notes
    if not shown.all():
        number = len({*steps[~shown]})
        notes += (said("clock       {number} periods are left out, at which clocks are set forward", number=number),)
    return Forecast(frame, planned.horizon, planned.frequency, notes, answers)


def _rows(
    answers: Answers, trained: Trained, statistics: Statistics
) -> tuple[list[Key], NDArray[np.int64], dict[str, Array]]:
    """Key, step and values [row] of every period that occurs, series by series in the order of the caller's frame."""
    keys: list[Key] = []
    steps: list[NDArray[np.int64]] = []
    values: dict[str, list[Array]] = {name: [] for name in statistics.names}
    of_all = [key for shard in trained.shards for key in shard.keys]
    parts = [statistics.columns(each.quantiles, each.mean) for each in trained.forecasts]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in statistics.names}
    occurring = np.concatenate(trained.occurring())
    for place in answers.in_order(of_all):
        chosen = np.flatnonzero(occurring[place])
        keys += [of_all[place]] * len(chosen)
        steps.append(chosen)
        for name, parts_of in values.items():
            parts_of.append(columns[name][place, chosen])
    return keys, np.concatenate(steps), {name: np.concatenate(each) for name, each in values.items()}
