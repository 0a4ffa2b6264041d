"""Evaluations of monitors: sub-resources, which the API lists under their monitor and shows without an ARN."""

from forecast_service.monitors.evaluations import is_result, state_of
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.listing import list_page
from forecast_service.resources.resource_kind import RequestContext, ResourceKind


def list_of_monitor(context: RequestContext, request: JsonObject) -> JsonObject:
    """ListMonitorEvaluations: those of one monitor that have ended, newest first."""
    monitor = context.get("monitor", request["MonitorArn"])
    records, token = list_page(context.records, KIND, request, parent=monitor.arn, shows=is_result)
    evaluations = [_fields(monitor, record) for record in records]
    return {"PredictorMonitorEvaluations": evaluations} | ({"NextToken": token} if token else {})


def _fields(monitor: Record, evaluation: Record) -> JsonObject:
    fields = evaluation.request | evaluation.outcome
    fields |= {
        "ResourceArn": monitor.parents["predictor"],
        "MonitorArn": monitor.arn,
        "EvaluationTime": evaluation.creation_time,
        "EvaluationState": state_of(evaluation),
    }
    return fields | ({"Message": evaluation.message} if evaluation.message is not None else {})


KIND = ResourceKind(
    name="monitor_evaluation",
    noun="MonitorEvaluation",
    plural="MonitorEvaluations",
    creates={},
    describes={},
    filters={"EvaluationState": state_of},
)
