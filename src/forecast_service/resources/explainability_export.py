"""Exports of an explainability's scores to the caller's bucket."""

from forecast_service.resources.destination import with_defaults
from forecast_service.resources.explainability import explained_arn
from forecast_service.resources.kind import (
    ControlPlane,
    Document,
    Draft,
    ResourceKind,
    active,
    nothing_more,
    require_active,
    status_filter,
)


def draft(control_plane: ControlPlane, request: Document) -> Draft:
    """The explainability has to be ACTIVE."""
    request = with_defaults(request)
    explainability = control_plane.get("explainability", request["ExplainabilityArn"])
    require_active(explainability, "export the explainability")
    name = request["ExplainabilityExportName"]
    record = control_plane.new_record("explainability_export", name, request, parent=explainability)
    record.parents = {"explainability": explainability.arn}
    record.inputs = {"explained": explained_arn(explainability)}
    return Draft(record, [active(explainability)])


KIND = ResourceKind(
    kind="explainability_export",
    noun="ExplainabilityExport",
    plural="ExplainabilityExports",
    creates={"CreateExplainabilityExport": draft},
    describes={"DescribeExplainabilityExport": nothing_more},
    parent_in_arn="explainability",
    filters={"ResourceArn": lambda export: str(export.inputs["explained"]), "Status": status_filter},
)
