"""Amazon's algorithms: which of our models answer to their names, and which data beside the target these learn from."""

from dataclasses import dataclass, replace
from typing import Any

GLOBAL_MODEL = "lightgbm"  # the one that is fitted across series, and the one that reads more than the target


@dataclass(frozen=True)
class DataUse:
    """Which data beside the target are read: related series with and without values in the horizon, and the rest."""

    forward: bool = True
    historical: bool = True
    metadata: bool = True
    holidays: bool = True

    @property
    def related(self) -> bool:
        return self.forward or self.historical


@dataclass(frozen=True)
class Algorithm:
    """The models that answer to an algorithm's name, None for all that serve the frequency; and what they may read."""

    models: tuple[str, ...] | None
    use: DataUse


EVERYTHING = DataUse()
NPTS_KERNEL_WEIGHTS = "0.01"  # Amazon's default of ``exp_kernel_weights``
_NOTHING = DataUse(forward=False, historical=False, metadata=False, holidays=False)
# By the tails of their ARNs, in the order in which Amazon's refusal of another lists them. What each reads is Amazon's.
ALGORITHMS = {
    "CNN-QR": Algorithm(None, EVERYTHING),
    "Deep_AR_Plus": Algorithm(None, DataUse(historical=False)),
    "NPTS": Algorithm(("npts",), _NOTHING),
    "ETS": Algorithm(("ets", "damped_trend"), _NOTHING),
    "ARIMA": Algorithm(("seasonal_naive", "ets", "damped_trend", "theta", "autoregression"), _NOTHING),
    "Prophet": Algorithm(
        ("seasonal_naive", "damped_trend", "theta", GLOBAL_MODEL), DataUse(historical=False, metadata=False)
    ),
}


def models_of(request: dict[str, Any]) -> tuple[str, ...] | None:
    """The models that a request with an ``AlgorithmArn`` trains; None: all that serve the frequency."""
    algorithm = algorithm_name(request)
    return ALGORITHMS[algorithm].models if algorithm else None


def is_fast(request: dict[str, Any]) -> bool:
    """Whether AutoML is asked for speed: it then leaves out the only model that is fitted across series."""
    return bool(request.get("AutoMLOverrideStrategy") == "LatencyOptimized")


def data_use(request: dict[str, Any]) -> DataUse:
    """What a CreateAutoPredictor or CreatePredictor request lets its models read; CNN-QR's own parameters count."""
    algorithm = algorithm_name(request)
    if algorithm is None:
        return _NOTHING if is_fast(request) else EVERYTHING
    use = ALGORITHMS[algorithm].use
    parameters = request.get("TrainingParameters", {})
    related = parameters.get("use_related_data", "ALL")
    return replace(
        use,
        forward=use.forward and related in ("ALL", "FORWARD_LOOKING"),
        historical=use.historical and related in ("ALL", "HISTORICAL"),
        metadata=use.metadata and parameters.get("use_item_metadata", "ALL") == "ALL",
    )


def algorithm_name(request: dict[str, Any]) -> str | None:
    """The tail of a legacy request's AlgorithmArn; None for AutoML and auto predictors."""
    arn = request.get("AlgorithmArn")
    return None if arn is None else str(arn).rpartition("/")[2]
