"""The candidate models, one family per file, and the one table that names them."""

from forecast_engine.models.autoregression import Autoregression
from forecast_engine.models.damped_trend import DampedTrend
from forecast_engine.models.model import Model
from forecast_engine.models.npts import NonParametricTimeSeries
from forecast_engine.models.seasonal_naive import SeasonalNaive
from forecast_engine.models.ses import SimpleExponentialSmoothing
from forecast_engine.models.theta import DynamicTheta

MODELS: dict[str, type] = {
    model.name: model
    for model in (
        SeasonalNaive,
        SimpleExponentialSmoothing,
        DampedTrend,
        DynamicTheta,
        Autoregression,
        NonParametricTimeSeries,
    )
}

__all__ = ["MODELS", "Model"]
