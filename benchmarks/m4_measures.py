"""The measures of the tables: the M4 competition's points, GluonTS's quantile loss, and shares of an interval.

The formulas are the M4 competition's (sMAPE, MASE, OWA against Naive 2; sMAPE and OWA only where every test value is
positive, OWA where no season is odd) and GluonTS's (WQL, with its factor 2, over the quantiles 0.1 to 0.9).

``in 80%`` is the share of test values from the 0.1 to the 0.9 quantile, both included; ``< .1`` and ``> .9`` are the
shares outside. Of counts that are mostly zero, an interval from zero holds all zeros, and so 90 % and more although the
forecast is right. ``ties`` counts a value that equals some of the quantiles in parts: k quantiles that equal it touch
k + 1 of the ten bands that the nine quantiles make, and it counts as far as these bands belong to the 80 % interval.
Quantiles that are right cover 80 % by this count whatever the ties; without ties it is ``in 80%``.
"""

from dataclasses import dataclass

import numpy as np
from data_sets import Competition
from peers import QUANTILES, Forecasts

from forecast_engine import Array
from forecast_engine.evaluation import metrics
from forecast_engine.evaluation.scales import seasonal_scale


@dataclass(frozen=True)
class Result:
    """One method's accuracy; None where a measure is not defined. The shares are explained above.

    ``mase`` is of the point that the data set takes, ``median_mase`` of the median, ``bias`` the sum of the mean over
    that of the test values, less one. ``three_quantile_loss`` is over .1, .5 and .9, Amazon's default, alone.
    """

    smape: float | None
    mase: float
    owa: float | None
    weighted_quantile_loss: float
    coverage80: float
    below: float
    above: float
    coverage80_of_ties: float
    median_mase: float
    bias: float
    three_quantile_loss: float


def score(competition: Competition, forecasts: Forecasts) -> Result:
    """The measures of all series together."""
    actual, quantiles = competition.actual, forecasts.quantiles
    known = ~np.isnan(actual)
    median_mase = mase_of(competition, quantiles[:, :, QUANTILES.index(0.5)])
    mase = median_mase if competition.data_set.point == "median" else mase_of(competition, forecasts.mean)
    smape = owa = None
    if np.all(actual > 0):
        smape = _smape(actual, forecasts.mean)
    if smape is not None and (competition.data_set.season == 1 or competition.data_set.season % 2 == 0):
        naive = naive2(competition)
        owa = (smape / _smape(actual, naive) + mase_of(competition, forecasts.mean) / mase_of(competition, naive)) / 2
    losses = [
        metrics.weighted_quantile_loss(actual, quantiles[:, :, place], level) for place, level in enumerate(QUANTILES)
    ]
    lowest, highest = quantiles[:, :, 0], quantiles[:, :, -1]
    return Result(
        smape=smape,
        mase=mase,
        owa=owa,
        weighted_quantile_loss=float(np.mean(losses)),
        coverage80=metrics.coverage(actual, lowest, highest),
        below=float(np.mean((actual < lowest)[known])),
        above=float(np.mean((actual > highest)[known])),
        coverage80_of_ties=coverage80_of_ties(actual, quantiles),
        median_mase=median_mase,
        bias=float(np.sum(forecasts.mean[known]) / np.sum(actual[known]) - 1),
        three_quantile_loss=float(np.mean([losses[QUANTILES.index(level)] for level in (0.1, 0.5, 0.9)])),
    )


def coverage80_of_ties(actual: Array, quantiles: Array) -> float:
    """Share of ``actual`` [item, step] in the 80 % interval of ``quantiles`` [item, step, level], ties in parts.

    The quantiles are those of QUANTILES. They cut the line into ten bands of one tenth each; a value touches the band
    it lies in, or those on both sides of all quantiles that equal it, and counts by the share of these that is neither
    the first nor the last. NaN in ``actual`` is left out.
    """
    first = (quantiles < actual[:, :, None]).sum(axis=2)  # number of the lowest band touched
    last = (quantiles <= actual[:, :, None]).sum(axis=2)
    inner = np.minimum(last, len(QUANTILES) - 1) - np.maximum(first, 1) + 1
    return float(np.mean((inner / (last - first + 1))[~np.isnan(actual)]))


def _smape(actual: Array, mean: Array) -> float:
    """Mean of 200 |y - f| / (|y| + |f|), in percent."""
    return float(np.mean(200 * np.abs(actual - mean) / (np.abs(actual) + np.abs(mean))))


def mase_of(competition: Competition, points: Array) -> float:
    """Mean of the series' MASE of a point forecast [item, step], those left out that never change."""
    season = competition.data_set.scale_season or competition.data_set.season
    scales = [seasonal_scale(series, season) for series in competition.history]
    errors = [metrics.mase(*row) for row in zip(competition.actual, points, scales, strict=True)]
    return float(np.mean([error for error in errors if error is not None]))


def naive2(competition: Competition) -> Array:
    """Naive 2 [item, step] of the M competitions: the last value of the series, seasonally adjusted if that is
    significant, times the season."""
    data_set = competition.data_set
    return np.stack([_naive2(values, data_set.season, data_set.horizon) for values in competition.observed])


def _naive2(values: Array, season_length: int, horizon: int) -> Array:
    phases = np.arange(len(values) + horizon) % season_length
    indices = np.ones(season_length)
    if season_length > 1 and _is_seasonal(values, season_length):
        window = np.r_[0.5, np.ones(season_length - 1), 0.5] / season_length  # the M competitions' seasons are even
        half = season_length // 2
        ratios = values[half:-half] / np.convolve(values, window, "valid")
        ratio_phases = phases[half : len(values) - half]
        indices = np.array([ratios[ratio_phases == phase].mean() for phase in range(season_length)])
        indices /= indices.mean()
    return values[-1] / indices[phases[len(values) - 1]] * indices[phases[len(values) :]]


def _is_seasonal(values: Array, season_length: int) -> bool:
    """The M4 competition's test: the autocorrelation at one season exceeds its 90 % limit."""
    if len(values) < 3 * season_length:
        return False
    centred = values - values.mean()
    products = [float(np.dot(centred[lag:], centred[: len(centred) - lag])) for lag in range(season_length + 1)]
    if products[0] == 0:
        return False
    correlations = np.array(products[1:]) / products[0]
    limit = 1.645 * np.sqrt((1 + 2 * np.sum(correlations[:-1] ** 2)) / len(values))
    return bool(abs(correlations[-1]) > limit)
