"""``ForecastTypes``: the quantiles and the mean that a predictor is trained for, or that a forecast holds."""

from forecast_contract.forecast_types import MEAN
from forecast_service.records.errors import InvalidInputException

_LARGEST_COUNT = 5


def check_forecast_types(types: list[str]) -> None:
    """Refuse more than five, quantiles that are not between 0.01 and 0.99, and one given twice (0.5 and .50)."""
    if len(types) > _LARGEST_COUNT:
        raise InvalidInputException(f"ForecastTypes holds at most {_LARGEST_COUNT}; found {len(types)}")
    seen = set()
    for forecast_type in types:
        value = forecast_type if forecast_type == MEAN else float(forecast_type)
        if value == 0:
            raise InvalidInputException(f"ForecastTypes: quantiles lie between 0.01 and 0.99; found {forecast_type}")
        if value in seen:
            raise InvalidInputException(f"ForecastTypes: {forecast_type} is given more than once")
        seen.add(value)
