"""What all exports have in common: they need a source that is done, lie below it, and have a format."""

from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.resource_kind import Draft, RequestContext, active, require_active


def with_defaults(request: JsonObject) -> JsonObject:
    """A checked request of an export, with its format."""
    return {"Format": "CSV"} | request


def draft_below(context: RequestContext, request: JsonObject, kind: str, name: str, source: Record) -> Draft:
    """An export of one resource, which has to be ACTIVE. Raises ResourceInUseException."""
    require_active(source, f"create the {kind.replace('_', ' ')}")
    record = context.new_record(kind, name, with_defaults(request), parent=source)
    record.parents = {source.kind: source.arn}
    return Draft(record, [active(source)])
