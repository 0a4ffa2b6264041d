"""A backtest by rolling cutoffs knows nothing from a cutoff on."""

import numpy as np
import pandas as pd
import pytest

import almanac


def sales() -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=84)
    rng = np.random.default_rng(3)
    frames = [pd.DataFrame({"day": days, "shop": shop, "sold": rng.poisson(30, 84)}) for shop in ("tea", "milk")]
    return pd.concat(frames, ignore_index=True)


def test_a_window_is_the_forecast_of_the_truncated_frame() -> None:
    df = sales()
    backtest = almanac.Forecaster(horizon=7).fit(df).backtest(windows=2, step=5)
    assert [*backtest.frame] == ["cutoff", "day", "shop", "sold", "p10", "p50", "p90"]
    cutoffs = [pd.Timestamp("2024-03-13"), pd.Timestamp("2024-03-18")]  # 84 days end on 24 March
    assert [*backtest.windows] == [cutoff.to_pydatetime() for cutoff in cutoffs]
    for cutoff in cutoffs:
        window = backtest.frame[backtest.frame["cutoff"] == cutoff].reset_index(drop=True)
        by_hand = almanac.forecast(df[df["day"] < cutoff], horizon=7).frame
        pd.testing.assert_frame_equal(window[[*by_hand]], by_hand)
        pd.testing.assert_series_equal(
            window["sold"], window.merge(df, on=["day", "shop"])["sold_y"].astype(float), check_names=False
        )


def test_the_measures_are_those_of_the_rows() -> None:
    """WAPE and wQL by hand from the frame: each window's, and their mean."""
    backtest = almanac.Forecaster(horizon=7).fit(sales()).backtest(windows=2)
    wapes, losses = [], []
    for _, window in backtest.frame.groupby("cutoff"):
        sold = window["sold"]
        wapes.append((sold - window["p50"]).abs().sum() / sold.sum())
        over = [(level, sold - window[f"p{round(100 * level)}"]) for level in (0.1, 0.5, 0.9)]
        losses.append(np.mean([2 * np.maximum(level * d, (level - 1) * d).sum() / sold.sum() for level, d in over]))
    assert backtest.accuracy.forecast.wape == pytest.approx(np.mean(wapes))
    assert backtest.accuracy.forecast.wql == pytest.approx(np.mean(losses))
    assert backtest.accuracy.windows == 2


def test_what_is_known_for_the_past_alone_is_hidden_from_a_cutoff_on() -> None:
    df = sales()
    weather = df[["day", "shop"]].assign(rain=np.arange(len(df)) % 5.0)
    fitted = almanac.Forecaster(horizon=7).fit(df, related=weather)
    window = fitted.backtest(windows=1).frame
    cutoff = window["cutoff"][0]
    by_hand = almanac.forecast(df[df["day"] < cutoff], horizon=7, related=weather[weather["day"] < cutoff]).frame
    np.testing.assert_array_equal(window["p50"], by_hand["p50"])


def test_what_is_planned_is_known_in_a_window_and_its_target_is_not() -> None:
    """Prices stand in rows that wait for their sales: a window knows its prices, and none of its sales."""
    df = sales()[:84].drop(columns="shop").assign(price=1.0 + np.arange(84) % 3)
    df["sold"] = (df["sold"] / df["price"]).where(np.arange(84) < 77)
    window = almanac.Forecaster(target="sold").fit(df).backtest(windows=1).frame
    cutoff = window["cutoff"][0]
    known = df[df["day"] < cutoff + pd.Timedelta(days=7)]
    by_hand = almanac.forecast(known.assign(sold=known["sold"].where(known["day"] < cutoff)), target="sold")
    np.testing.assert_array_equal(window["p50"], by_hand.frame["p50"])
    np.testing.assert_array_equal(window["sold"], df["sold"][70:77])


def test_nothing_can_be_asked_before_a_fit_nor_of_a_history_that_is_too_short() -> None:
    with pytest.raises(almanac.DataError, match=r"backtest: found nothing fitted, wanted fit\(df\) before"):
        almanac.Forecaster().backtest()
    with pytest.raises(almanac.DataError, match="windows: found 20 of 7 periods, 7 apart, in 84 periods of history"):
        almanac.Forecaster(horizon=7).fit(sales()).backtest(windows=20)
