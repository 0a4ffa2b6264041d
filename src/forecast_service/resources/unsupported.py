"""Options of the API that nothing here honours yet are refused by name, never silently accepted."""

from typing import Any

from forecast_service.errors import InvalidInputException


def refuse(request: dict[str, Any], *members: str) -> None:
    """Raise InvalidInputException for the first member that asks for something; ``false`` and empty ask for nothing."""
    for member in members:
        value: Any = request
        for part in member.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value:
            raise InvalidInputException(f"{member} is not supported yet: leave it out")
