"""Where an export goes, and in which format."""

from forecast_service.resources.kind import Document


def with_defaults(request: Document) -> Document:
    """A checked request of an export, with its format."""
    return {"Format": "CSV"} | request
