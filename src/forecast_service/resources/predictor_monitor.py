"""The monitor of a predictor: created by itself, or together with the predictor."""

from forecast_service.monitors.evaluations import monitor_of
from forecast_service.records.arn import ulid
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.resource_kind import RequestContext


def new_monitor(context: RequestContext, request: JsonObject, predictor: Record) -> Record:
    """The record of a monitor that a CreateMonitor request asks for; its ARN carries a ULID behind the name."""
    record = context.new_record("monitor", request["MonitorName"], request)
    record.arn = f"{record.arn}_{ulid()}"
    record.parents = {"predictor": predictor.arn}
    return record


def dependent(context: RequestContext, predictor: Record, reference: Record | None) -> Record | None:
    """The monitor that comes with a predictor about to be created; None where there is to be none.

    ``MonitorConfig`` asks for a monitor. A predictor that is trained again while its monitor is ACTIVE keeps being
    monitored: the new predictor gets a monitor of its own, named after the new predictor.
    """
    config = predictor.request.get("MonitorConfig")
    if config is None:
        before = monitor_of(context.records, reference.arn) if reference else None
        if before is None or before.status != "ACTIVE":
            return None
        config = {"MonitorName": predictor.name}
    return new_monitor(context, config | {"ResourceArn": predictor.arn}, predictor)


def info(context: RequestContext, predictor: Record) -> JsonObject:
    """``MonitorInfo`` of DescribeAutoPredictor, where there is a monitor."""
    monitor = monitor_of(context.records, predictor.arn)
    return {"MonitorInfo": {"MonitorArn": monitor.arn, "Status": monitor.status}} if monitor else {}
