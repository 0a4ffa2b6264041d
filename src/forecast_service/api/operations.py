"""The control plane: every operation of the API, from the descriptions of the resources.

A call is checked against Amazon's model, then answered by the one function that belongs to its operation: Create,
Describe, List and Delete of each kind are the same four functions, and a kind may add operations of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from botocore.model import Shape, StructureShape

from forecast_service.api import deletion, quotas, stop
from forecast_service.api.validation import check, operation_model, service_model
from forecast_service.records.errors import LimitExceededException, ResourceInUseException
from forecast_service.records.job_start import JobStarter
from forecast_service.records.lifecycle import DELETING, RUNNING, STOPPING, fail, fail_deletion, stopped
from forecast_service.records.table import Record, StatusConflictError, now
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
from forecast_service.resources.kind import ControlPlane, Document, Draft, ResourceKind
from forecast_service.resources.listing import list_page

KINDS = (
    dataset_group.KIND,
    dataset.KIND,
    dataset_import_job.KIND,
    predictor.KIND,
    predictor_backtest_export_job.KIND,
    forecast.KIND,
    forecast_export_job.KIND,
    explainability.KIND,
    explainability_export.KIND,
    monitor.KIND,
    what_if_analysis.KIND,
    what_if_forecast.KIND,
    what_if_forecast_export.KIND,
)

_KINDS = {kind.kind: kind for kind in KINDS}
_RUNNING_NOW = STOPPING | {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
# A job that has not moved for so long is looked for. Most are well and working; one may never have been started, since
# the process ended between record and start, or have been aborted before it could write how it ended.
_SECONDS_UNTIL_A_JOB_IS_LOOKED_FOR = 60
_ENDED_BADLY = ("FAILED", "TIMED_OUT", "ABORTED")


@dataclass(frozen=True)
class Api:
    """Answers calls for one account and region."""

    control_plane: ControlPlane
    jobs: JobStarter

    def answer(self, target: str, parameters: Document) -> Document:
        """The answer to a call; ``target`` is the X-Amz-Target. Raises ApiError where the call is refused."""
        operation = operation_model(target)
        check(operation, parameters)
        given = {member: value for member, value in parameters.items() if value is not None}
        return OPERATIONS[operation.name](self, given)


def _create(
    rules: Callable[[ControlPlane, Document], Draft], kind: ResourceKind, api: Api, request: Document
) -> Document:
    tags.check_tags(request.get("Tags", []))
    try:
        draft = rules(api.control_plane, {member: value for member, value in request.items() if member != "Tags"})
        quotas.check_creation(api.control_plane.records, draft.record, partial(_mended, api))
    except (ResourceInUseException, LimitExceededException):
        _refuse_taken_name(kind, api, request)
        raise
    record = draft.record
    record.tags = request.get("Tags", [])
    try:
        api.control_plane.records.create(record, draft.changes, draft.companions)
    except StatusConflictError as conflict:
        raise ResourceInUseException(f"Cannot create {record.arn}: {conflict}, and must be ACTIVE") from conflict
    if kind.has_job:
        _start_creation(api, draft)
    return {kind.arn_member: record.arn}


def _refuse_taken_name(kind: ResourceKind, api: Api, request: Document) -> None:
    """Say that a name is taken rather than that something is busy or full: with that very creation, it may be."""
    control_plane = api.control_plane
    above: Sequence[str] = ()
    if kind.names_in_arn:
        above = kind.names_in_arn(control_plane, request)
    elif kind.parent_in_arn:
        parent = _KINDS[kind.parent_in_arn]
        above = (control_plane.get(parent.kind, request[parent.arn_member]).name,)
    arn = control_plane.home.arn(kind.kind, *above, request[kind.name_member])
    control_plane.records.refuse_taken_name(kind.kind, arn)


def _start_creation(api: Api, draft: Draft) -> None:
    """Start the job. Where that fails, nothing is left of the creation, so that the client's next try is its first."""
    try:
        api.jobs.start(draft.record, "create")
    except Exception:
        for record in (*draft.companions, draft.record):
            api.control_plane.records.delete(record.arn)
        for change in draft.changes:
            if change.attributes:  # the dataset of an import is free again
                api.control_plane.records.update(change.arn, {change.attributes["status"]}, status="ACTIVE")
        raise


def _describe(
    more: Callable[[ControlPlane, Record], Document], kind: ResourceKind, operation: str, api: Api, request: Document
) -> Document:
    record = api.control_plane.get(kind.kind, request[kind.arn_member])
    record = _mended(api, record)
    members = _members(kind, record) | more(api.control_plane, record)
    return _only(members, service_model("forecast").operation_model(operation).output_shape)


def _mended(api: Api, record: Record) -> Record:
    """The record, after a look for its job if that has not moved for long: no resource stays in between for ever."""
    creating, deleting = record.status in RUNNING, record.status in DELETING
    stopping = record.status in STOPPING
    is_old = now() - record.last_modification_time > _SECONDS_UNTIL_A_JOB_IS_LOOKED_FOR
    if not is_old or not (creating or deleting or stopping):
        return record
    action = "stop" if stopping else "create" if creating else "delete"
    state = api.jobs.state(record, action)
    if state is None and stopping:
        api.jobs.stop(record)
    elif state is None and not (creating and _waits_for_a_parent(api, record)):
        api.jobs.start(record, action)
    elif state in _ENDED_BADLY and stopping:
        return stopped(api.control_plane.records, record.arn)
    elif state in _ENDED_BADLY:
        end = fail if creating else fail_deletion
        return end(api.control_plane.records, record.arn, f"The job ended as {state} before it could say why")
    return record


def _waits_for_a_parent(api: Api, record: Record) -> bool:
    """Whether a record came with another whose job is still on its way: its own starts when that has ended."""
    parents = [api.control_plane.records.get(arn) for arn in record.parents.values()]
    return any(parent.status in RUNNING | STOPPING for parent in parents)


def _list(kind: ResourceKind, api: Api, request: Document) -> Document:
    records, token = list_page(api.control_plane.records, kind, request)
    shape = service_model("forecast").shape_for(f"{kind.noun}Summary")
    summaries = []
    for record in records:
        members = _members(kind, record) | kind.summary(api.control_plane, record)
        summaries.append(_only(members, shape))
    return {kind.plural: summaries} | ({"NextToken": token} if token else {})


def _delete(kind: ResourceKind, api: Api, request: Document) -> Document:
    deletion.delete(api.control_plane, api.jobs, kind, request[kind.arn_member])
    return {}


def _delete_tree(api: Api, request: Document) -> Document:
    """DeleteResourceTree."""
    deletion.delete_tree(api.control_plane, api.jobs, _KINDS, request["ResourceArn"])
    return {}


def _stop(api: Api, request: Document) -> Document:
    """StopResource."""
    stop.stop(api.control_plane, api.jobs, _KINDS, request["ResourceArn"])
    return {}


def _resume(api: Api, request: Document) -> Document:
    """ResumeResource."""
    stop.resume(api.control_plane, _KINDS, request["ResourceArn"])
    return {}


def _members(kind: ResourceKind, record: Record) -> Document:
    """All members of the API's answers that follow from a record."""
    members = record.request | record.outcome
    members |= {
        kind.arn_member: record.arn,
        kind.name_member: record.name,
        "Status": record.status,
        "CreationTime": record.creation_time,
        "LastModificationTime": now() if record.status in _RUNNING_NOW else record.last_modification_time,
    }
    return members | ({"Message": record.message} if record.message is not None else {})


def _only(members: Document, shape: Shape | None) -> Document:
    """The members that a structure of Amazon's model has, in its order."""
    return {member: members[member] for member in cast(StructureShape, shape).members if member in members}


def _own(function: Callable[[ControlPlane, Document], Document], api: Api, request: Document) -> Document:
    return function(api.control_plane, request)


def _operations() -> dict[str, Callable[[Api, Document], Document]]:
    operations: dict[str, Callable[[Api, Document], Document]] = {
        name: partial(_own, function) for name, function in tags.OPERATIONS.items()
    }
    operations |= {"DeleteResourceTree": _delete_tree, "StopResource": _stop, "ResumeResource": _resume}
    for kind in KINDS:
        operations |= {name: partial(_create, rules, kind) for name, rules in kind.creates.items()}
        operations |= {name: partial(_describe, more, kind, name) for name, more in kind.describes.items()}
        operations |= {name: partial(_own, function) for name, function in kind.operations.items()}
        operations[f"List{kind.plural}"] = partial(_list, kind)
        operations[f"Delete{kind.noun}"] = partial(_delete, kind)
    return operations


OPERATIONS = _operations()
