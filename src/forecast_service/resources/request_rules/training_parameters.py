"""``TrainingParameters`` and tuning of legacy predictors: checked, completed with Amazon's defaults, and echoed.

Our models answer to the names of Amazon's algorithms. Training uses NPTS's parameters, and CNN-QR's of what it reads.
"""

from dataclasses import dataclass

from forecast_service.panel.algorithms import NPTS_KERNEL_WEIGHTS
from forecast_service.records.errors import InvalidInputException, shown
from forecast_service.records.record import JsonObject


@dataclass(frozen=True)
class _Parameter:
    """A parameter's default as text, None where Amazon shows none, and its values; a number where there are none.

    ``is_positive``: a number above 0.
    """

    default: str | None
    choices: tuple[str, ...] = ()
    is_positive: bool = False


_TUNABLE = ("CNN-QR", "Deep_AR_Plus")
_LIKELIHOODS = ("student-t", "gaussian", "beta", "negative-binomial", "piecewise-linear", "deterministic-L1")
_SWITCH = ("true", "false")


def _parameters(algorithm: str, horizon: int) -> dict[str, _Parameter]:
    """What an algorithm takes. Some defaults follow from the horizon."""
    context = _Parameter(str(2 * horizon))
    if algorithm == "CNN-QR":
        return {
            "context_length": context,
            "epochs": _Parameter("100"),
            "use_item_metadata": _Parameter("ALL", ("ALL", "NONE")),
            "use_related_data": _Parameter("ALL", ("ALL", "NONE", "HISTORICAL", "FORWARD_LOOKING")),
        }
    if algorithm == "Deep_AR_Plus":
        return {
            "context_length": context,
            "epochs": _Parameter("500"),
            "learning_rate": _Parameter("1E-3"),
            "learning_rate_decay": _Parameter("0.5"),
            "likelihood": _Parameter("student-t", _LIKELIHOODS),
            "max_learning_rate_decays": _Parameter("0"),
            "num_averaged_models": _Parameter("1"),
            "num_cells": _Parameter("40"),
            "num_layers": _Parameter("2"),
            "prediction_length": _Parameter(str(horizon), (str(horizon),)),
        }
    if algorithm == "NPTS":
        return {
            "context_length": _Parameter(None, is_positive=True),
            "kernel_type": _Parameter("exponential", ("exponential", "uniform")),
            "exp_kernel_weights": _Parameter(NPTS_KERNEL_WEIGHTS, is_positive=True),
            "use_seasonal_model": _Parameter("true", _SWITCH),
            "use_default_time_features": _Parameter("true", _SWITCH),
        }
    return {}


def with_defaults(request: JsonObject) -> JsonObject:
    """The checked request of one algorithm, with its training parameters in full; as it is where there is no such."""
    if "AlgorithmArn" not in request:
        return request
    algorithm = request["AlgorithmArn"].rpartition("/")[2]
    known = _parameters(algorithm, request["ForecastHorizon"])
    given: dict[str, str] = request.get("TrainingParameters", {})
    for name, value in given.items():
        _check(algorithm, known, name, value)
    _check_tuning(algorithm, known, request)
    defaults = {name: parameter.default for name, parameter in known.items() if parameter.default is not None}
    return request | ({"TrainingParameters": defaults | given} if known else {})


def _check(algorithm: str, known: dict[str, _Parameter], name: str, value: str) -> None:
    _check_known(f"TrainingParameters: {name}", algorithm, known, name)
    choices = known[name].choices
    if choices and value not in choices:
        raise InvalidInputException(f"TrainingParameters: {name} is {shown(repr(value))}: use {', '.join(choices)}")
    if not choices and not _is_number(value):
        raise InvalidInputException(f"TrainingParameters: {name} is {shown(repr(value))}, which is no number")
    if known[name].is_positive and float(value) <= 0:
        raise InvalidInputException(f"TrainingParameters: {name} is {shown(repr(value))}: use a number above 0")


def _check_known(found: str, algorithm: str, known: dict[str, _Parameter], name: str) -> None:
    if name not in known:
        wanted = f"use {', '.join(known)}" if known else "it takes none"
        raise InvalidInputException(f"{shown(found)} is no parameter of {algorithm}: {wanted}")


def _check_tuning(algorithm: str, known: dict[str, _Parameter], request: JsonObject) -> None:
    """Tuning is for the algorithms that have what could be tuned; its ranges name their parameters."""
    if request.get("PerformHPO") and algorithm not in _TUNABLE:
        raise InvalidInputException(f"PerformHPO: {algorithm} cannot be tuned, {' and '.join(_TUNABLE)} can")
    if "HPOConfig" not in request:
        return
    if not request.get("PerformHPO"):
        raise InvalidInputException("HPOConfig is used together with PerformHPO as true")
    for range_type, ranges in request["HPOConfig"].get("ParameterRanges", {}).items():
        for parameter_range in ranges:
            name = parameter_range["Name"]
            _check_known(f"HPOConfig: {range_type}: {name}", algorithm, known, name)
            if "MinValue" in parameter_range and parameter_range["MinValue"] > parameter_range["MaxValue"]:
                raise InvalidInputException(f"HPOConfig: {name} has a MinValue above its MaxValue")


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False
