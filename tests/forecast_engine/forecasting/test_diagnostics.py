"""Whatever a user sends is forecast sensibly, and the item's note says what is special about it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast_engine import ErrorMeasure, Forecast, TrainingSettings, forecast
from forecast_engine.forecasting.diagnostics import BORROWED_WIDTH, ON_THE_FLOOR, reasons
from forecast_engine.portfolio.portfolio import Member
from tests.forecast_engine.panels import panel_of, rows_of, seasonal_walks, train

NAN = float("nan")
LENGTH, HORIZON = 120, 12
SETTINGS = TrainingSettings(HORIZON, (0.1, 0.5, 0.9), True, 2, HORIZON)

PERIODS = np.arange(LENGTH)
RANDOM = np.random.default_rng(5)
NOISE = RANDOM.normal(0, 1, LENGTH)
SEASON = 10 * np.sin(2 * np.pi * PERIODS / 12)


def with_value(series: NDArray[np.float64], index: int, value: float) -> NDArray[np.float64]:
    changed = series.copy()
    changed[index] = value
    return changed


# Name -> the series, its note, and between which bounds every median and mean of its forecast must lie.
WILD: dict[str, tuple[NDArray[np.float64], str, float, float]] = {
    "constant": (np.full(LENGTH, 7.3), "constant history", 7.3, 7.3),
    "all zero": (np.zeros(LENGTH), "always zero", 0, 0),
    "without history": (np.full(LENGTH, NAN), "no history", 0, 0),
    "one point": (np.where(PERIODS == LENGTH - 1, 42.0, NAN), f"1 observation; {BORROWED_WIDTH}", 41, 43),
    "one point, long ago": (
        np.where(PERIODS == 3, 42.0, NAN),
        f"1 observation; not observed in its last 116 periods; {BORROWED_WIDTH}",
        41,
        43,
    ),
    "a few points": (np.where(PERIODS < LENGTH - 3, NAN, 5 + NOISE), f"3 observations; {BORROWED_WIDTH}", 3, 9),
    # 338 at the end, 2 a period
    "trend": (100.0 + 2 * PERIODS, "", 330, 375),
    "trend with noise": (100 + 2 * PERIODS + NOISE, "", 330, 375),
    "falling below zero": (1000.0 - 12 * PERIODS, "", -600, -420),
    # 1.5^119 at the end: to go on for a horizon would multiply it by 130
    "exploding": (
        1.5**PERIODS,
        "grew 130-fold in its last 12 periods: seldom lasts",
        1.5**LENGTH * 0.5,
        1.5 ** (LENGTH + HORIZON) * 1.1,
    ),
    "exploding below zero": (
        -(1.4**PERIODS),
        "grew 56.7-fold in its last 12 periods: seldom lasts",
        -(1.4 ** (LENGTH + HORIZON)),
        -(1.4 ** (LENGTH - 5)),
    ),
    "level shift": (
        np.where(PERIODS < LENGTH - 10, 100, 200) + NOISE,
        "level changed from 99.9 to 200 (10 periods before its end)",
        180,
        220,
    ),
    "level shift of a seasonal series": (
        np.where(PERIODS < LENGTH - 20, 100, 250) + SEASON + NOISE,
        "level changed from 99.8 to 251 (20 periods before its end)",
        220,
        310,
    ),
    # it fell from 1000: within a fifth of the shift, since some members believe in the mean of the history
    "level shift down": (
        np.where(PERIODS < LENGTH - 8, 1000.0, 10.0),
        "level changed from 1000 to 10 (8 periods before its end)",
        0,
        200,
    ),
    "sparse": (
        np.where(PERIODS % 10 == 7, 3.0, 0.0),
        "zero in 90 % of its periods; quantiles from past demand",
        0,
        3.1,  # its own 3, blended with demand like it, which may be more
    ),
    "sold once": (
        np.where(PERIODS == 50, 5.0, 0.0),
        "zero in 99 % of its periods; quantiles from past demand",
        0,
        0.5,
    ),
    "outlier": (
        with_value(100 + SEASON + NOISE, LENGTH - 30, 10000),
        "an outlier 29 periods before its end",
        85,
        115,
    ),
    "two outliers": (
        with_value(with_value(100 + SEASON + NOISE, LENGTH - 30, 10000), LENGTH - 50, -9000),
        "2 outliers (the latest 29 periods before its end)",
        85,
        115,
    ),
    "outlier at the end": (
        with_value(100 + SEASON + NOISE, LENGTH - 1, 10000),
        "an outlier in its last period",
        80,
        250,  # it may be the first value of a new level
    ),
    "one huge value among ones": (
        with_value(np.ones(LENGTH), 5, 1e9),
        "",  # too long ago: outliers are told from the third season on
        1,
        1,
    ),
    "five times the level for two periods": (
        np.where(PERIODS < LENGTH - 2, 100, 500) + NOISE,
        "2 outliers (the latest in its last period)",
        380,
        520,
    ),
    "gap at the end": (
        np.where(PERIODS < LENGTH - 20, 100 + NOISE, NAN),
        "not observed in its last 20 periods",
        95,
        105,
    ),
    "late start": (
        np.where(PERIODS >= LENGTH - 18, 100 + SEASON + NOISE, NAN),
        "shorter than two seasons of 12 periods",
        80,
        120,
    ),
    "full of holes": (np.where(PERIODS % 3 == 1, 100 + NOISE, NAN), "", 95, 105),
    "huge": (1e99 * (1 + 0.1 * np.abs(NOISE)), "", 9e98, 1.4e99),
    "largest, of both signs": (np.where(PERIODS % 2, 1e100, -1e100), ON_THE_FLOOR, -1.1e100, 1.1e100),
    "tiny": (1e-99 * (1 + 0.1 * np.abs(NOISE)), "", 9e-100, 1.4e-99),
    "from tiny to huge": (
        np.geomspace(1e-99, 1e100, LENGTH),
        "grew 1.17e+20-fold in its last 12 periods: seldom lasts",
        1e100,
        1e121,
    ),
    "hills and valleys": (np.where(PERIODS % 2, 1.0, 1000.0), "", -100, 1100),
    "below zero": (SEASON + NOISE - 100, "", -120, -80),
}
NAMES = list(WILD)


@pytest.fixture(scope="module")
def made() -> Forecast:
    """Wild series among tame ones, trained and forecast together."""
    target = np.concatenate([np.stack([series for series, *_ in WILD.values()]), seasonal_walks(60, LENGTH)])
    panel = panel_of(target)
    (predictor,) = train([panel], SETTINGS)
    assert np.isfinite(predictor.accuracy.summary.average_weighted_quantile_loss)
    return forecast(panel, predictor)


@pytest.mark.parametrize("name", NAMES)
def test_a_wild_series_is_forecast_within_sensible_bounds(made: Forecast, name: str) -> None:
    _, _, lowest, highest = WILD[name]
    assert made.mean is not None
    quantiles, mean = made.quantiles[NAMES.index(name)], made.mean[NAMES.index(name)]
    assert np.isfinite(quantiles).all()
    assert np.isfinite(mean).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    slack = 1e-9 * max(abs(lowest), abs(highest))
    for points in (quantiles[:, 1], mean):
        assert points.min() >= lowest - slack
        assert points.max() <= highest + slack


@pytest.mark.parametrize("name", NAMES)
def test_its_note_says_what_is_special(made: Forecast, name: str) -> None:
    assert made.notes[NAMES.index(name)] == WILD[name][1]


def test_tame_series_have_no_note(made: Forecast) -> None:
    tame = made.notes[len(WILD) :]
    sparse = tame[::7]
    assert all(
        note.startswith("zero in ") and note.endswith(" % of its periods; quantiles from past demand")
        for note in sparse
    )
    assert sum(bool(note) for note in tame) == len(sparse)


def test_the_same_weights_stand_beside_each_item_as_in_its_mixture(made: Forecast) -> None:
    assert made.weights.shape == (len(made.members), len(made.item_ids))
    np.testing.assert_allclose(made.weights.sum(axis=0), 1)
    assert {type(member) for member in made.members} == {Member}


def test_a_note_does_not_depend_on_neighbours() -> None:
    panel = panel_of(np.stack([series for series, *_ in WILD.values()]))
    is_intermittent = np.zeros(len(WILD), dtype=bool)
    together = reasons(panel, HORIZON, is_intermittent)
    for item, note in enumerate(together):
        assert reasons(rows_of(panel, [item]), HORIZON, is_intermittent[:1]) == [note]


def test_a_very_long_series_is_forecast_and_judged_by_its_latest_seasons() -> None:
    time = np.arange(20_000)
    random = np.random.default_rng(2)
    tame = 50 + 10 * np.sin(2 * np.pi * time / 7) + random.normal(0, 1, len(time))
    shifted_long_ago = np.where(time < 10_000, 1000.0, 0.0) + tame
    shifted = np.where(time < 19_980, 0.0, 100.0) + tame
    panel = panel_of(np.stack([tame, shifted_long_ago, shifted]), "D")
    settings = TrainingSettings(7, (0.1, 0.5, 0.9), True, 1, 7)
    (predictor,) = train([panel], settings)
    result = forecast(panel, predictor)
    assert result.notes == ["", "", "level changed from 50.3 to 150 (20 periods before its end)"]
    expected = 50 + 10 * np.sin(2 * np.pi * np.arange(20_000, 20_007) / 7)
    np.testing.assert_allclose(result.quantiles[:2, :, 1], np.tile(expected, (2, 1)), atol=4)
    np.testing.assert_allclose(result.quantiles[2, :, 1], expected + 100, atol=15)


@pytest.mark.parametrize("measure", ["absolute", "squared", "percentage"])
@pytest.mark.parametrize("frequency", ["Y", "D", "H"])
def test_growth_beyond_what_can_be_squared_leaves_the_others_as_they_are(frequency: str, measure: ErrorMeasure) -> None:
    rise, horizon = np.geomspace(1e-99, 1e100, 60), 24
    wild = [np.concatenate([rise, np.full(horizon, end)]) for end in (1e100, -1e100)]
    panel = panel_of(np.stack([*wild, *seasonal_walks(4, 84)]), frequency)
    settings = TrainingSettings(horizon, (0.1, 0.5, 0.9), True, 1, horizon, measure=measure)
    (predictor,) = train([panel], settings)
    result = forecast(panel, predictor)
    assert result.mean is not None
    assert np.isfinite(result.quantiles).all()
    assert np.isfinite(result.weights).all()
    assert np.isfinite(predictor.accuracy.summary.rmse)
    tame = panel.target[2:]
    assert (np.abs(result.mean[2:]) < 3 * np.abs(tame).max(axis=1, keepdims=True)).all()


@pytest.mark.parametrize("length", [1, 2, 3, 4, 7])
def test_a_history_of_a_few_periods_is_noted_as_that(length: int) -> None:
    panel = panel_of(np.arange(2.0 * length).reshape(2, length) + 1)
    noted = reasons(panel, 1, np.zeros(2, dtype=bool))
    assert noted == [f"{length} observation{'s' if length > 1 else ''}"] * 2


def test_filled_periods_are_no_observations() -> None:
    """Zeros that a filling put behind the last observation: the series is not sold any more, or not reported."""
    panel = panel_of(np.where(np.arange(40) < 25, 5.0 + np.arange(40) % 3, 0.0)[None])
    panel.observed[:, 25:] = False
    assert reasons(panel, 12, np.zeros(1, dtype=bool)) == ["not observed in its last 15 periods"]
    longer = panel_of(np.where(np.arange(120) < 100, 100 + NOISE, 0.0)[None])
    longer.observed[:, 100:] = False
    assert reasons(longer, 12, np.zeros(1, dtype=bool)) == ["not observed in its last 20 periods"]
    sold_out = panel_of(longer.target)  # reported as zeros
    assert reasons(sold_out, 12, np.zeros(1, dtype=bool)) == [
        "level changed from 99.6 to 0 (20 periods before its end)"
    ]
