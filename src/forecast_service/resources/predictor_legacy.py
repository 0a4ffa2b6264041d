"""CreatePredictor, the older of the two: one algorithm by its ARN, or AutoML."""

from forecast_contract.forecast_types import DEFAULT_FORECAST_TYPES
from forecast_service.panel.algorithms import ALGORITHMS, data_use
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.record import JsonObject
from forecast_service.resources.request_rules import additional_data, featurization, forecast_types, training_parameters
from forecast_service.resources.request_rules.horizon import check_horizon
from forecast_service.resources.resource_kind import Draft, RequestContext, active
from forecast_service.resources.training_data import TrainingData, check_dimensions, check_frequency, training_data

_LEARN_ACROSS_SERIES = ("CNN-QR", "Deep_AR_Plus")
_LARGEST_WINDOW_COUNT = 5
_ACTION = "create the predictor"


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """A predictor of one algorithm, or of the whole portfolio where AutoML is to choose."""
    _check_algorithm(context, request)
    additional_data.check_supplementary_features(request["InputDataConfig"].get("SupplementaryFeatures", []))
    configuration = request["FeaturizationConfig"]
    data = training_data(context, request["InputDataConfig"]["DatasetGroupArn"], _ACTION)
    check_frequency(data, configuration["ForecastFrequency"])
    check_dimensions(data, configuration.get("ForecastDimensions", []))
    length = data.length_at(configuration["ForecastFrequency"])
    _check_horizon(request, length)
    request = training_parameters.with_defaults(_with_defaults(request, data))
    _check_windows(request, length)
    forecast_types.check_forecast_types(request["ForecastTypes"])
    record = context.new_record("predictor", request["PredictorName"], request)
    record.parents = {"dataset_group": data.group.arn}
    record.inputs = data.inputs(data_use(request))
    return Draft(record, [active(used) for used in (data.group, *data.datasets.values(), *data.imports.values())])


def _check_algorithm(context: RequestContext, request: JsonObject) -> None:
    automl = request.get("PerformAutoML", False)
    if automl == ("AlgorithmArn" in request):
        found = "both" if automl else "neither"
        raise InvalidInputException(f"Give either AlgorithmArn or PerformAutoML as true; found {found}")
    if automl:
        for field in ("HPOConfig", "PerformHPO", "TrainingParameters"):
            if request.get(field):
                raise InvalidInputException(f"{field} cannot be used together with PerformAutoML")
        return
    if "AutoMLOverrideStrategy" in request:
        raise InvalidInputException("AutoMLOverrideStrategy is used together with PerformAutoML only")
    known = [f"arn:{context.arn_scope.partition}:forecast:::algorithm/{name}" for name in ALGORITHMS]
    if request["AlgorithmArn"] not in known:
        found = request["AlgorithmArn"]
        raise InvalidInputException(f"Invalid Algorithm ARN specified: {found}. Options: {','.join(known)}")


def _check_horizon(request: JsonObject, length: int) -> None:
    algorithm = request.get("AlgorithmArn", "").rpartition("/")[2]
    if request.get("PerformAutoML") or algorithm in _LEARN_ACROSS_SERIES:
        check_horizon(request["ForecastHorizon"], length, length // 3, "a third of the history")
    else:
        check_horizon(request["ForecastHorizon"], length, length - 1, "less than the history")


def _check_windows(request: JsonObject, length: int) -> None:
    parameters = request["EvaluationParameters"]
    count, offset = parameters["NumberOfBacktestWindows"], parameters["BackTestWindowOffset"]
    horizon = request["ForecastHorizon"]
    if not 1 <= count <= _LARGEST_WINDOW_COUNT:
        raise InvalidInputException(f"NumberOfBacktestWindows is {count}, and must be 1 to {_LARGEST_WINDOW_COUNT}")
    if offset < horizon:
        raise InvalidInputException(f"BackTestWindowOffset is {offset}, and must be at least the horizon, {horizon}")
    if 2 * offset >= length:
        reason = f"and must be less than half of the {length} periods of history; it is the horizon unless given"
        raise InvalidInputException(f"BackTestWindowOffset is {offset}, {reason}")


def _with_defaults(request: JsonObject, data: TrainingData) -> JsonObject:
    """The request as DescribePredictor shows it: windows, types and the featurization of the target in full."""
    evaluation = {"NumberOfBacktestWindows": 1, "BackTestWindowOffset": request["ForecastHorizon"]}
    configuration = request["FeaturizationConfig"]
    return {
        "PerformAutoML": False,
        "PerformHPO": False,
        "ForecastTypes": DEFAULT_FORECAST_TYPES,
        **request,
        "EvaluationParameters": evaluation | request.get("EvaluationParameters", {}),
        "FeaturizationConfig": configuration | {"Featurizations": _featurizations(configuration, data)},
    }


def filling_parameters(configuration: JsonObject) -> dict[str, dict[str, str]]:
    """Attribute -> parameters of its filling, as a FeaturizationConfig keeps them; none where it has no method."""
    parameters: dict[str, dict[str, str]] = {}
    for entry in configuration.get("Featurizations", []):
        methods = entry.get("FeaturizationPipeline", [])
        parameters[entry["AttributeName"]] = methods[0].get("FeaturizationMethodParameters", {}) if methods else {}
    return parameters


def _featurizations(configuration: JsonObject, data: TrainingData) -> list[JsonObject]:
    given = filling_parameters(configuration)
    return [
        _featurization(name, filling)
        for name, filling in featurization.transformations(given, data.target, data.related).items()
    ]


def _featurization(name: str, filling: dict[str, str]) -> JsonObject:
    if not filling:  # of a related series, which has no default: the model wants one parameter at least
        return {"AttributeName": name}
    method = {"FeaturizationMethodName": "filling", "FeaturizationMethodParameters": filling}
    return {"AttributeName": name, "FeaturizationPipeline": [method]}
