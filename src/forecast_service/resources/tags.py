"""Tags that a Create brings along."""

from forecast_service.errors import InvalidInputException, LimitExceededException

_LARGEST_COUNT = 50


def check_tags(tags: list[dict[str, str]]) -> None:
    """Refuse more than 50 tags, a key given twice, and keys that are Amazon's own."""
    keys = [tag["Key"] for tag in tags]
    if len(keys) > _LARGEST_COUNT:
        raise LimitExceededException(f"A resource can have {_LARGEST_COUNT} tags; found {len(keys)}")
    for key in keys:
        if key.lower().startswith("aws:"):
            raise InvalidInputException(f"Tag keys must not start with aws: ; found {key!r}")
        if keys.count(key) > 1:
            raise InvalidInputException(f"Tag key {key!r} is given more than once")
