"""Forecasts of a frame: the engine, the guesses and the sentences of ``almanac forecast``, without files and AWS.

``forecast`` answers a frame of pandas, polars or pyarrow with one of the same kind; ``Forecaster`` is for those who
backtest. Nothing is loaded before it is used. What ``sam`` deploys lies below ``project`` once this is installed: see
``local_aws.project_folder``.

Examples:
    >>> import almanac, pandas as pd
    >>> days = pd.date_range("2024-01-01", periods=56)
    >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 8})
    >>> almanac.forecast(sold, horizon=2).frame[["day", "p50"]]
             day  p50
    0 2024-02-26  5.0
    1 2024-02-27  7.0
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from almanac.backtesting import Backtest
    from almanac.errors import DataError
    from almanac.forecaster import Forecaster
    from almanac.forecasting import forecast
    from almanac.measures import Accuracy, Score
    from almanac.result import Forecast

__all__ = ["Accuracy", "Backtest", "DataError", "Forecast", "Forecaster", "Score", "forecast"]

_MODULES = {
    "Accuracy": "measures",
    "Backtest": "backtesting",
    "DataError": "errors",
    "Forecast": "result",
    "Forecaster": "forecaster",
    "Score": "measures",
    "forecast": "forecasting",
}


def __getattr__(name: str) -> object:
    """A public name, whose module is loaded with its first use: numpy and duckdb take a third of a second."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__]
