"""Exports of an explainability's scores to the caller's bucket."""

from forecast_service.records.record import JsonObject
from forecast_service.resources.explainability import explained_arn
from forecast_service.resources.request_rules.export import draft_below
from forecast_service.resources.resource_kind import Draft, RequestContext, ResourceKind, nothing_more, status_filter


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """The explainability has to be ACTIVE."""
    explainability = context.get("explainability", request["ExplainabilityArn"])
    name = request["ExplainabilityExportName"]
    export = draft_below(context, request, "explainability_export", name, explainability)
    export.record.inputs = {"explained": explained_arn(explainability)}
    return export


KIND = ResourceKind(
    name="explainability_export",
    noun="ExplainabilityExport",
    plural="ExplainabilityExports",
    creates={"CreateExplainabilityExport": draft},
    describes={"DescribeExplainabilityExport": nothing_more},
    parent_in_arn="explainability",
    filters={"ResourceArn": lambda export: export.inputs["explained"], "Status": status_filter},
)
