"""Monitors of auto predictors."""

from forecast_service.monitors.evaluations import is_result, monitor_of, state_of
from forecast_service.records.errors import InvalidInputException, ResourceAlreadyExistsException
from forecast_service.records.kinds import KINDS
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources import monitor_evaluation
from forecast_service.resources.predictor import is_auto
from forecast_service.resources.predictor_monitor import new_monitor
from forecast_service.resources.resource_kind import (
    Draft,
    RequestContext,
    ResourceKind,
    active,
    require_active,
    status_filter,
)


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """The predictor has to be an ACTIVE auto predictor without a monitor."""
    predictor = context.get("predictor", request["ResourceArn"])
    if not is_auto(predictor):
        raise InvalidInputException(f"{predictor.arn} is no AutoPredictor: only those can be monitored")
    require_active(predictor, "create the monitor")
    present = monitor_of(context.records, predictor.arn)
    if present:
        raise ResourceAlreadyExistsException(f"{KINDS['monitor'].noun} of this predictor", present.arn)
    return Draft(new_monitor(context, request, predictor), [active(predictor)])


def describe(context: RequestContext, monitor: Record) -> JsonObject:
    """DescribeMonitor: the latest evaluation is told beside the baseline that the job found."""
    evaluations = context.records.children_of(monitor.arn, "monitor_evaluation")
    latest = next((evaluation for evaluation in evaluations if is_result(evaluation)), None)
    if latest is None:
        return {}
    return {"LastEvaluationTime": latest.creation_time, "LastEvaluationState": state_of(latest)}


KIND = ResourceKind(
    name="monitor",
    noun="Monitor",
    plural="Monitors",
    creates={"CreateMonitor": draft},
    describes={"DescribeMonitor": describe},
    is_resumable=True,
    filters={"Status": status_filter},
    operations={"ListMonitorEvaluations": monitor_evaluation.list_of_monitor},
)
