"""Backtest windows, drawn by hand."""

import pytest

from forecast_engine import TrainingSettings
from forecast_engine.evaluation.windows import backtest_windows


def settings_of(horizon: int, count: int, offset: int) -> TrainingSettings:
    return TrainingSettings(horizon, (0.5,), True, count, offset)


def test_windows_follow_each_other_one_horizon_apart_from_the_offset_back() -> None:
    windows = backtest_windows(120, settings_of(horizon=10, count=3, offset=15), 9)
    assert [window.start for window in windows if window.reported] == [105, 95, 85]


def test_earlier_windows_serve_to_learn_even_if_one_was_asked_for() -> None:
    windows = backtest_windows(100, settings_of(horizon=10, count=1, offset=10), 2)
    assert [(window.start, window.reported) for window in windows] == [
        (90, True),
        (80, False),
        (70, False),
        (60, False),
        (50, False),
    ]


def test_a_panel_of_one_series_learns_from_ten_windows() -> None:
    windows = backtest_windows(300, settings_of(horizon=10, count=2, offset=10), 1)
    assert [window.start for window in windows] == list(range(290, 190, -10))
    assert [window.reported for window in windows] == [True] * 2 + [False] * 8


def test_learning_windows_leave_a_fifth_of_the_history_to_train_on() -> None:
    windows = backtest_windows(30, settings_of(horizon=8, count=1, offset=8), 9)
    assert [window.start for window in windows] == [22, 14, 6]


def test_a_history_too_short_for_the_windows_is_refused_with_numbers() -> None:
    message = r"3 backtest windows of 14 periods.*need a history of more than 42 periods; found 42"
    with pytest.raises(ValueError, match=message):
        backtest_windows(42, settings_of(horizon=14, count=3, offset=14), 9)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"horizon": 0}, "A horizon of 0 periods"),
        ({"window_count": 0}, "0 backtest windows"),
        ({"window_offset": 3}, "A window offset of 3 periods: expected at least the horizon, 4"),
        ({"quantiles": (1.0,)}, "Quantile 1.0: expected a number between 0 and 1"),
    ],
)
def test_impossible_settings_are_refused(members: dict[str, object], message: str) -> None:
    valid = {"horizon": 4, "quantiles": (0.5,), "include_mean": True, "window_count": 1, "window_offset": 4}
    with pytest.raises(ValueError, match=message):
        TrainingSettings(**(valid | members))  # type: ignore[arg-type]


@pytest.mark.parametrize("models", [None, ("theta", "npts")])
def test_settings_survive_the_trip_through_a_document(models: tuple[str, ...] | None) -> None:
    settings = TrainingSettings(4, (0.1, 0.9), False, 2, 5, models, "squared")
    assert TrainingSettings.from_document(settings.to_document()) == settings
