"""The control plane: every operation of the API, from the descriptions of the resources.

A call is checked against Amazon's model, then answered by the operation of its name. Create, Describe, List and Delete
are written once for all kinds, and a kind may add operations of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast

from botocore.model import Shape, StructureShape

from forecast_service.api import deletion, quotas, stop
from forecast_service.api.caller import Caller
from forecast_service.api.passed_roles import PassedRoles
from forecast_service.api.reconciliation import reconcile
from forecast_service.api.validation import check, operation_model, service_model
from forecast_service.records.errors import AccessDeniedException, LimitExceededException, ResourceInUseException
from forecast_service.records.job_start import JobStarter
from forecast_service.records.lifecycle import STOPPING
from forecast_service.records.record import JsonObject, Record, StatusConflictError, now
from forecast_service.resources import (
    dataset,
    dataset_group,
    dataset_import_job,
    explainability,
    explainability_export,
    forecast,
    forecast_export_job,
    monitor,
    predictor,
    predictor_backtest_export_job,
    tags,
    what_if_analysis,
    what_if_forecast,
    what_if_forecast_export,
)
from forecast_service.resources.listing import list_page
from forecast_service.resources.resource_kind import Draft, RequestContext, ResourceKind

RESOURCE_KINDS = {
    module.KIND.name: module.KIND
    for module in (
        dataset_group,
        dataset,
        dataset_import_job,
        predictor,
        predictor_backtest_export_job,
        forecast,
        forecast_export_job,
        explainability,
        explainability_export,
        monitor,
        what_if_analysis,
        what_if_forecast,
        what_if_forecast_export,
    )
}
_READING = ("Describe", "List", "Get", "Query")  # what the names of operations begin with that change nothing
_RUNNING_NOW = STOPPING | {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}


@dataclass(frozen=True)
class Api:
    """Answers calls for one account and region. Where it ``only_reads`` it changes nothing, whoever calls."""

    context: RequestContext
    jobs: JobStarter
    passed_roles: PassedRoles
    only_reads: bool = False

    def answer(self, target: str, parameters: JsonObject, caller: Caller) -> JsonObject:
        """The answer to a call; ``target`` is the X-Amz-Target. Raises ApiError where the call is refused."""
        operation = operation_model(target)
        if self.only_reads and not operation.name.startswith(_READING):
            raise AccessDeniedException(
                f"User: {caller.arn} is not authorized to perform: forecast:{operation.name} at this address,"
                f" which reads alone; found {operation.name}, wanted an operation such as ListForecasts"
            )
        check(operation, parameters)
        request = {field: value for field, value in parameters.items() if value is not None}
        self.passed_roles.refuse_unless_allowed(caller, request)
        api = replace(self, context=replace(self.context, caller_arn=caller.arn))
        return OPERATIONS[operation.name].answer(api, request)


class Operation(Protocol):
    """Answers the requests of one operation."""

    def answer(self, api: Api, request: JsonObject) -> JsonObject:
        """The answer to a checked request. Raises ApiError where it is refused."""


@dataclass(frozen=True)
class Create:
    """A Create operation of a kind: ``rules`` make a draft of a request, or refuse it."""

    kind: ResourceKind
    rules: Callable[[RequestContext, JsonObject], Draft]

    def answer(self, api: Api, request: JsonObject) -> JsonObject:
        record_tags = request.get("Tags", [])
        tags.check_tags(record_tags)
        try:
            draft = self.rules(api.context, {field: value for field, value in request.items() if field != "Tags"})
            quotas.check_creation(api.context.records, api.jobs, draft.record)
        except (ResourceInUseException, LimitExceededException):
            self._refuse_taken_name(api.context, request)
            raise
        record = draft.record
        record.tags = record_tags
        try:
            api.context.records.create(record, draft.changes, draft.dependents)
        except StatusConflictError as conflict:
            raise ResourceInUseException(f"Cannot create {record.arn}: {conflict}, and must be ACTIVE") from conflict
        if self.kind.has_job:
            _start_creation(api, draft)
        return {self.kind.arn_field: record.arn}

    def _refuse_taken_name(self, context: RequestContext, request: JsonObject) -> None:
        """Say that a name is taken rather than that something is busy or full: with that very creation, it may be."""
        kind = self.kind
        above: Sequence[str] = ()
        if kind.names_in_arn:
            above = kind.names_in_arn(context, request)
        elif kind.parent_in_arn:
            parent = RESOURCE_KINDS[kind.parent_in_arn]
            above = (context.get(parent.name, request[parent.arn_field]).name,)
        arn = context.arn_scope.arn(kind.name, *above, request[kind.name_field])
        context.records.refuse_taken_name(kind.name, arn)


def _start_creation(api: Api, draft: Draft) -> None:
    """Start the job. Where that fails, nothing is left of the creation, so that the client's next try is its first."""
    try:
        api.jobs.start(draft.record, "create")
    except Exception:
        for record in (*draft.dependents, draft.record):
            api.context.records.delete(record.arn)
        for change in draft.changes:
            if change.attributes:  # the dataset of an import is free again
                api.context.records.update(change.arn, {change.attributes["status"]}, status="ACTIVE")
        raise


@dataclass(frozen=True)
class Describe:
    """A Describe operation of a kind: ``more`` adds the fields that do not follow from the record."""

    kind: ResourceKind
    operation: str
    more: Callable[[RequestContext, Record], JsonObject]

    def answer(self, api: Api, request: JsonObject) -> JsonObject:
        stored = api.context.get(self.kind.name, request[self.kind.arn_field])
        record = stored if api.only_reads else reconcile(api.context.records, api.jobs, stored)
        fields = _record_fields(self.kind, record) | self.more(api.context, record)
        return _only(fields, service_model("forecast").operation_model(self.operation).output_shape)


@dataclass(frozen=True)
class List:
    """The List operation of a kind."""

    kind: ResourceKind

    def answer(self, api: Api, request: JsonObject) -> JsonObject:
        records, token = list_page(api.context.records, self.kind, request)
        shape = service_model("forecast").shape_for(f"{self.kind.noun}Summary")
        summaries = []
        for record in records:
            fields = _record_fields(self.kind, record) | self.kind.summary(api.context, record)
            summaries.append(_only(fields, shape))
        return {self.kind.plural: summaries} | ({"NextToken": token} if token else {})


@dataclass(frozen=True)
class Delete:
    """The Delete operation of a kind."""

    kind: ResourceKind

    def answer(self, api: Api, request: JsonObject) -> JsonObject:
        deletion.delete(api.context, api.jobs, RESOURCE_KINDS, self.kind, request[self.kind.arn_field])
        return {}


class DeleteResourceTree:
    """Delete a resource of any kind, and all below it."""

    def answer(self, api: Api, request: JsonObject) -> JsonObject:
        deletion.delete_tree(api.context, api.jobs, RESOURCE_KINDS, request["ResourceArn"])
        return {}


class StopResource:
    """Stop a resource of any kind that can be stopped."""

    def answer(self, api: Api, request: JsonObject) -> JsonObject:
        stop.stop(api.context, api.jobs, RESOURCE_KINDS, request["ResourceArn"])
        return {}


class ResumeResource:
    """Resume a monitor that was stopped."""

    def answer(self, api: Api, request: JsonObject) -> JsonObject:
        stop.resume(api.context, RESOURCE_KINDS, request["ResourceArn"])
        return {}


@dataclass(frozen=True)
class OwnOperation:
    """An operation that only one kind has, or that is about tags."""

    function: Callable[[RequestContext, JsonObject], JsonObject]

    def answer(self, api: Api, request: JsonObject) -> JsonObject:
        return self.function(api.context, request)


def _record_fields(kind: ResourceKind, record: Record) -> JsonObject:
    """All fields of the API's answers that follow from a record."""
    fields = record.request | record.outcome
    fields |= {
        kind.arn_field: record.arn,
        kind.name_field: record.name,
        "Status": record.status,
        "CreationTime": record.creation_time,
        "LastModificationTime": now() if record.status in _RUNNING_NOW else record.last_modification_time,
    }
    return fields | ({"Message": record.message} if record.message is not None else {})


def _only(fields: JsonObject, shape: Shape | None) -> JsonObject:
    """The fields that a structure of Amazon's model has, in its order."""
    return {field: fields[field] for field in cast(StructureShape, shape).members if field in fields}


def _operations_of(kind: ResourceKind) -> Mapping[str, Operation]:
    operations: dict[str, Operation] = {name: Create(kind, rules) for name, rules in kind.creates.items()}
    operations |= {name: Describe(kind, name, more) for name, more in kind.describes.items()}
    operations |= {name: OwnOperation(function) for name, function in kind.operations.items()}
    return operations | {f"List{kind.plural}": List(kind), f"Delete{kind.noun}": Delete(kind)}


OPERATIONS: Mapping[str, Operation] = {
    "DeleteResourceTree": DeleteResourceTree(),
    "StopResource": StopResource(),
    "ResumeResource": ResumeResource(),
    **{name: OwnOperation(function) for name, function in tags.OPERATIONS.items()},
    **{name: operation for kind in RESOURCE_KINDS.values() for name, operation in _operations_of(kind).items()},
}
