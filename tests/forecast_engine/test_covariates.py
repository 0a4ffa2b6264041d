"""What is known beside the target moves forecasts the way it moved the past."""

from dataclasses import replace

import numpy as np
import pytest

from forecast_engine import (
    Covariates,
    Forecast,
    Panel,
    TrainingSettings,
    explain,
    forecast,
)
from forecast_engine.arrays.reductions import Array
from tests.forecast_engine.panels import panel_of, seasonal_walks, train, with_covariates

HORIZON = 14
SETTINGS = TrainingSettings(HORIZON, (0.1, 0.5, 0.9), True, 2, HORIZON)


def demand_that_falls_with_price(item_count: int = 24, length: int = 240, level: float = 60.0) -> Panel:
    """Daily demand level * (price / base price) ^ -2 with noise; every item has promotions of its own."""
    random = np.random.default_rng(1)
    base = random.uniform(2, 9, (item_count, 1))
    promoted = np.repeat(random.random((item_count, (length + HORIZON) // 7 + 1)) < 0.25, 7, axis=1)
    price = base * np.where(promoted[:, : length + HORIZON], random.uniform(0.6, 0.8, (item_count, 1)), 1.0)
    levels = level * random.uniform(0.5, 2, (item_count, 1))
    expected = levels * (price / base) ** -2
    target = random.poisson(expected[:, :length]).astype(float)
    return replace(panel_of(target, "D"), covariates=Covariates(related={"price": price}))


def with_future(panel: Panel, price: Array) -> Panel:
    """The panel with another price behind its grid."""
    series = panel.covariates.related["price"].copy()
    series[:, panel.grid.length :] = price
    return replace(panel, covariates=Covariates(related={"price": series}))


def mean_of(result: Forecast) -> Array:
    assert result.mean is not None
    return result.mean


def base_price(panel: Panel) -> Array:
    return panel.covariates.related["price"].max(axis=1, keepdims=True)


def test_a_higher_price_lowers_a_forecast_and_a_lower_one_raises_it() -> None:
    panel = demand_that_falls_with_price()
    (predictor,) = train([panel], SETTINGS)
    base = base_price(panel)
    low, middle, high = (
        mean_of(forecast(with_future(panel, base * factor), predictor)).mean(axis=1) for factor in (0.7, 0.85, 1.0)
    )
    assert (low > 1.25 * high).all()
    assert low.sum() > middle.sum() > high.sum()


def test_a_known_price_makes_the_forecast_better() -> None:
    panel = demand_that_falls_with_price()
    (informed,) = train([panel], SETTINGS)
    (blind,) = train([replace(panel, covariates=Covariates())], SETTINGS)
    assert informed.accuracy.summary.wape < 0.75 * blind.accuracy.summary.wape
    ours, theirs = informed.accuracy.summary, blind.accuracy.summary
    assert ours.average_weighted_quantile_loss < 0.8 * theirs.average_weighted_quantile_loss


@pytest.mark.parametrize("value", [np.nan, 0.0, -1e300, 1e300])
def test_covariates_of_any_value_leave_the_forecast_finite(value: float) -> None:
    panel = with_covariates(panel_of(seasonal_walks(30, 90), "D"), HORIZON)
    panel.covariates.related["price"][::2, 60:] = value
    panel.covariates.related["stock"][::3] = value
    panel.covariates.calendar["Holiday_KR"][80:] = value
    panel.covariates.attributes["size"][::5] = value
    panel.target[::11] = np.nan
    (predictor,) = train([panel], SETTINGS)
    assert predictor.shared.fitted.global_model
    result = forecast(panel, predictor)
    assert np.isfinite(result.quantiles).all()
    assert np.isfinite(mean_of(result)).all()
    assert np.isfinite(explain(panel, predictor).impacts).all()


def test_covariates_that_tell_nothing_do_little_harm() -> None:
    panel = panel_of(seasonal_walks(40, 150, season=7), "D")
    (blind,) = train([panel], SETTINGS)
    (misled,) = train([with_covariates(panel, HORIZON)], SETTINGS)
    assert misled.accuracy.summary.wape < 1.03 * blind.accuracy.summary.wape


def test_intermittent_demand_moves_with_the_price_in_all_its_quantiles() -> None:
    panel = demand_that_falls_with_price(level=0.6)
    (predictor,) = train([panel], SETTINGS)
    base = base_price(panel)
    result = forecast(with_future(panel, base), predictor)
    reduced = forecast(with_future(panel, 0.7 * base), predictor)
    sparse = ["quantiles from past demand" in note for note in result.notes]
    assert sum(sparse) > 12
    assert mean_of(reduced)[sparse].sum() > 1.1 * mean_of(result)[sparse].sum()
    assert reduced.quantiles[sparse, :, 2].sum() > 1.05 * result.quantiles[sparse, :, 2].sum()


def test_a_holiday_that_recurs_is_expected_with_a_calendar_only() -> None:
    random = np.random.default_rng(2)
    length = 420
    holidays = np.zeros(length + HORIZON)
    holidays[random.choice(length, 40, replace=False)] = 1.0
    holidays[[length - 10, length - 24, length + 3]] = 1.0  # inside both windows and the horizon
    levels = random.uniform(50, 200, (20, 1))
    expected = levels * np.where(holidays > 0, 0.3, 1.0)
    panel = panel_of(expected[:, :length] * random.normal(1, 0.05, (20, length)), "D")
    informed = replace(panel, covariates=Covariates(calendar={"Holiday_KR": holidays}))
    (predictor,) = train([informed], SETTINGS)
    (blind,) = train([panel], SETTINGS)
    assert predictor.accuracy.summary.wape < 0.6 * blind.accuracy.summary.wape
    mean = mean_of(forecast(informed, predictor))
    np.testing.assert_allclose(mean[:, 3], 0.3 * levels[:, 0], rtol=0.25)
    np.testing.assert_allclose(mean[:, 5], levels[:, 0], rtol=0.15)


def items_of_two_categories(newcomers: list[str]) -> Panel:
    """Thirty items, dear ones that sell about 10 and cheap ones that sell about 100, then newcomers without history."""
    random = np.random.default_rng(3)
    categories = ["dear", "cheap"] * 15
    levels = np.where(np.array(categories) == "dear", 10.0, 100.0)[:, None] * random.uniform(0.8, 1.25, (30, 1))
    known = levels * random.normal(1, 0.1, (30, 48))
    target = np.concatenate([known, np.full((len(newcomers), 48), np.nan)])
    attributes = {"category": np.array(categories + newcomers)}
    return replace(panel_of(target), covariates=Covariates(attributes=attributes))


@pytest.mark.parametrize("frequency", ["Y", "W", "H"])
def test_new_items_are_forecast_at_any_frequency_and_below_zero_too(frequency: str) -> None:
    known = items_of_two_categories(["cheap", "dear"])
    panel = replace(panel_of(-known.target, frequency), covariates=known.covariates)
    settings = TrainingSettings(3, (0.1, 0.5, 0.9), True, 1, 3)
    (predictor,) = train([panel], settings)
    cheap, dear = forecast(panel, predictor).quantiles[30:]
    assert ((cheap[:, 0] < -100) & (cheap[:, 2] > -100)).all()
    assert ((dear[:, 0] < -10) & (dear[:, 2] > -10) & (dear[:, 2] < 0)).all()


def test_a_new_item_has_the_factor_of_its_own_price_and_the_day() -> None:
    panel = demand_that_falls_with_price()
    newcomer = 23
    panel.target[newcomer] = np.nan
    panel = replace(panel, covariates=replace(panel.covariates, attributes={"kind": np.array(["a", "b"] * 12)}))
    (predictor,) = train([panel], SETTINGS)
    price = np.repeat(base_price(panel), HORIZON, axis=1)
    price[:, 3] *= 0.7
    mean = mean_of(forecast(with_price(panel, price), predictor))[newcomer]
    assert mean[3] > 1.5 * mean[[2, 4]].max()


def test_an_item_without_history_is_forecast_like_items_of_its_category() -> None:
    settings = TrainingSettings(6, (0.05, 0.1, 0.5, 0.9), True, 1, 6)
    (predictor,) = train([items_of_two_categories([])], settings)
    result = forecast(items_of_two_categories(["cheap", "dear", "", "unheard of"]), predictor)
    cheap, dear, unknown, unseen = result.quantiles[30:]
    assert (cheap[:, 0] < cheap[:, 1]).all()
    assert ((cheap[:, 1] > 60) & (cheap[:, 1] < 100) & (cheap[:, 3] > 100) & (cheap[:, 3] < 160)).all()
    assert ((dear[:, 1] > 6) & (dear[:, 1] < 10) & (dear[:, 3] > 10) & (dear[:, 3] < 16)).all()
    np.testing.assert_allclose(mean_of(result)[30:32].mean(axis=1), [100, 10], rtol=0.15)
    assert not unknown.any()
    assert not unseen.any()
    like = "no history: forecast like items with the same attributes"
    assert result.notes[30:] == [like, like, "no history", "no history"]
    assert {model: share for model, share in result.models[30].items() if share} == {"lightgbm": 1.0}


def test_impacts_add_up_to_what_the_global_model_says_by_its_weight() -> None:
    panel = demand_that_falls_with_price(item_count=10)
    calendar = {"Holiday_DE": (np.arange(240 + HORIZON) % 30 == 0).astype(float)}
    attributes = {"brand": np.array(["a", "b"] * 5), "size": np.arange(10.0), "same": np.array(["x"] * 10)}
    panel = replace(panel, covariates=replace(panel.covariates, calendar=calendar, attributes=attributes))
    alone = replace(SETTINGS, models=("lightgbm",))
    (predictor,) = train([panel], alone)
    explanation = explain(panel, predictor)
    assert explanation.item_ids == panel.item_ids
    assert explanation.names == ("price", "Holiday_DE", "brand", "size", "same")
    assert not explanation.impacts[:, :, 4].any()  # all items share it
    # Two forecasts that differ in the price alone differ by what the price's impact differs, and little else.
    base = base_price(panel)
    dear, cheap = with_price(panel, base), with_price(panel, 0.7 * base)
    difference = mean_of(forecast(cheap, predictor)) - mean_of(forecast(dear, predictor))
    impacts = explain(cheap, predictor).impacts - explain(dear, predictor).impacts
    assert impacts[:, :, 0].mean() == pytest.approx(difference.mean(), rel=0.2)
    # The ensemble's impacts are the model's own by its weight.
    (predictor,) = train([panel], SETTINGS)
    weights = np.array([shares["lightgbm"] for shares in forecast(panel, predictor).models])
    np.testing.assert_allclose(explain(panel, predictor).impacts, weights[:, None, None] * explanation.impacts)


def with_price(panel: Panel, price: Array) -> Panel:
    """As ``with_future``, the other covariates kept."""
    return replace(panel, covariates=replace(panel.covariates, related=with_future(panel, price).covariates.related))


def test_a_new_item_is_explained_by_its_category() -> None:
    settings = TrainingSettings(6, (0.5,), True, 1, 6)
    (predictor,) = train([items_of_two_categories([])], settings)
    impacts = explain(items_of_two_categories(["cheap", "dear"]), predictor).impacts[30:, :, 0]
    assert (impacts[0] > 20).all()
    assert (impacts[1] < -20).all()
