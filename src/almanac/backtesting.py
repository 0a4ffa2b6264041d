"""Backtests by rolling cutoffs: each window is forecast by a training that saw nothing from its cutoff on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from almanac.answers import Answers
from almanac.errors import DataError
from almanac.frames import Array, Frame
from almanac.measures import Accuracy, Pair, Statistics, statistics_of, together
from almanac.reading import Given, is_count, not_a_count
from almanac.training import Key, Trained, train
from almanac.words import refusals
from forecast_contract.sql import identifier
from forecast_engine import Panel
from forecast_engine.evaluation import complete_items, unobserved_periods
from forecast_language import said
from local_aws.guessing.table import Table
from local_aws.upload.related_file import RelatedFile

FrameT = TypeVar("FrameT")


@dataclass(frozen=True)
class Backtest(Generic[FrameT]):
    """Forecasts of what has happened, beside it.

    Attributes:
        frame: A row for each window, series and period: ``cutoff``, which is the first period of the window and the
            first that its training did not see; the columns of the frame that was given, the target among them; and a
            column for each quantile. A period without a value of the target has none here, too.
        accuracy: Over all windows, beside seasonal naive.
        windows: The accuracy of each window by its cutoff, the earliest first.

    Examples:
        >>> import almanac, pandas as pd
        >>> days = pd.date_range("2024-01-01", periods=70)
        >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 10})
        >>> result = almanac.Forecaster(horizon=2, quantiles=[0.5]).fit(sold).backtest(windows=2)
        >>> result.frame
              cutoff        day  sold   p50
        0 2024-03-07 2024-03-07   8.0   8.0
        1 2024-03-07 2024-03-08   9.0   9.0
        2 2024-03-09 2024-03-09  14.0  14.0
        3 2024-03-09 2024-03-10  12.0  12.0
    """

    frame: FrameT
    accuracy: Accuracy
    windows: dict[Any, Accuracy] = field(default_factory=dict)

    @property
    def summary(self) -> list[tuple[str, float | None, float | None]]:
        """Each measure with its value for the forecast and for seasonal naive.

        Examples:
            >>> import almanac, pandas as pd
            >>> days = pd.date_range("2024-01-01", periods=70)
            >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 10})
            >>> result = almanac.Forecaster(horizon=2).fit(sold).backtest(windows=1)
            >>> [name for name, forecast, naive in result.summary]
            ['average wQL', 'WAPE', 'RMSE', 'MASE', 'inside p10 to p90']
        """
        return self.accuracy.rows


@dataclass(frozen=True)
class Truth:
    """What happened: series by key, each with its place in a panel of the whole history."""

    panels: list[Panel]
    places: Mapping[Key, tuple[int, int]]

    @classmethod
    def of(cls, trained: Trained) -> "Truth":
        """From the panels of a training on all rows."""
        shards = [shard for shard in trained.shards if shard.keys]
        places = {key: (s, place) for s, shard in enumerate(shards) for place, key in enumerate(shard.keys)}
        return cls([shard.panel for shard in shards], places)

    def values(self, keys: list[Key], start: int, end: int) -> tuple[Array, NDArray[np.bool_]]:
        """What happened from ``start`` to ``end``, NaN where nothing is known, and what never occurs: [key, step]."""
        unobserved = [unobserved_periods(panel, start, end) for panel in self.panels]
        at = [self.places[key] for key in keys]
        actual = np.array([self.panels[shard].target[place, start:end] for shard, place in at])
        return actual, np.array([unobserved[shard][place] for shard, place in at])


@dataclass(frozen=True)
class Rolling:
    """A backtest of what was ``given``, of which ``whole`` was learnt."""

    given: Given
    whole: Answers

    def backtest(self, windows: int, step: int | None) -> Backtest[Any]:
        """The last windows, their cutoffs ``step`` periods apart. DataError where the history is too short."""
        trained = self.whole.trained
        horizon, grid = trained.source.plan.settings.horizon, trained.source.grid
        step = step or horizon
        for name, number in (("windows", windows), ("step", step)):
            if not is_count(number):
                raise DataError(not_a_count(name, number))
        starts = [grid.length - horizon - number * step for number in reversed(range(windows))]
        if starts[0] < 1:
            raise DataError(
                said(
                    "windows: found {windows} of {horizon} periods, {step} apart, in {length} periods of history,"
                    " wanted fewer",
                    windows=windows,
                    horizon=horizon,
                    step=step,
                    length=grid.length,
                )
            )
        statistics, truth = statistics_of(trained), Truth.of(trained)
        made = [self._window(start, truth, statistics) for start in starts]
        moments = grid.timestamps(0, grid.length)
        return Backtest(
            self._frame([window for window, _ in made], statistics),
            together([pair for _, pair in made]),
            {moments[start].item(): together([pair]) for start, (_, pair) in zip(starts, made, strict=True)},
        )

    def _window(self, start: int, truth: Truth, statistics: Statistics) -> "tuple[_Rows, Pair]":
        """The forecast of a window by a training on what lies before it, and how good that was."""
        trained = self._trained_before(start)
        horizon = trained.source.plan.settings.horizon
        pair, rows = Pair.of(statistics), _Rows(start, [], [], {name: [] for name in statistics.names})
        for shard, forecast in zip(trained.shards, trained.forecasts, strict=True):
            known = [place for place, key in enumerate(shard.keys) if key in truth.places]
            keys = [shard.keys[place] for place in known]
            actual, unobserved = truth.values(keys, start, start + horizon)
            quantiles = forecast.quantiles[known]
            mean = None if forecast.mean is None else forecast.mean[known]
            complete = complete_items(~np.isnan(actual), unobserved)
            past = shard.panel.target[known][complete]
            pair.add(actual[complete], quantiles[complete], None if mean is None else mean[complete], past, trained)
            rows.keys += keys
            rows.actual.append(actual)
            for name, values in statistics.columns(quantiles, mean).items():
                rows.values[name].append(values)
        return rows, pair

    def _trained_before(self, start: int) -> Trained:
        """A training on the rows before a period: guesses are made anew of these rows, but for columns and horizon."""
        planned = self.whole.read.guesses.planned
        grid = self.whole.trained.source.grid
        cutoff, end = grid.timestamps(start, 1)[0], grid.timestamps(start + planned.calendar_horizon, 1)[0]
        known: dict[str, Any] = {"horizon": planned.horizon}
        if not planned.series_columns:
            keys = tuple(self.whole.read.own.get(name, name) for name in planned.roles.keys)
            known |= {"target": self.whole.read.own.get(planned.roles.target, planned.roles.target), "item_id": keys}
        read = self.given.guesses_over(self._rows_before(cutoff, end), self._related_before(cutoff, end), **known)
        if read.guesses.planned.frequency != planned.frequency:
            raise DataError(
                said(
                    "df: found frequency {before} before {cutoff}, and {frequency} in all rows, wanted one;"
                    " say frequency=",
                    before=read.guesses.planned.frequency,
                    cutoff=cutoff,
                    frequency=planned.frequency,
                )
            )
        with refusals():
            return train(read.guesses)

    def _rows_before(self, cutoff: np.datetime64, end: np.datetime64) -> dict[str, Array]:
        """The caller's rows before a cutoff; those of the window without target, where they say what is planned."""
        planned, related = self.whole.read.guesses.planned, self.whole.read.guesses.related
        if (planned.roles.turned and not planned.series_columns) or planned.roles.moment.columns[0] not in self._own:
            raise DataError(
                said("df: found a column for each date, wanted a row for each to backtest; melt the frame first")
            )
        reading = planned.roles.notation.reading(identifier(planned.roles.timestamp))
        moments = _moments(planned.table, reading, len(self.given.frame.table))
        arrays = self.given.frame.arrays
        is_planned = related is not None and related.is_target
        kept = (moments < (end if is_planned else cutoff)) | np.isnat(moments)
        rows = {name: values[kept] for name, values in arrays.items()}
        return _without(rows, [self._own[planned.roles.target]], moments[kept] >= cutoff) if is_planned else rows

    def _related_before(self, cutoff: np.datetime64, end: np.datetime64) -> dict[str, Array] | None:
        """Related rows up to the end of a window, with what is known for the past alone up to the cutoff."""
        frame, related = self.given.related, self.whole.read.guesses.related
        if frame is None or related is None:
            return None
        moments = _moments(related.table, related.columns.moment, len(frame.table))
        kept = (moments < end) | np.isnat(moments)
        rows = {name: values[kept] for name, values in frame.arrays.items()}
        return _without(rows, _of_the_past(related, frame), moments[kept] >= cutoff)

    @property
    def _own(self) -> Mapping[str, str]:
        return self.whole.read.own

    def _frame(self, windows: "list[_Rows]", statistics: Statistics) -> Any:
        """The windows as one frame of the caller, series by series within each."""
        grid = self.whole.trained.source.grid
        horizon = self.whole.trained.source.plan.settings.horizon
        keys: list[Key] = []
        moments, cutoffs = [], []
        values: dict[str, list[Array]] = {name: [] for name in (self._target, *statistics.names)}
        for window in windows:
            order = self.whole.in_order(window.keys)
            keys += [window.keys[place] for place in order for _ in range(horizon)]
            moments.append(np.tile(grid.timestamps(window.start, horizon), len(order)))
            cutoffs.append(np.repeat(grid.timestamps(window.start, 1), horizon * len(order)))
            values[self._target].append(np.concatenate(window.actual)[order].ravel())
            for name in statistics.names:
                values[name].append(np.concatenate(window.values[name])[order].ravel())
        times = self.whole.time_columns(np.concatenate(cutoffs))
        first = {"cutoff": next(iter(times.values())).alias("cutoff")}
        numbers = {name: np.concatenate(each) for name, each in values.items()}
        return self.whole.rows(keys, np.concatenate(moments), numbers, first=first)

    @property
    def _target(self) -> str:
        planned = self.whole.read.guesses.planned
        return self._own.get(planned.roles.target, planned.roles.target)


@dataclass
class _Rows:
    """A window: its first period, its series, and per shard what happened and what was forecast [item, step]."""

    start: int
    keys: list[Key]
    actual: list[Array]
    values: dict[str, list[Array]]


def _moments(table: Table, reading: str, count: int) -> NDArray[np.datetime64]:
    """[row of the frame]: its moment; NaT where the row is left out or has none."""
    columns = table.connection.execute(f"SELECT line, min({reading}) AS moment FROM data GROUP BY line").fetchnumpy()
    moments = np.full(count, "NaT", dtype="datetime64[s]")
    moments[columns["line"].astype(np.int64)] = np.ma.filled(columns["moment"], np.datetime64("NaT")).astype("M8[s]")
    return moments


def _of_the_past(related: RelatedFile, frame: Frame) -> list[str]:
    """The columns that are not known for the time of the forecast."""
    own = dict(zip(related.table.columns, frame.names, strict=True))
    return [own[column] for column, each in related.coverage.items() if not each.is_forward]


def _without(rows: Mapping[str, Array], names: list[str], hidden: NDArray[np.bool_]) -> dict[str, Array]:
    """The rows with nothing in some columns where they are hidden."""
    changed = {}
    for name in names:
        values = rows[name].astype(object if rows[name].dtype.kind == "O" else np.float64)
        values[hidden] = None if values.dtype.kind == "O" else np.nan
        changed[name] = values
    return {**rows, **changed}
