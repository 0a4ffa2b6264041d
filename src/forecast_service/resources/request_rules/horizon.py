"""How far ahead a predictor may look: by the length of the history it is trained on."""

from forecast_service.records.errors import InvalidInputException

_LARGEST = 500


def check_horizon(horizon: int, length: int, longest: int, reason: str) -> None:
    """Refuse a horizon above 500, or above ``longest``, which follows from the length of the history by ``reason``."""
    if horizon < 1:
        raise InvalidInputException(f"ForecastHorizon is {horizon}, and must be at least 1")
    limit = min(_LARGEST, longest)
    if horizon > limit:
        found = f"the target time series has {length} periods of the forecast's frequency"
        raise InvalidInputException(f"ForecastHorizon is {horizon}, and must be at most {limit}: {found} ({reason})")
