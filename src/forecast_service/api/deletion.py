"""Deletion, as far as the control plane goes: resources are marked DELETE_PENDING, and one job removes them.

Delete refuses a resource with children that keep it, such as a predictor with forecasts; children that do not, such as
the exports of a forecast, go with it, once they have ended. DeleteResourceTree deletes all children. A marked parent
gets no new children, so that the resources found below it after that are all there are.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from forecast_service.records.errors import ResourceInUseException, ResourceNotFoundException
from forecast_service.records.job_start import JobStarter
from forecast_service.records.kinds import KINDS, SUBRESOURCES
from forecast_service.records.lifecycle import DELETING, ENDED
from forecast_service.records.record import Change, Record, StatusConflictError, now
from forecast_service.resources.resource_kind import RequestContext, ResourceKind

_DELETABLE = ENDED | {"DELETE_FAILED"}
_CHANGES_AT_ONCE = 100  # of one transaction in DynamoDB


def delete(
    context: RequestContext, jobs: JobStarter, kinds: Mapping[str, ResourceKind], kind: ResourceKind, arn: str
) -> None:
    """Mark a resource DELETE_PENDING, and start the job of its deletion. Idempotent.

    Children of the kinds that do not keep it are marked, too. ResourceInUseException names one that does keep it.
    """
    record = context.get(kind.name, arn)
    if record.status not in DELETING:
        _refuse_children(context, kind, record)
        _mark_tree(context, kinds, record)
    _start(context, jobs, arn)


def delete_tree(context: RequestContext, jobs: JobStarter, kinds: Mapping[str, ResourceKind], arn: str) -> None:
    """Mark a resource and all resources below it, and start the job of the resource, which removes them all.

    All or none are marked. ResourceInUseException names one that is being created, or that a running job needs.
    """
    root = context.resource(arn)
    if root.status not in DELETING:
        _mark_tree(context, kinds, root)
    _start(context, jobs, arn)


def _mark_tree(context: RequestContext, kinds: Mapping[str, ResourceKind], root: Record) -> None:
    """Make a resource and all below it DELETE_PENDING, or none, as where one was created meanwhile."""
    tree = [root, *_resources_below(context, root.arn)]
    marked = [record for record in tree if record.status not in DELETING]
    _mark(context, marked, kinds)
    newer = [record for record in _resources_below(context, root.arn) if record.status not in DELETING]
    if newer:
        _unmark(context, marked)
        reason = f"it has children that were created meanwhile: {newer[0].arn} is {newer[0].status}"
        raise ResourceInUseException(f"Cannot delete {root.arn}: {reason}")


def _mark(context: RequestContext, records: Sequence[Record], kinds: Mapping[str, ResourceKind]) -> None:
    """Make all DELETE_PENDING, from the top down, or none."""
    for record in records:
        if record.status not in _DELETABLE:
            found = "it" if record is records[0] else f"its {KINDS[record.kind].noun} {record.arn}"
            raise ResourceInUseException(f"Cannot delete {records[0].arn}: {found} is {record.status}")
    for name in {record.kind for record in records}:
        kinds[name].refuse_deletion(context, [record for record in records if record.kind == name])
    marked = {"status": "DELETE_PENDING", "last_modification_time": now()}
    for first in range(0, len(records), _CHANGES_AT_ONCE):
        part = records[first : first + _CHANGES_AT_ONCE]
        try:
            context.records.apply([Change(r.arn, frozenset({r.status}), marked) for r in part])
        except StatusConflictError as conflict:
            if conflict.status in DELETING and conflict.arn == records[0].arn:  # another call was faster
                return
            _unmark(context, records[:first])
            if conflict.status is None and conflict.arn == records[0].arn:
                raise ResourceNotFoundException(conflict.arn) from conflict
            raise ResourceInUseException(f"Cannot delete {records[0].arn}: {conflict}") from conflict


def _unmark(context: RequestContext, records: Sequence[Record]) -> None:
    """Give records that were marked what they had before."""
    for record in records:
        before = {"status": record.status, "last_modification_time": record.last_modification_time}
        with suppress(StatusConflictError):  # another call has started its deletion
            context.records.apply([Change(record.arn, frozenset({"DELETE_PENDING"}), before)])


def _resources_below(context: RequestContext, arn: str) -> list[Record]:
    """All resources below one, level by level. Sub-resources are not listed: they are deleted with their parent."""
    return [record for record in context.records.descendants_of(arn) if record.kind not in SUBRESOURCES]


def _refuse_children(context: RequestContext, kind: ResourceKind, record: Record) -> None:
    keeping = [
        child
        for child in context.records.children_of(record.arn)
        if child.kind not in SUBRESOURCES and child.kind not in kind.deleted_with_it
    ]
    if keeping:
        reason = f"it has children, such as {keeping[0].arn}, which must be deleted first"
        raise ResourceInUseException(f"Cannot delete {record.arn}: {reason}")


def _start(context: RequestContext, jobs: JobStarter, arn: str) -> None:
    record = context.records.get(arn)
    if record.status == "DELETE_PENDING":
        jobs.start(record, "delete")
