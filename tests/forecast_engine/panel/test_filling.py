"""Fillings by hand-worked cases."""

import numpy as np
import pytest

from forecast_engine.panel.filling import Fillings, fill_gaps

NAN = float("nan")


def filled(history: list[float], fillings: Fillings) -> list[float]:
    target = np.array([history])
    fill_gaps(target, ~np.isnan(target), fillings)
    found: list[float] = target[0].tolist()
    return found


def test_gaps_and_the_end_have_fillings_of_their_own() -> None:
    fillings = Fillings(middlefill="max", backfill="value", backfill_value=2.5)
    assert filled([5.0, NAN, 7.0, NAN, NAN], fillings) == [5.0, 5.0, 7.0, 2.5, 2.5]


@pytest.mark.parametrize(("method", "value"), [("mean", 4.0), ("median", 3.0), ("min", 2.0), ("max", 7.0)])
def test_a_statistic_fills_from_what_was_seen_before_the_gap(method: str, value: float) -> None:
    assert filled([2.0, 7.0, 3.0, NAN, 100.0], Fillings(middlefill=method))[3] == value


def test_a_statistic_looks_back_on_64_observations() -> None:
    history = [float(number) for number in range(101)]
    history[99] = NAN
    assert filled(history, Fillings(middlefill="min"))[99] == 99 - 64


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"middlefill": "linear"}, "Unknown middlefill 'linear'"),
        ({"backfill": "value"}, "backfill 'value' needs backfill_value"),
    ],
)
def test_an_unknown_filling_is_refused(members: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fillings(**members)  # type: ignore[arg-type]
