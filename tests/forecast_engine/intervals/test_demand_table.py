"""The table of how demand lies around its mean: by hand, and the same however it was counted."""

import json

import numpy as np

from forecast_engine import TrainingSettings, forecast
from forecast_engine.arrays.block import blocks_of
from forecast_engine.intervals.demand_table import (
    RATIO_LEVELS,
    ExpectedDemand,
    RatioCounts,
    RatioTables,
    expected_demand,
)
from forecast_engine.models.npts import NonParametricTimeSeries
from tests.forecast_engine.panels import panel_of, train

LEVELS = np.array([0.1, 0.5, 0.9])


def like(mean: np.ndarray) -> ExpectedDemand:
    """Demand that all belongs to one class."""
    return ExpectedDemand(mean, np.full((*mean.shape, 2), 4.0))


def test_quantiles_are_the_mean_times_ratios_seen_elsewhere() -> None:
    """Of 1,000 periods 600 are without demand, 300 see the mean twice and 100 four times.

    NPTS says 1 throughout: 1,000 cases leave it 1 - 0.75 * 1000 / 1500 = half of the quantiles.
    """
    actual = np.repeat([0.0, 3.0, 6.0], [600, 300, 100])[None, :]
    counts = RatioCounts.of(actual, like(np.full((1, 1000), 1.5)))
    tables = RatioTables.of([counts], np.array([0.1, 0.5, 0.6, 0.8, 0.95]))
    mean = np.array([[2.0]])
    quantiles = tables.blended(np.ones((1, 1, 5)), like(mean), np.array([0]))
    np.testing.assert_allclose(quantiles[0, 0], [0.5, 0.5, 0.5, 0.5 + 0.5 * 2 * 2, 0.5 + 0.5 * 2 * 4], rtol=0.04)
    assert quantiles[0, 0, :3].tolist() == [0.5, 0.5, 0.5]


def test_without_cases_npts_is_all_there_is() -> None:
    nothing = RatioTables.of([RatioCounts.of(np.full((2, 3), np.nan), like(np.ones((2, 3))))], RATIO_LEVELS)
    past = np.random.default_rng(0).random((2, 3, 3))
    result = (
        RatioTables.from_document(nothing.to_document())
        .at(LEVELS)
        .blended(past, like(np.ones((2, 3))), np.zeros(2, dtype=int))
    )
    np.testing.assert_array_equal(result, past)


def test_any_level_lies_between_the_tables_own() -> None:
    random = np.random.default_rng(1)
    counts = RatioCounts.of(random.gamma(1.0, 1.0, (400, 50)), like(np.ones((400, 50))))
    document = json.dumps(RatioTables.of([counts], RATIO_LEVELS).to_document(), allow_nan=False)
    tables = RatioTables.from_document(json.loads(document))
    wanted = np.array([0.01, 0.123, 0.5, 0.77, 0.99])
    found = tables.at(wanted).ratios[0, 4, 4]
    np.testing.assert_allclose(found, -np.log(1 - wanted), rtol=0.05, atol=0.02)  # of the exponential distribution


def test_counts_of_parts_add_up_to_those_of_the_whole() -> None:
    random = np.random.default_rng(2)
    actual, mean = random.poisson(1.0, (30, 8)).astype(float), random.uniform(0.1, 3, (30, 8))
    expected = ExpectedDemand(mean, random.uniform(0, 7, (30, 8, 2)))
    is_first = np.arange(30) < 7
    one, other = (RatioCounts.of(actual[rows], expected.of_items(rows)) for rows in (is_first, ~is_first))
    whole = RatioCounts.of(actual, expected)
    assert (one + other).to_document() == (other + one).to_document() == whole.to_document()


def test_what_the_global_model_does_not_know_is_the_mean_of_npts() -> None:
    history = np.array([[0.0, 2.0, 0.0, 0.0, 4.0, 0.0, 2.0, 0.0], [1.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0]])
    global_points = np.array([[np.nan, np.nan], [0.7, 0.2]])
    expected = expected_demand(history, global_points, np.array([True, True]), 1)
    ((_, block),) = blocks_of(history[:1])
    np.testing.assert_allclose(expected.mean[0], NonParametricTimeSeries(1).forecast(block, 2)[0])
    assert expected.mean[1].tolist() == [0.7, 0.2]
    assert expected.coordinates[1, 0, 0] > expected.coordinates[1, 1, 0]  # the larger mean's class


def test_many_short_histories_lend_each_other_their_distribution() -> None:
    """Items of twelve periods: what NPTS draws from is little, and what 400 items saw is much."""
    target = np.random.default_rng(3).negative_binomial(0.5, 0.3, (400, 24)).astype(float)
    losses = []
    for models in (None, ("npts",)):
        (predictor,) = train([panel_of(target)], TrainingSettings(6, (0.1, 0.5, 0.9), True, 1, 6, models=models))
        losses.append(predictor.accuracy.summary.average_weighted_quantile_loss)
    assert losses[0] < 0.97 * losses[1]


def test_demand_of_any_size_is_forecast() -> None:
    target = np.random.default_rng(4).poisson(0.4, (60, 40)).astype(float)
    target[::4] *= 1e100
    target[1::4] *= 1e-100
    settings = TrainingSettings(6, (0.1, 0.5, 0.9), True, 1, 6)
    panel = panel_of(target)
    (predictor,) = train([panel], settings)
    assert predictor.shared.fitted.global_model.final["intermittent"]
    quantiles = forecast(panel, predictor).quantiles
    assert np.isfinite(quantiles).all()
    assert (quantiles >= 0).all()
