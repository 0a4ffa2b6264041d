"""Tags: the tags of a Create request, and the three operations that list, set and remove tags."""

from collections.abc import Callable

from forecast_service.records.errors import (
    InvalidInputException,
    LimitExceededException,
    ResourceNotFoundException,
    shown,
)
from forecast_service.records.record import Change, JsonObject, StatusConflictError
from forecast_service.resources.resource_kind import Operation, RequestContext

Tags = list[dict[str, str]]

_LARGEST_COUNT = 50
CREATED_BY = "aws:almanac:created-by"  # of those that begin with aws:, which nobody can set and which do not count


def check_tags(tags: Tags) -> None:
    """Refuse more than 50 tags, a key given twice, and keys that are Amazon's own."""
    keys = [tag["Key"] for tag in tags]
    _check_count(keys)
    for key in keys:
        if key.lower().startswith("aws:"):
            raise InvalidInputException(f"Tag keys must not start with aws: ; found {shown(repr(key))}")
        if keys.count(key) > 1:
            raise InvalidInputException(f"Tag key {shown(repr(key))} is given more than once")


def list_tags(context: RequestContext, request: JsonObject) -> JsonObject:
    """ListTagsForResource: those that were given, and who created the resource."""
    record = context.resource(request["ResourceArn"])
    creator = [{"Key": CREATED_BY, "Value": record.created_by}] if record.created_by else []
    return {"Tags": [*record.tags, *creator]}


def tag(context: RequestContext, request: JsonObject) -> JsonObject:
    """TagResource: add tags; one whose key is there gets the new value."""
    check_tags(request["Tags"])
    new = {added["Key"]: added for added in request["Tags"]}

    def changed(tags: Tags) -> Tags:
        merged = {old["Key"]: old for old in tags} | new
        _check_count(list(merged))
        return list(merged.values())

    return _change(context, request["ResourceArn"], changed)


def untag(context: RequestContext, request: JsonObject) -> JsonObject:
    """UntagResource: remove tags by their keys; a key that is not there is no error."""
    return _change(
        context,
        request["ResourceArn"],
        lambda tags: [kept for kept in tags if kept["Key"] not in request["TagKeys"]],
    )


def _check_count(keys: list[str]) -> None:
    if len(keys) > _LARGEST_COUNT:
        raise LimitExceededException(f"A resource can have {_LARGEST_COUNT} tags; found {len(keys)}")


def _change(context: RequestContext, arn: str, changed: Callable[[Tags], Tags]) -> JsonObject:
    """Replace the tags of a resource by what ``changed`` makes of them; again if another call was faster."""
    while True:
        before = context.resource(arn).tags
        try:
            context.records.apply([Change(arn, None, {"tags": changed(before)}, expect_tags=before)])
        except StatusConflictError as conflict:
            if conflict.status is None:
                raise ResourceNotFoundException(arn) from conflict
        else:
            return {}


OPERATIONS: dict[str, Operation] = {"ListTagsForResource": list_tags, "TagResource": tag, "UntagResource": untag}
