"""Exports of an explainability's scores to the caller's bucket."""

from forecast_service.resources.explainability import explained_arn
from forecast_service.resources.export import draft_below
from forecast_service.resources.kind import ControlPlane, Document, Draft, ResourceKind, nothing_more, status_filter


def draft(control_plane: ControlPlane, request: Document) -> Draft:
    """The explainability has to be ACTIVE."""
    explainability = control_plane.get("explainability", request["ExplainabilityArn"])
    name = request["ExplainabilityExportName"]
    export = draft_below(control_plane, request, "explainability_export", name, explainability)
    export.record.inputs = {"explained": explained_arn(explainability)}
    return export


KIND = ResourceKind(
    kind="explainability_export",
    noun="ExplainabilityExport",
    plural="ExplainabilityExports",
    creates={"CreateExplainabilityExport": draft},
    describes={"DescribeExplainabilityExport": nothing_more},
    parent_in_arn="explainability",
    filters={"ResourceArn": lambda export: str(export.inputs["explained"]), "Status": status_filter},
)
