"""Explain a predictor as a whole, or some series and time points of a forecast: one round over shards of items.

An impact is a Shapley value of the global model, the one that reads attributes, times the model's weight in the
item's forecast. The scores of a predictor are sums of impacts over the horizon and over all items, or over a share of
them that is drawn from their series where there are many; the sums are exact, however items lie in shards. The scores
of a forecast are stored for each of its few series and time points.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TypedDict

import numpy as np

from forecast_engine import Array, Explanation, explain
from forecast_engine.evaluation import ExactSum, exact_sum, merged, rounded_sum
from forecast_files.input_refused import InputRefused
from forecast_service.jobs.base.engine_errors import engine_refusals
from forecast_service.jobs.base.job import Job, JobContext, Outcome, Round
from forecast_service.panel.panel_source import PanelSource
from forecast_service.panel.series_limits import MOST_EXPLAINED_SERIES
from forecast_service.panel.series_selection import SeriesSelection
from forecast_service.panel.trained_predictor import TrainedPredictor
from forecast_service.records.kinds import KINDS
from forecast_service.records.record import Record
from forecast_service.storage.bucket import WORK
from forecast_service.storage.forecast_table import ForecastTable
from forecast_service.storage.impact_table import ImpactTable
from forecast_service.storage.imported_dataset import Key

_MOST_CELLS = 20_000  # series x steps that a predictor's scores are summed over, about: each takes up to 2 ms


class _Explainer:
    """The model of a predictor, asked about the data that the record's inputs name."""

    def __init__(self, context: JobContext, predictor: Record) -> None:
        self.predictor = TrainedPredictor.of(context.storage.of(predictor))
        self.source = PanelSource.of(self.predictor.plan, context.record.inputs, context.storage_of)

    def explain(self, shard: int, shard_count: int, only: set[Key]) -> tuple[list[Key], Explanation | None]:
        """The chosen series of a shard and what raises or lowers their forecasts; None where the shard has none."""
        with engine_refusals():
            keys, panel = self.source.panel(shard, shard_count, only)
            if not keys:
                return [], None
            return keys, explain(panel, self.predictor.of_shard(shard))

    def explain_share(self, shard: int, share: float) -> Explanation | None:
        """The same of a share of the series that training saw, drawn from what they were; None where there is none."""
        with engine_refusals():
            _, panel = self.source.panel(shard, self.predictor.plan.shard_count, with_new_items=False)
            drawn = panel.drawn(share)
            return explain(drawn, self.predictor.of_shard(shard)) if drawn.item_ids else None


class ShardTotals(TypedDict):
    """What a shard adds to a predictor's scores: sums of the impacts of each attribute, with and without their signs.

    Sums are exact (see ``exact_sum``). A shard without series has no attributes.
    """

    series: int
    attributes: list[str]
    totals: list[ExactSum]
    magnitudes: list[ExactSum]


class PredictorExplaining:
    """All series, or a sample of them, and all time points, added up."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._storage = context.storage
        self.rounds: tuple[Round[ShardTotals], ...] = (self,)

    def plan_shards(self) -> list[int]:
        _require_active(self._predictor)
        return self._explainer.predictor.plan.shards

    def run(self, shard: int, /) -> ShardTotals:
        plan = self._explainer.predictor.plan
        share = _MOST_CELLS / (plan.series_count * plan.settings.horizon)
        explanation = self._explainer.explain_share(shard, share)
        if explanation is None:
            return {"series": 0, "attributes": [], "totals": [], "magnitudes": []}
        impacts = [explanation.impacts[:, :, index].ravel() for index in range(len(explanation.names))]
        return {
            "series": len(explanation.item_ids),
            "attributes": list(explanation.names),
            "totals": [exact_sum(values.tolist()) for values in impacts],
            "magnitudes": [exact_sum(np.abs(values).tolist()) for values in impacts],
        }

    def finish(self, results: list[ShardTotals], /) -> Outcome:
        explained = [result for result in results if result["series"]]
        attributes = explained[0]["attributes"]  # the same in every shard
        totals = _added(result["totals"] for result in explained)
        magnitudes = _added(result["magnitudes"] for result in explained)
        ImpactTable.of_predictor(attributes, totals, magnitudes).save(self._storage)
        return Outcome({}, {"series_count": sum(result["series"] for result in explained)})

    def discard(self) -> None:
        """Nothing: all that was written lies in the resource's own storage."""

    @cached_property
    def _predictor(self) -> Record:
        return self._context.records.get(self._context.record.parents["predictor"])

    @cached_property
    def _explainer(self) -> _Explainer:
        return _Explainer(self._context, self._predictor)


class ShardImpacts(TypedDict):
    """How many series of a shard are explained, and by which attributes; the impacts are arrays in the storage."""

    series: int
    attributes: list[str]


class ForecastExplaining:
    """Chosen series, or all where they are few, at chosen time points or over the horizon."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._storage = context.storage
        self.rounds: tuple[Round[ShardImpacts], ...] = (self,)

    def plan_shards(self) -> list[int]:
        _require_active(self._forecast)
        if not len(self._points):
            table, request = self._table, self._context.record.request
            found = f"found none from {request['StartDateTime']} to {request['EndDateTime']}"
            raise InputRefused(f"Time points: {found}, wanted one of those between {table.first} and {table.last}.")
        if self._selection is None:
            return self._table.shards
        count = self._selection.gather(self._table.shard_count)
        if count > MOST_EXPLAINED_SERIES:
            raise InputRefused(f"{self._selection.path}: found {count} series, wanted at most {MOST_EXPLAINED_SERIES}.")
        return self._selection.shards_among(self._table.shards)

    def run(self, shard: int, /) -> ShardImpacts:
        chosen = self._table.keys(shard)
        if self._selection:
            chosen &= self._selection.keys(shard)
        keys, explanation = self._explainer.explain(shard, self._table.shard_count, chosen)
        if explanation is None:
            return {"series": 0, "attributes": []}
        impacts = explanation.impacts[:, self._points]
        self._storage.write_arrays(_impacts_name(shard), {"keys": np.array(keys), "impacts": impacts})
        return {"series": len(keys), "attributes": list(explanation.names)}

    def finish(self, results: list[ShardImpacts], /) -> Outcome:
        shards = self._selection.shards_among(self._table.shards) if self._selection else self._table.shards
        explained = {shard: result for shard, result in zip(shards, results, strict=True) if result["series"]}
        if not explained:
            path = self._selection.path if self._selection else self._forecast.arn
            raise InputRefused(f"{path}: found no series of the forecast, wanted at least one.")
        keys, impacts = self._gathered([*explained])
        attributes = next(iter(explained.values()))["attributes"]  # the same in every shard
        names = [column.name for column in self._table.series_columns]
        ImpactTable.of_forecast(names, keys, self._timestamps, attributes, impacts).save(self._storage)
        return Outcome({}, {"series_count": len(keys), "point_count": len(self._points)})

    def discard(self) -> None:
        """Nothing: all that was written lies in the resource's own storage."""

    def _gathered(self, shards: list[int]) -> tuple[list[Key], Array]:
        """Series of all shards in the order of their keys, and impacts [series, time point, attribute]."""
        by_shard = [self._storage.read_arrays(_impacts_name(shard)) for shard in shards]
        keys = [tuple(map(str, key)) for arrays in by_shard for key in arrays["keys"]]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        impacts = np.concatenate([arrays["impacts"] for arrays in by_shard])
        return [keys[position] for position in order], impacts[order]

    @cached_property
    def _forecast(self) -> Record:
        return self._context.records.get(self._context.record.parents["forecast"])

    @cached_property
    def _explainer(self) -> _Explainer:
        return _Explainer(self._context, self._context.records.get(self._forecast.parents["predictor"]))

    @cached_property
    def _table(self) -> ForecastTable:
        return ForecastTable.of(self._storage.of(self._forecast))

    @cached_property
    def _selection(self) -> SeriesSelection | None:
        """The series that the request chooses; None where it wants all."""
        request = self._context.record.request
        if "DataSource" not in request:
            return None
        return SeriesSelection(request, self._table.series_columns, self._storage)

    @cached_property
    def _steps(self) -> np.ndarray:
        """Starts of the periods that are forecast."""
        grid = self._explainer.source.grid
        return grid.timestamps(grid.length, self._explainer.predictor.plan.settings.horizon)

    @cached_property
    def _points(self) -> np.ndarray:
        """The steps that are explained."""
        request = self._context.record.request
        if "StartDateTime" not in request:
            return np.arange(len(self._steps))
        first, last = (np.datetime64(datetime.fromisoformat(request[f"{end}DateTime"])) for end in ("Start", "End"))
        return np.flatnonzero((self._steps >= first) & (self._steps <= last))

    @property
    def _timestamps(self) -> list[str] | None:
        """The labels of rows of single time points, which only chosen ones have."""
        if "StartDateTime" not in self._context.record.request:
            return None
        return [f"{step}Z" for step in self._steps[self._points].astype("datetime64[s]")]


def explaining(context: JobContext) -> Job:
    """The job of an explainability: of a forecast, or of a predictor."""
    return ForecastExplaining(context) if "forecast" in context.record.parents else PredictorExplaining(context)


def _require_active(explained: Record) -> None:
    """Refuse what has failed, or is gone, since its explainability was created."""
    if explained.status != "ACTIVE":
        found = f"the {KINDS[explained.kind].noun} {explained.arn} is {explained.status}"
        raise InputRefused(f"Cannot explain what is not ACTIVE: {found}.")


def _added(sums_of_shards: Iterable[list[ExactSum]]) -> Array:
    """[attribute]: the sums of all shards together, rounded once."""
    return np.array([rounded_sum(merged(sums)) for sums in zip(*sums_of_shards, strict=True)])


def _impacts_name(shard: int) -> str:
    return f"{WORK}impacts/{shard:04}.npz"
