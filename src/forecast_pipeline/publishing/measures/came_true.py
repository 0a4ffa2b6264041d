"""The figures of an earlier forecast, from its sums over the series: what the mail and the report say of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from forecast_engine import Array
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.measures.forecast_versus_actual import TruthSums
from forecast_pipeline.publishing.measures.service_metrics import ServiceMetric
from forecast_pipeline.runs.came_true import CameTrue
from forecast_pipeline.runs.published import Published


@dataclass(frozen=True)
class ScoredRun:
    """An earlier run whose forecast was held against the history.

    ``made`` is when the run began and ``first`` the first period of its forecast, both in ISO 8601. ``promised_loss``
    and ``promised_inside`` are the average weighted quantile loss and the share within the band of its own backtest.
    """

    run_id: str
    made: str
    first: str
    types: ForecastTypes
    promised_loss: float | None
    promised_inside: float | None
    sums: TruthSums


class _Measures(NamedTuple):
    """What sums over series, and perhaps over steps, come to; None where nothing defines a measure."""

    bias: float | None
    coverage: float | None
    wape: float | None
    naive_wape: float | None
    loss: float | None
    naive_loss: float | None

    @classmethod
    def of(cls, sums: TruthSums, types: ForecastTypes) -> Self:
        """Of sums that are arrays without dimensions; the losses are average weighted quantile losses."""
        return cls(
            bias=_per(sums.actual - sums.forecast, sums.demand),
            coverage=_per(sums.inside, sums.points) if types.band else None,
            wape=_per(sums.error, sums.demand),
            naive_wape=_per(sums.naive_error, sums.demand),
            loss=_per(sums.loss, sums.demand) if types.levels else None,
            naive_loss=_per(sums.naive_loss, sums.demand) if types.levels else None,
        )


def figures_of(run: ScoredRun, frequency: str) -> CameTrue | None:
    """The figures over all steps that have come; None if none has, or none has a value."""
    totals = run.sums.total()
    if not totals.points:
        return None
    measures = _Measures.of(totals, run.types)
    return CameTrue(
        Run=run.run_id,
        Made=run.made,
        First=run.first,
        Periods=int(np.flatnonzero(run.sums.points)[-1]) + 1,
        Frequency=frequency,
        Points=int(totals.points),
        Actual=float(totals.actual),
        Forecast=float(totals.forecast),
        Bias=measures.bias,
        Inside=measures.coverage,
        BandShare=run.types.band_share,
        AverageWeightedQuantileLoss=measures.loss,
        SeasonalNaiveAverageWeightedQuantileLoss=measures.naive_loss,
        WAPE=measures.wape,
        SeasonalNaiveWAPE=measures.naive_wape,
        PromisedAverageWeightedQuantileLoss=run.promised_loss,
        PromisedInside=run.promised_inside,
    )


def steps_of(run: ScoredRun) -> Iterator[tuple[float | None, ...]]:
    """Of each step ahead of which a value has come: step, points, bias, coverage, WAPE, loss, each beside naive's.

    The step ahead of the first period is 1. The losses are average weighted quantile losses.
    """
    for step in np.flatnonzero(run.sums.points):
        sums = run.sums.at(int(step))
        yield float(step) + 1, float(sums.points), *_Measures.of(sums, run.types)


def truth_metrics(published: Published, dataset_group: str, stack: str) -> Iterator[ServiceMetric]:
    """What became of the latest forecast whose time has come, for CloudWatch; before the first, ``Drift`` alone.

    ``Drift`` counts the signs of it over all dataset groups of the stack, for an alarm that knows none of their names.
    """
    yield ServiceMetric("Drift", float(len(published.Drift)), {"Stack": stack})
    if not published.CameTrue:
        return
    figures, dimensions = published.CameTrue[0], {"DatasetGroup": dataset_group}
    for name, value in (
        ("CameTrueWQL", figures.AverageWeightedQuantileLoss),
        ("CameTrueWAPE", figures.WAPE),
        ("CameTrueCoverage", figures.Inside),
        ("CameTrueBias", figures.Bias),
    ):
        if value is not None:
            yield ServiceMetric(name, value, dimensions)


def _per(part: Array, whole: Array) -> float | None:
    return float(part / whole) if whole else None
