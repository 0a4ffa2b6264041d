"""Where an export goes, and in which format."""

from forecast_service.resources.kind import Document
from forecast_service.resources.unsupported import refuse


def with_defaults(request: Document) -> Document:
    """A checked request of an export, with its format."""
    refuse(request, "Destination.S3Config.KMSKeyArn")
    return {"Format": "CSV"} | request
