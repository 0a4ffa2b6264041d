"""``TimeSeriesSelector``: a file that names the series of a forecast, one a row."""

from forecast_service.records.errors import InvalidInputException, shown
from forecast_service.records.record import JsonObject

_MEMBER = "TimeSeriesSelector.TimeSeriesIdentifiers"


def check_selector(request: JsonObject, key_names: list[str]) -> None:
    """Refuse a selector whose file or schema is missing, or whose schema is not of what tells series apart."""
    if "TimeSeriesSelector" in request:
        check_identifiers(request["TimeSeriesSelector"].get("TimeSeriesIdentifiers", {}), key_names, f"{_MEMBER}.")


def check_identifiers(identifiers: JsonObject, key_names: list[str], path: str = "") -> None:
    """The same for the fields ``DataSource`` and ``Schema`` wherever they are; ``path`` precedes their names."""
    for field in ("DataSource", "Schema"):
        if field not in identifiers:
            raise InvalidInputException(f"{path}{field} is required, so that the series can be read")
    names = []
    for attribute in identifiers["Schema"].get("Attributes", []):
        name, attribute_type = attribute.get("AttributeName"), attribute.get("AttributeType")
        if attribute_type != "string":
            raise InvalidInputException(f"{path}Schema: {name} is of type {attribute_type}, and must be a string")
        names.append(name)
    if sorted(map(str, names)) != sorted(key_names):
        found, wanted = ", ".join(map(str, names)) or "none", ", ".join(key_names)
        raise InvalidInputException(f"{path}Schema: the attributes are {shown(found)}; a series is named by {wanted}")
