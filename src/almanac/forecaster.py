"""``Forecaster``: fit, forecast and backtest, for those who compare models."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

from almanac.answers import Answers
from almanac.backtesting import Backtest, Rolling
from almanac.errors import DataError
from almanac.forecasting import DEFAULT_QUANTILES, answers_to
from almanac.reading import Given, given
from almanac.result import Forecast, result_of
from forecast_language import said

FrameT = TypeVar("FrameT")


class Forecaster(Generic[FrameT]):
    """Fits a frame, forecasts it, and backtests on it by rolling cutoffs.

    Examples:
        >>> import almanac, pandas as pd
        >>> days = pd.date_range("2024-01-01", periods=70)
        >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 10})
        >>> forecaster = almanac.Forecaster(horizon=7).fit(sold)
        >>> forecaster.forecast().frame["p50"].round(2).to_list()
        [5.0, 7.0, 6.0, 8.0, 9.0, 14.0, 12.0]
        >>> forecaster.get_params()["horizon"]
        7
    """

    def __init__(
        self,
        *,
        horizon: int | None = None,
        frequency: str | None = None,
        target: str | None = None,
        timestamp: str | Sequence[str] | None = None,
        item_id: str | Sequence[str] | None = None,
        quantiles: Sequence[float | str] = DEFAULT_QUANTILES,
        holidays: str | None = None,
        aggregate: str | None = None,
        missing: str | None = None,
        keep_partial: bool = False,
        date_order: str | None = None,
        decimal: str | None = None,
        no_turn: bool = False,
    ) -> None:
        """Take the parameters of ``almanac.forecast``; nothing is checked before there is a frame."""
        self._parameters: dict[str, Any] = {
            "horizon": horizon,
            "frequency": frequency,
            "target": target,
            "timestamp": timestamp,
            "item_id": item_id,
            "quantiles": quantiles,
            "holidays": holidays,
            "aggregate": aggregate,
            "missing": missing,
            "keep_partial": keep_partial,
            "date_order": date_order,
            "decimal": decimal,
            "no_turn": no_turn,
        }
        self._fitted: tuple[Given, Answers] | None = None

    def get_params(self, deep: bool = True) -> Mapping[str, Any]:  # noqa: ARG002 - scikit-learn's signature
        """The parameters by their names.

        Examples:
            >>> import almanac
            >>> almanac.Forecaster(holidays="KR").get_params()["holidays"]
            'KR'
        """
        return dict(self._parameters)

    def set_params(self, **parameters: Any) -> Self:
        """Change parameters; what was fitted is forgotten.

        Raises:
            DataError: Where there is no such parameter.

        Examples:
            >>> import almanac
            >>> almanac.Forecaster().set_params(horizon=3).get_params()["horizon"]
            3
        """
        for name in parameters:
            if name not in self._parameters:
                names = ", ".join(self._parameters)
                raise DataError(said("set_params: found {name}, wanted one of {names}", name=name, names=names))
        self._parameters |= parameters
        self._fitted = None
        return self

    def fit(self, df: FrameT, *, related: Any = None, metadata: Any = None) -> Self:
        """Guess what was not said, and train on the frame.

        Args:
            df: As ``almanac.forecast`` takes it.
            related: A frame of numbers beside the target, or "none".
            metadata: A frame with a row for each item.

        Returns:
            The forecaster itself.

        Raises:
            DataError: Where the data cannot be forecast, or not so.

        Examples:
            >>> import almanac, pandas as pd
            >>> days = pd.date_range("2024-01-01", periods=56)
            >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 8})
            >>> almanac.Forecaster().fit(sold).forecast().horizon
            14
        """
        asked = given(df, related=related, metadata=metadata, **self._parameters)
        self._fitted = asked, answers_to(asked)
        return self

    def forecast(self) -> Forecast[FrameT]:
        """The forecast of the frame that was fitted.

        Raises:
            DataError: Where nothing was fitted yet.

        Examples:
            >>> import almanac, pandas as pd
            >>> days = pd.date_range("2024-01-01", periods=56)
            >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 8})
            >>> len(almanac.Forecaster(horizon=5).fit(sold).forecast().frame)
            5
        """
        return result_of(self._after_fit("forecast")[1])

    def backtest(self, windows: int = 3, *, step: int | None = None) -> Backtest[FrameT]:
        """Forecast the last windows of the history again, each from what lay before it.

        For each cutoff all is learnt and guessed anew from the rows before it, but for the columns and the horizon.
        Prices and other related numbers that were known for the time of the forecast are taken as known ahead.

        Args:
            windows: How many; the last ends with the history.
            step: Periods from one cutoff to the next; the horizon, if None.

        Raises:
            DataError: Where nothing was fitted yet, or the history is too short.

        Examples:
            >>> import almanac, pandas as pd
            >>> days = pd.date_range("2024-01-01", periods=70)
            >>> sold = pd.DataFrame({"day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 10})
            >>> result = almanac.Forecaster(horizon=3).fit(sold).backtest(windows=2)
            >>> [str(cutoff.date()) for cutoff in result.windows]
            ['2024-03-05', '2024-03-08']
        """
        asked, answers = self._after_fit("backtest")
        return Rolling(asked, answers).backtest(windows, step)

    def _after_fit(self, verb: str) -> tuple[Given, Answers]:
        if self._fitted is None:
            raise DataError(said("{verb}: found nothing fitted, wanted fit(df) before", verb=verb))
        return self._fitted
