"""The candidate models, one family per file, and the table that names them; the global one has a package of its own."""

from forecast_engine.models.autoregression import Autoregression
from forecast_engine.models.damped_trend import DampedTrend
from forecast_engine.models.drift import RandomWalkWithDrift
from forecast_engine.models.ets import SeasonalSmoothing
from forecast_engine.models.model import Model
from forecast_engine.models.npts import NonParametricTimeSeries
from forecast_engine.models.seasonal_autoregression import SeasonalAutoregression
from forecast_engine.models.seasonal_naive import SeasonalNaive
from forecast_engine.models.theta import DynamicTheta

LOCAL_MODELS: dict[str, type] = {
    model.name: model
    for model in (
        SeasonalNaive,
        RandomWalkWithDrift,
        SeasonalSmoothing,
        DampedTrend,
        DynamicTheta,
        Autoregression,
        SeasonalAutoregression,
        NonParametricTimeSeries,
    )
}
GLOBAL_MODEL = "lightgbm"  # learns across series: see ``forecast_engine.global_model``
MODELS: tuple[str, ...] = (*LOCAL_MODELS, GLOBAL_MODEL)

__all__ = ["GLOBAL_MODEL", "LOCAL_MODELS", "MODELS", "Model"]
