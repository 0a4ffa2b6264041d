"""What-if forecasts: a baseline forecast once more, with related time series as a scenario has them."""

from collections.abc import Sequence

from forecast_contract.domains import ITEM_METADATA, RELATED_TIME_SERIES, TARGET_TIME_SERIES
from forecast_files.schema import Schema
from forecast_service.records.arn import ulid
from forecast_service.records.errors import InvalidInputException, ResourceInUseException, ResourceNotFoundException
from forecast_service.records.lifecycle import RUNNING
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.forecast import predictions
from forecast_service.resources.predictor import forecast_dimensions
from forecast_service.resources.request_rules.time_series_replacements import checked_replacements
from forecast_service.resources.resource_kind import (
    Draft,
    RequestContext,
    ResourceKind,
    active,
    arn_filter,
    nothing_more,
    parent_filter,
    require_active,
    status_filter,
)
from forecast_service.resources.training_data import data_inputs, imports_of
from forecast_service.what_if.scenario_columns import ScenarioColumns
from forecast_service.what_if.transformation import transformations_of

_ACTION = "create the what-if forecast"
_LONGEST_ARN = 300  # LongArn in Amazon's model
_SCENARIOS = ("TimeSeriesTransformations", "TimeSeriesReplacementsDataSource")


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """The analysis has to be ACTIVE, and the data of its baseline still there. Quantiles are the baseline's."""
    analysis = context.get("what_if_analysis", request["WhatIfAnalysisArn"])
    require_active(analysis, _ACTION)
    forecast = context.get("forecast", analysis.parents["forecast"])
    imports = _imports(context, forecast)
    request = _with_scenario(context, request, forecast, imports)
    record = context.new_record("what_if_forecast", request["WhatIfForecastName"], request)
    record.arn = _arn(context, request)
    record.parents = {"what_if_analysis": analysis.arn, "forecast": forecast.arn}
    record.inputs = data_inputs({dataset_type: job.arn for dataset_type, job in imports.items()})
    return Draft(record, [active(used) for used in (analysis, *imports.values())])


def names_in_arn(context: RequestContext, request: JsonObject) -> Sequence[str]:
    """What precedes the name: that of the forecast, and that of the analysis with its ULID."""
    analysis = context.get("what_if_analysis", request["WhatIfAnalysisArn"])
    return analysis.arn.split("/")[1:]


def _arn(context: RequestContext, request: JsonObject) -> str:
    names = (*names_in_arn(context, request), request["WhatIfForecastName"])
    arn = f"{context.arn_scope.arn('what_if_forecast', *names)}_{ulid()}"
    if len(arn) > _LONGEST_ARN:
        found = f"together with those of its analysis and forecast the ARN has {len(arn)} characters"
        raise InvalidInputException(
            f"WhatIfForecastName: {found}, at most {_LONGEST_ARN} are allowed; use a shorter name"
        )
    return arn


def _imports(context: RequestContext, forecast: Record) -> dict[str, Record]:
    """The imports that the baseline was made from, by type of dataset."""
    imports = {}
    for dataset_type, arn in imports_of(forecast).items():
        try:
            imports[dataset_type] = context.get("dataset_import_job", arn)
        except ResourceNotFoundException as error:
            reason = f"{forecast.arn} was made from {arn}, which is deleted; create the forecast and its analysis again"
            raise InvalidInputException(f"Cannot {_ACTION}: {reason}") from error
        require_active(imports[dataset_type], _ACTION)
    return imports


def _with_scenario(
    context: RequestContext, request: JsonObject, forecast: Record, imports: dict[str, Record]
) -> JsonObject:
    """The request with a checked scenario, its defaults filled in, and with the quantiles of the baseline."""
    given = [field for field in _SCENARIOS if request.get(field)]
    if len(given) != 1:
        found = "found both" if given else "found neither"
        raise InvalidInputException(f"Exactly one of {' and '.join(_SCENARIOS)} is needed; {found}")
    datasets = {dataset_type: context.get("dataset", job.parents["dataset"]) for dataset_type, job in imports.items()}
    predictor = context.get("predictor", forecast.parents["predictor"])
    schemas = {dataset_type: Schema.of_dataset(dataset.request) for dataset_type, dataset in datasets.items()}
    metadata = schemas.get(ITEM_METADATA) if ITEM_METADATA in predictor.inputs else None
    columns = ScenarioColumns.of_schemas(
        schemas[TARGET_TIME_SERIES], forecast_dimensions(predictor), schemas[RELATED_TIME_SERIES], metadata
    )
    scenario = request[given[0]]
    if given[0] == "TimeSeriesTransformations":
        transformations_of(scenario, columns)
    else:
        scenario = checked_replacements(scenario, columns, datasets[RELATED_TIME_SERIES])
    kept = {field: value for field, value in request.items() if field not in _SCENARIOS}
    return kept | {given[0]: scenario, "ForecastTypes": forecast.request["ForecastTypes"]}


def query(context: RequestContext, request: JsonObject) -> JsonObject:
    """QueryWhatIfForecast: as QueryForecast."""
    return predictions(context.get("what_if_forecast", request["WhatIfForecastArn"]), request)


def refuse_deletion(context: RequestContext, forecasts: Sequence[Record]) -> None:
    """A forecast stays while it is being exported."""
    going = {forecast.arn for forecast in forecasts}
    for export in context.records.of_kind("what_if_forecast_export"):
        exported = going.intersection(export.request["WhatIfForecastArns"])
        if export.status in RUNNING and exported:
            raise ResourceInUseException(f"Cannot delete {min(exported)}: {export.arn} is exporting it")


KIND = ResourceKind(
    name="what_if_forecast",
    noun="WhatIfForecast",
    plural="WhatIfForecasts",
    creates={"CreateWhatIfForecast": draft},
    describes={"DescribeWhatIfForecast": nothing_more},
    can_be_stopped=False,
    names_in_arn=names_in_arn,
    refuse_deletion=refuse_deletion,
    deleted_with_it=("what_if_forecast_export",),
    filters={
        "WhatIfForecastArn": arn_filter,
        "WhatIfAnalysisArn": parent_filter("what_if_analysis"),
        "Status": status_filter,
    },
    operations={"QueryWhatIfForecast": query},
)
