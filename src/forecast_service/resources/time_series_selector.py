"""``TimeSeriesSelector``: a file that names the series of a forecast, one a row."""

from forecast_service.errors import InvalidInputException
from forecast_service.resources.kind import Document

_MEMBER = "TimeSeriesSelector.TimeSeriesIdentifiers"


def check_selector(request: Document, key_names: list[str]) -> None:
    """Refuse a selector whose file or schema is missing, or whose schema is not of what tells series apart."""
    if "TimeSeriesSelector" not in request:
        return
    identifiers = request["TimeSeriesSelector"].get("TimeSeriesIdentifiers", {})
    for member in ("DataSource", "Schema"):
        if member not in identifiers:
            raise InvalidInputException(f"{_MEMBER}.{member} is required, so that the series can be read")
    names = []
    for attribute in identifiers["Schema"].get("Attributes", []):
        name, attribute_type = attribute.get("AttributeName"), attribute.get("AttributeType")
        if attribute_type != "string":
            raise InvalidInputException(f"{_MEMBER}.Schema: {name} is of type {attribute_type}, and must be a string")
        names.append(name)
    if sorted(map(str, names)) != sorted(key_names):
        found, wanted = ", ".join(map(str, names)) or "none", ", ".join(key_names)
        raise InvalidInputException(f"{_MEMBER}.Schema: the attributes are {found}; a series is named by {wanted}")
