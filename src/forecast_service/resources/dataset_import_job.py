"""Import jobs: load files into a dataset, in place of what it holds (FULL) or in addition to it (INCREMENTAL)."""

from collections.abc import Sequence

from forecast_contract.timestamp_formats import DATE_AND_TIME
from forecast_service.records.errors import InvalidInputException, ResourceInUseException
from forecast_service.records.facts import JobInputs
from forecast_service.records.lifecycle import RUNNING
from forecast_service.records.record import Change, JsonObject, Record
from forecast_service.resources.request_rules.additional_data import INSTEAD_OF_WEATHER
from forecast_service.resources.request_rules.timestamp_format import check_timestamp_format
from forecast_service.resources.resource_kind import (
    Draft,
    RequestContext,
    ResourceKind,
    nothing_more,
    parent_filter,
    require_active,
    status_filter,
)

# An addition keeps the format of what it is added to: these may be left out or repeated, not changed.
_FORMAT_FIELDS = ("Format", "TimestampFormat", "TimeZone")


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """The dataset has to be ACTIVE, and is busy from now on: one import at a time."""
    _refuse_weather(request)
    dataset = context.get("dataset", request["DatasetArn"])
    require_active(dataset, "import into the dataset")
    defaults: JsonObject = {"ImportMode": "FULL", "UseGeolocationForTimeZone": False}
    request = defaults | request
    inputs: JobInputs = {"mode": request["ImportMode"]}
    if request["ImportMode"] == "INCREMENTAL":
        previous = _previous(context, dataset)
        request = _in_format_of(previous, request)
        inputs["previous"] = previous.arn
    request = _with_defaults(request, dataset)
    if "TimestampFormat" in request:
        check_timestamp_format(request["TimestampFormat"], dataset)
    record = context.new_record("dataset_import_job", request["DatasetImportJobName"], request, parent=dataset)
    record.parents = {"dataset": dataset.arn}
    record.inputs = inputs
    importing = {"status": "UPDATE_PENDING", "last_modification_time": record.creation_time}
    return Draft(record, [Change(dataset.arn, frozenset({"ACTIVE"}), importing)])


def latest_import(context: RequestContext, dataset_arn: str) -> Record | None:
    """The import whose data a dataset holds: the newest that is ACTIVE."""
    jobs = context.records.children_of(dataset_arn)
    return next((job for job in jobs if job.status == "ACTIVE"), None)


def _previous(context: RequestContext, dataset: Record) -> Record:
    previous = latest_import(context, dataset.arn)
    if previous is None:
        wanted = "an INCREMENTAL import needs a FULL import before it"
        raise InvalidInputException(f"ImportMode: {wanted}, and {dataset.arn} holds no data")
    return previous


def _in_format_of(previous: Record, request: JsonObject) -> JsonObject:
    previous_format = {field: previous.request[field] for field in _FORMAT_FIELDS if field in previous.request}
    for field in _FORMAT_FIELDS:
        if field in request and request[field] != previous_format.get(field):
            found = f"found {request[field]!r}, the dataset has {previous_format.get(field)!r}"
            raise InvalidInputException(f"{field} cannot change in an INCREMENTAL import: {found}")
    return previous_format | request


def _refuse_weather(request: JsonObject) -> None:
    for field in ("UseGeolocationForTimeZone", "GeolocationFormat"):
        if request.get(field):
            raise InvalidInputException(f"{field}: {INSTEAD_OF_WEATHER}")


def _with_defaults(request: JsonObject, dataset: Record) -> JsonObject:
    defaults: JsonObject = {"Format": "CSV"}
    if dataset.request["DatasetType"] != "ITEM_METADATA":
        defaults["TimestampFormat"] = DATE_AND_TIME
    return defaults | request


def refuse_deletion(context: RequestContext, jobs: Sequence[Record]) -> None:
    """Data that a training, a forecast, an explanation or an import which adds to them is reading stay."""
    for kind in (
        "predictor",
        "forecast",
        "what_if_forecast",
        "dataset_import_job",
        "explainability",
        "monitor_evaluation",
    ):
        for reader in context.records.of_kind(kind):
            read = [job.arn for job in jobs if reader.status in RUNNING and job.arn in reader.inputs.values()]
            if read:
                raise ResourceInUseException(f"Cannot delete {read[0]}: {reader.arn} is being created from its data")


KIND = ResourceKind(
    name="dataset_import_job",
    noun="DatasetImportJob",
    plural="DatasetImportJobs",
    creates={"CreateDatasetImportJob": draft},
    describes={"DescribeDatasetImportJob": nothing_more},
    parent_in_arn="dataset",
    refuse_deletion=refuse_deletion,
    filters={"DatasetArn": parent_filter("dataset"), "Status": status_filter},
)
