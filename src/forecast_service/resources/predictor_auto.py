"""CreateAutoPredictor: a new predictor, or an earlier one trained again on the data of today."""

from forecast_contract.forecast_types import DEFAULT_FORECAST_TYPES
from forecast_contract.time_alignment import BOUNDARY_MEMBERS
from forecast_service.panel.algorithms import data_use
from forecast_service.records.arn import ulid
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources import predictor_explainability, predictor_legacy, predictor_monitor
from forecast_service.resources.request_rules import additional_data, featurization, forecast_types
from forecast_service.resources.request_rules.frequency import parse
from forecast_service.resources.request_rules.horizon import check_horizon
from forecast_service.resources.request_rules.optimization_metric import OPTIMIZATION_METRIC
from forecast_service.resources.resource_kind import Draft, RequestContext, active, require_active
from forecast_service.resources.training_data import TrainingData, check_dimensions, check_frequency, training_data

_ACTION = "create the predictor"
_OF_THE_REFERENCE = (
    "ForecastHorizon",
    "ForecastTypes",
    "ForecastDimensions",
    "ForecastFrequency",
    "DataConfig",
    "EncryptionConfig",
    "OptimizationMetric",
    "TimeAlignmentBoundary",
)


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """A predictor with the whole portfolio of models; its ARN carries a ULID behind the name."""
    reference = _reference(context, request)
    if reference:
        request = request | _configuration(reference)
    _check_required(request)
    _check_boundary(request)
    additional_data.check_additional_datasets(request["DataConfig"].get("AdditionalDatasets", []))
    data = training_data(context, request["DataConfig"]["DatasetGroupArn"], _ACTION)
    check_frequency(data, request["ForecastFrequency"])
    check_dimensions(data, request.get("ForecastDimensions", []))
    length = data.length_at(request["ForecastFrequency"])
    divisor = 3 if reference else 4
    check_horizon(request["ForecastHorizon"], length, length // divisor, f"a {_ordinal(divisor)} of the history")
    request = _with_defaults(request, data)
    forecast_types.check_forecast_types(request["ForecastTypes"])
    return _draft(context, request, data, reference)


def _draft(context: RequestContext, request: JsonObject, data: TrainingData, reference: Record | None) -> Draft:
    record = context.new_record("predictor", request["PredictorName"], request)
    record.arn = f"{record.arn}_{ulid()}"
    record.parents = {"dataset_group": data.group.arn}
    record.inputs = data.inputs(data_use(request))
    checks = [data.group, *data.datasets.values(), *data.imports.values()]
    if reference:
        checks.append(reference)
    return Draft(record, [active(record) for record in checks], _dependents(context, record, reference))


def _dependents(context: RequestContext, predictor: Record, reference: Record | None) -> list[Record]:
    """What the request wants besides, and what starts when the predictor has been trained."""
    dependents = []
    if predictor.request.get("ExplainPredictor"):
        dependents.append(predictor_explainability.dependent(context, predictor))
    monitor = predictor_monitor.dependent(context, predictor, reference)
    if monitor:
        dependents.append(monitor)
    return dependents


def _reference(context: RequestContext, request: JsonObject) -> Record | None:
    """The predictor to train again. Only a name may stand beside it: the rest is the reference's."""
    if "ReferencePredictorArn" not in request:
        return None
    given = [field for field in _OF_THE_REFERENCE if field in request]
    if given:
        raise InvalidInputException(f"{given[0]} follows from ReferencePredictorArn: leave it out")
    reference = context.get("predictor", request["ReferencePredictorArn"])
    require_active(reference, "train the predictor again")
    return reference


def _configuration(reference: Record) -> JsonObject:
    """The configuration of a predictor in the fields of CreateAutoPredictor."""
    if "DataConfig" in reference.request:
        return {field: reference.request[field] for field in _OF_THE_REFERENCE if field in reference.request}
    legacy = reference.request
    configuration = legacy["FeaturizationConfig"]
    features = legacy["InputDataConfig"].get("SupplementaryFeatures", [])
    data_config = {
        "DatasetGroupArn": legacy["InputDataConfig"]["DatasetGroupArn"],
        "AttributeConfigs": [
            {"AttributeName": name, "Transformations": parameters}
            for name, parameters in predictor_legacy.filling_parameters(configuration).items()
            if parameters
        ],
    }
    fields = ("EncryptionConfig", "OptimizationMetric", "ForecastDimensions")
    given = legacy | configuration
    return {field: given[field] for field in fields if given.get(field)} | {
        "ForecastHorizon": legacy["ForecastHorizon"],
        "ForecastTypes": legacy["ForecastTypes"],
        "ForecastFrequency": configuration["ForecastFrequency"],
        "DataConfig": data_config
        | ({"AdditionalDatasets": additional_data.additional_datasets_of(features)} if features else {}),
    }


def _check_required(request: JsonObject) -> None:
    for field in ("DataConfig", "ForecastFrequency", "ForecastHorizon"):
        if field not in request:
            raise InvalidInputException(f"{field} is required for a new predictor")


def _check_boundary(request: JsonObject) -> None:
    """A boundary is one unit finer than the frequency, which is daily or coarser."""
    boundary = request.get("TimeAlignmentBoundary")
    if not boundary:
        return
    fields = BOUNDARY_MEMBERS.get(parse(request["ForecastFrequency"], "ForecastFrequency").unit, ())
    for field in boundary:
        if field not in fields:
            wanted = f"it takes {' and '.join(fields)}" if fields else "it takes none"
            found = f"{field} does not fit the frequency {request['ForecastFrequency']}"
            raise InvalidInputException(f"TimeAlignmentBoundary: {found}; {wanted}")


def _with_defaults(request: JsonObject, data: TrainingData) -> JsonObject:
    """The request with the transformations of the target in full, and those of related series."""
    given = {
        attribute["AttributeName"]: attribute["Transformations"]
        for attribute in request["DataConfig"].get("AttributeConfigs", [])
    }
    attributes = [
        {"AttributeName": name, "Transformations": parameters}
        for name, parameters in featurization.transformations(given, data.target, data.related).items()
    ]
    return {
        "ForecastTypes": DEFAULT_FORECAST_TYPES,
        "OptimizationMetric": OPTIMIZATION_METRIC,
        **request,
        "DataConfig": request["DataConfig"] | {"AttributeConfigs": attributes},
    }


def _ordinal(divisor: int) -> str:
    return {3: "third", 4: "quarter"}[divisor]
